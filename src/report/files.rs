//! Writing a report file so that it is whole or not there.

use std::io::{self, Write};
use std::path::Path;

/// Writes beside the file and then puts it in its place.
pub fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    let mut file = std::fs::File::create(&part)?;
    file.write_all(content)?;
    file.sync_all()?;
    drop(file);
    std::fs::rename(&part, path).inspect_err(|_| drop(std::fs::remove_file(&part)))
}
