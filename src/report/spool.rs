//! Keeps the pieces of a report on disk until the run ends: together they are larger than everything else in memory.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

/// Bytes of a text's length.
const LENGTH: usize = size_of::<u64>();

/// Texts begin at multiples of this many bytes: a place in 64 GiB is told in four bytes, of which a large run has half a million.
const STEP: usize = 16;

/// Texts by number, such as a case's place in the plan. The file is made with the first one and gone with the spool.
pub struct Spool {
    path: PathBuf,
    file: Option<BufWriter<File>>,
    /// By number, one more than where each text is in the file, in steps, behind its length.
    places: Vec<Option<NonZeroU32>>,
    end: u64,
    /// Whether the file stands at a text that was read, not at its end.
    reading: bool,
}

impl Spool {
    /// For the report at `report`, in the same folder.
    pub fn beside(report: &Path) -> Self {
        Self { path: super::beside(report, "spool"), file: None, places: Vec::new(), end: 0, reading: false }
    }

    /// Adds a text.
    pub fn put(&mut self, number: usize, text: &str) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => {
                let file = File::options().read(true).write(true).create(true).truncate(true).open(&self.path)?;
                // Where the system allows it, the name goes at once, so that a killed run leaves nothing behind.
                drop(std::fs::remove_file(&self.path));
                self.file.insert(BufWriter::new(file))
            }
        };
        if std::mem::take(&mut self.reading) {
            file.seek(SeekFrom::Start(self.end))?;
        }
        let steps = u32::try_from(self.end / STEP as u64).ok().and_then(|steps| steps.checked_add(1)).and_then(NonZeroU32::new);
        let place = steps.ok_or_else(|| io::Error::other("a report's pieces are larger than 64 GiB"))?;
        file.write_all(&(text.len() as u64).to_le_bytes())?;
        file.write_all(text.as_bytes())?;
        let taken = LENGTH + text.len();
        let whole = taken.next_multiple_of(STEP);
        file.write_all([0; STEP].get(..whole - taken).unwrap_or_default())?;
        self.end += whole as u64;
        if self.places.len() <= number {
            self.places.resize(number + 1, None);
        }
        if let Some(known) = self.places.get_mut(number) {
            *known = Some(place);
        }
        Ok(())
    }

    /// The text of a number; empty when there is none.
    pub fn get(&mut self, number: usize) -> io::Result<String> {
        let (Some(file), Some(Some(place))) = (&mut self.file, self.places.get(number)) else { return Ok(String::new()) };
        self.reading = true;
        file.seek(SeekFrom::Start(u64::from(place.get() - 1) * STEP as u64))?;
        let file = file.get_mut();
        let mut length = [0; LENGTH];
        file.read_exact(&mut length)?;
        let mut text = vec![0; usize::try_from(u64::from_le_bytes(length)).map_err(io::Error::other)?];
        file.read_exact(&mut text)?;
        String::from_utf8(text).map_err(io::Error::other)
    }

    /// The numbers that have a text, in order.
    pub fn numbers(&self) -> Vec<usize> {
        self.places.iter().enumerate().filter(|(_, place)| place.is_some()).map(|(number, _)| number).collect()
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            drop(std::fs::remove_file(&self.path));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_by_number_and_nothing_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::beside(&folder.path().join("report.html"));
        assert_eq!(spool.get(1).unwrap(), "");
        for (number, text) in [(2, "two ä"), (0, ""), (1, "one")] {
            spool.put(number, text).unwrap();
        }
        assert_eq!(spool.numbers(), [0, 1, 2]);
        assert_eq!([spool.get(2).unwrap(), spool.get(0).unwrap(), spool.get(1).unwrap()], ["two ä", "", "one"]);
        spool.put(3, "three").unwrap();
        assert_eq!([spool.get(1).unwrap(), spool.get(3).unwrap()], ["one", "three"]);
        let sizes = [7, 8, 9, 24, 0, 100_000, 1];
        for (number, size) in sizes.iter().enumerate() {
            spool.put(10 + number, &"x".repeat(*size)).unwrap();
            assert_eq!(spool.get(3).unwrap(), "three");
        }
        for (number, size) in sizes.iter().enumerate() {
            assert_eq!(spool.get(10 + number).unwrap().len(), *size);
        }
        spool.end = u64::from(u32::MAX) * STEP as u64;
        assert!(spool.put(20, "beyond").is_err());
        drop(spool);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
