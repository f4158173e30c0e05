//! The FHIR package cache (`~/.fhir/packages`): a folder `ID#VERSION` for each package. The only place where packages are written.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::{archive, file_error, folder};
use crate::guide::compile::Compiled;
use crate::guide::error::GuideError;
use crate::guide::facts::GuideId;

/// Where the cache is by convention, when the home folder is known.
pub fn default_folder() -> Option<PathBuf> {
    std::env::home_dir().filter(|home| !home.as_os_str().is_empty()).map(|home| home.join(".fhir").join("packages"))
}

/// The package's folder in the cache.
pub fn place(cache: &Path, id: &GuideId) -> Option<PathBuf> {
    id.is_well_formed().then(|| cache.join(id.to_string()))
}

/// The cached package, if it is there.
///
/// # Errors
/// It is there and cannot be used.
pub fn load(cache: &Path, id: &GuideId) -> Result<Option<Compiled>, GuideError> {
    let Some(place) = place(cache, id).filter(|place| place.is_dir()) else { return Ok(None) };
    folder::compile(&place).map(Some)
}

/// The packages in the cache, in order.
///
/// # Errors
/// The folder cannot be read; one that does not exist is empty.
pub fn list(cache: &Path) -> Result<Vec<GuideId>, GuideError> {
    if !cache.is_dir() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(cache).map_err(file_error("read", cache))? {
        let entry = entry.map_err(file_error("read", cache))?;
        if let Some(id) = entry.file_name().to_str().and_then(|name| name.parse::<GuideId>().ok())
            && entry.path().is_dir()
        {
            found.push(id);
        }
    }
    found.sort();
    Ok(found)
}

/// Puts into the cache a package's archive that was read through before, as `compile_archive` does. It is unpacked beside its place and then
/// renamed into it, so that a half-written package is never there.
///
/// # Errors
/// The archive is broken, unsafe or too large, or the cache cannot be written.
pub fn store(cache: &Path, id: &GuideId, label: &str, packed: &[u8]) -> Result<(), GuideError> {
    let Some(place) = place(cache, id) else { return Err(GuideError::NotAGuideId { text: id.to_string() }) };
    fs::create_dir_all(cache).map_err(file_error("create", cache))?;
    static STORED: AtomicU64 = AtomicU64::new(0);
    let building = cache.join(format!(".{id}.{}.{}.new", std::process::id(), STORED.fetch_add(1, Ordering::Relaxed)));
    let stored = unpack(&building, label, packed).and_then(|()| swap(&building, &place));
    if stored.is_err() {
        // The error that matters is the first; what is left behind is only a hidden folder.
        let _ = fs::remove_dir_all(&building);
    }
    stored
}

fn unpack(building: &Path, label: &str, packed: &[u8]) -> Result<(), GuideError> {
    if building.exists() {
        fs::remove_dir_all(building).map_err(file_error("clear", building))?;
    }
    fs::create_dir(building).map_err(file_error("create", building))?;
    archive::read(label, packed, &mut |path, content| {
        let file = building.join(path);
        let parent = file.parent().unwrap_or(building);
        fs::create_dir_all(parent).map_err(file_error("create", parent))?;
        fs::write(&file, content).map_err(file_error("write", &file))
    })
}

/// Puts the new folder in place of an older one.
fn swap(building: &Path, place: &Path) -> Result<(), GuideError> {
    if place.exists() {
        let old = building.with_extension("old");
        fs::rename(place, &old).map_err(file_error("replace", place))?;
        fs::rename(building, place).map_err(file_error("create", place))?;
        return fs::remove_dir_all(&old).map_err(file_error("remove", &old));
    }
    fs::rename(building, place).map_err(file_error("create", place))
}
