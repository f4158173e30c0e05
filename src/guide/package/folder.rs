//! Reads an unpacked package: the folder that holds `package/`, or that folder itself.

use std::fs;
use std::path::{Path, PathBuf};

use super::{MOST_FILES, MOST_IN_FILE, MOST_UNPACKED, file_error};
use crate::guide::compile::{Compiled, Compiler};
use crate::guide::error::GuideError;

/// Reduces an unpacked package to a catalogue.
///
/// # Errors
/// The folder is no package, cannot be read, holds links or too much, or a file in it is broken.
pub fn compile(folder: &Path) -> Result<Compiled, GuideError> {
    let label = folder.display().to_string();
    let mut compiler = Compiler::new(&label);
    let inner = folder.join("package");
    let home = if inner.join("package.json").is_file() { inner } else { folder.to_owned() };
    if !home.join("package.json").is_file() {
        return Err(GuideError::NoManifest { package: label });
    }
    let mut unpacked = 0_u64;
    for path in files(&home, &label)? {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let content = fs::read(&path).map_err(file_error("read", &path))?;
        unpacked += content.len() as u64;
        if unpacked > MOST_UNPACKED {
            return Err(GuideError::TooLarge { package: label, limit: format!("{} MiB unpacked", MOST_UNPACKED / (1024 * 1024)) });
        }
        compiler.add(&format!("package/{name}"), &content)?;
    }
    compiler.finish()
}

/// The JSON files directly in the folder, in order.
fn files(home: &Path, label: &str) -> Result<Vec<PathBuf>, GuideError> {
    let mut files = Vec::new();
    for entry in fs::read_dir(home).map_err(file_error("read", home))? {
        let entry = entry.map_err(file_error("read", home))?;
        let path = entry.path();
        if path.extension().is_none_or(|extension| !extension.eq_ignore_ascii_case("json")) {
            continue;
        }
        let metadata = fs::symlink_metadata(&path).map_err(file_error("read", &path))?;
        if !metadata.is_file() {
            if metadata.is_dir() {
                continue;
            }
            return Err(GuideError::UnsafeEntry {
                package: label.to_owned(),
                entry: entry.file_name().to_string_lossy().into_owned(),
                problem: "a link or device",
            });
        }
        if metadata.len() > MOST_IN_FILE {
            let limit = format!("{} MiB in one file, `{}`", MOST_IN_FILE / (1024 * 1024), entry.file_name().display());
            return Err(GuideError::TooLarge { package: label.to_owned(), limit });
        }
        files.push(path);
        if files.len() > MOST_FILES {
            return Err(GuideError::TooLarge { package: label.to_owned(), limit: format!("{MOST_FILES} files") });
        }
    }
    files.sort();
    Ok(files)
}
