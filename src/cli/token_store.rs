//! The file in which tokens are kept between runs: readable by its owner alone, replaced as a whole.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::target::TokenStore;

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TokenStoreError {
    /// It cannot be read or written.
    #[error("the token store {}: {source}; check the path, or name another with --token-store", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others may read it.
    #[error("the token store {} can be read by others (mode {mode:03o}); run `chmod 600` on it, or remove it and sign in again", path.display())]
    Open {
        /// Which.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// It is something else.
    #[error("the token store {}: {source}", path.display())]
    Content {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        source: crate::target::StoreError,
    },
}

/// Where tokens are kept when nothing else is said: below the state folder of the XDG Base Directory Specification.
pub fn default_path() -> PathBuf {
    let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = folder("XDG_STATE_HOME")
        .or_else(|| folder("LOCALAPPDATA"))
        .or_else(|| folder("HOME").map(|home| home.join(".local").join("state")))
        .unwrap_or_else(std::env::temp_dir);
    state.join("payerspec").join("tokens.json")
}

/// What the file holds; nothing when there is none.
///
/// # Errors
/// When it cannot be read, others may read it, or it is something else.
pub fn read(path: &Path) -> Result<TokenStore, TokenStoreError> {
    let failed = |source| TokenStoreError::File { path: path.to_owned(), source };
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(TokenStore::default()),
        Err(error) => return Err(failed(error)),
    };
    if let Some(mode) = open_to_others(&metadata) {
        return Err(TokenStoreError::Open { path: path.to_owned(), mode });
    }
    let bytes = zeroize::Zeroizing::new(std::fs::read(path).map_err(failed)?);
    TokenStore::parse(&bytes).map_err(|source| TokenStoreError::Content { path: path.to_owned(), source })
}

/// Writes beside the file and puts that in its place, so that no half of it is ever read.
///
/// # Errors
/// When it cannot be written.
pub fn write(path: &Path, store: &TokenStore) -> Result<(), TokenStoreError> {
    let failed = |source| TokenStoreError::File { path: path.to_owned(), source };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        private_folder(folder).map_err(failed)?;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}", std::process::id()));
    let beside = path.with_file_name(name);
    let written = private_file(&beside).and_then(|mut file| {
        file.write_all(&store.to_bytes())?;
        file.sync_all()
    });
    written.and_then(|()| std::fs::rename(&beside, path)).map_err(|source| {
        // What cannot be put in place must not lie about.
        drop(std::fs::remove_file(&beside));
        failed(source)
    })
}

#[cfg(unix)]
fn open_to_others(metadata: &std::fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let mode = metadata.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

#[cfg(not(unix))]
fn open_to_others(_: &std::fs::Metadata) -> Option<u32> {
    None
}

#[cfg(unix)]
fn private_file(path: &Path) -> io::Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    // What an earlier, broken write left is not trusted to have the right permissions.
    drop(std::fs::remove_file(path));
    std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn private_file(path: &Path) -> io::Result<std::fs::File> {
    std::fs::OpenOptions::new().write(true).create(true).truncate(true).open(path)
}

#[cfg(unix)]
fn private_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(not(unix))]
fn private_folder(path: &Path) -> io::Result<()> {
    std::fs::create_dir_all(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::{Kept, Secret};

    fn kept() -> Kept {
        Kept {
            base: "https://a.example".to_owned(),
            client_id: "app".to_owned(),
            access_token: Secret::new("s3cr3t"),
            refresh_token: None,
            expires_at: None,
            patient: None,
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("below").join("tokens.json");
        assert_eq!(read(&path).unwrap(), TokenStore::default());
        let mut store = TokenStore::default();
        store.put(kept());
        write(&path, &store).unwrap();
        write(&path, &store).unwrap();
        assert_eq!(read(&path).unwrap(), store);
        let names: Vec<_> = std::fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["tokens.json"]);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens.json");
        write(&path, &TokenStore::default()).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let error = read(&path).unwrap_err().to_string();
        assert!(error.contains("mode 644") && error.contains("chmod 600"), "{error}");
    }

    #[test]
    fn another_file_is_refused_without_showing_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens.json");
        private_file(&path).unwrap().write_all(b"s3cr3t").unwrap();
        let error = read(&path).unwrap_err().to_string();
        assert!(error.contains("tokens.json") && !error.contains("s3cr3t"), "{error}");
    }
}
