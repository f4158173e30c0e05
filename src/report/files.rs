//! Writing a report file so that it is whole or not there.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Lets `write` write beside the file and then puts that in its place.
pub fn write_whole(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> io::Result<()> {
    let part = super::beside(path, "part");
    let mut file = BufWriter::new(File::create(&part)?);
    let written = write(&mut file).and_then(|()| file.flush()).and_then(|()| file.get_ref().sync_all());
    drop(file);
    written.and_then(|()| std::fs::rename(&part, path)).inspect_err(|_| drop(std::fs::remove_file(&part)))
}
