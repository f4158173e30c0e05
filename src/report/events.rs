//! `events.ndjson`: the whole record of a run, one line an event, written as it happens, so that a run that is killed leaves what it measured.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use ring::digest::{Context, SHA256};

use super::recorded::{Recorded, first_line, hexadecimal};

/// The file, while it is written.
pub struct Events {
    file: BufWriter<File>,
    hash: Context,
}

impl Events {
    /// Creates the file.
    pub fn create(path: &Path) -> io::Result<Self> {
        let mut events = Self { file: BufWriter::new(File::create(path)?), hash: Context::new(&SHA256) };
        events.write(&first_line()?)?;
        events.file.flush()?;
        Ok(events)
    }

    /// Adds a line.
    pub fn put(&mut self, event: &Recorded<'_>) -> io::Result<()> {
        self.write(&event.line()?)?;
        // A started case is worth nothing to a reader until it ends.
        if matches!(event, Recorded::CaseStarted { .. }) { Ok(()) } else { self.file.flush() }
    }

    /// Makes what was written last, whatever becomes of the machine.
    pub fn sync(&mut self) -> io::Result<()> {
        self.file.get_ref().sync_all()
    }

    /// SHA-256 of everything written, in hexadecimal.
    pub fn sha256(&self) -> String {
        hexadecimal(&self.hash)
    }

    fn write(&mut self, line: &str) -> io::Result<()> {
        for part in [line.as_bytes(), b"\n"] {
            self.hash.update(part);
            self.file.write_all(part)?;
        }
        Ok(())
    }
}
