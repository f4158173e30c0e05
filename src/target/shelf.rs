//! Where answers lie that nobody looks at just now: in a file without a name, which is gone with the process.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Mutex, PoisonError};

/// Bytes that are gathered before they are written at once: most of them nobody asks for again, so that writing is what they cost.
const GATHERED_BYTES: usize = 128 * 1024;

/// Bytes that are put away, one after the other. The file is made when the first ones are written.
#[derive(Debug, Default)]
pub(super) struct Shelf(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    file: Option<File>,
    /// Bytes in the file.
    written: u64,
    /// What comes behind them.
    gathered: Vec<u8>,
    /// Where the file is written or read next.
    at: u64,
}

/// Where something lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    at: u64,
    /// Bytes.
    length: usize,
}

impl Shelf {
    /// Puts these away, behind each other.
    ///
    /// # Errors
    /// When there is no file to be had, or no room in it: nothing is put away then, and what was before stays.
    pub fn put(&self, parts: &[&[u8]]) -> io::Result<Place> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let length = parts.iter().map(|part| part.len()).sum::<usize>();
        if inner.gathered.len().saturating_add(length) > GATHERED_BYTES {
            inner.write_gathered()?;
        }
        let at = inner.end();
        if length > GATHERED_BYTES {
            let file = inner.file_at(at)?;
            parts.iter().try_for_each(|part| file.write_all(part))?;
            let end = at.saturating_add(length as u64);
            (inner.written, inner.at) = (end, end);
        } else {
            if inner.gathered.capacity() == 0 {
                inner.gathered.reserve_exact(GATHERED_BYTES);
            }
            parts.iter().for_each(|part| inner.gathered.extend_from_slice(part));
        }
        Ok(Place { at, length })
    }

    /// What lies at a place.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn get(&self, place: Place) -> io::Result<Vec<u8>> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(start) = place.at.checked_sub(inner.written) {
            let start = usize::try_from(start).unwrap_or(usize::MAX);
            let found = inner.gathered.get(start..).and_then(|rest| rest.get(..place.length));
            return found.map(<[u8]>::to_vec).ok_or_else(|| io::ErrorKind::NotFound.into());
        }
        let mut bytes = vec![0; place.length];
        inner.file_at(place.at)?.read_exact(&mut bytes)?;
        inner.at = place.at.saturating_add(bytes.len() as u64);
        Ok(bytes)
    }

    /// Bytes that lie there.
    pub fn length(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).end()
    }
}

impl Inner {
    fn end(&self) -> u64 {
        self.written.saturating_add(self.gathered.len() as u64)
    }

    fn write_gathered(&mut self) -> io::Result<()> {
        let gathered = std::mem::take(&mut self.gathered);
        let at = self.written;
        let written = self.file_at(at).and_then(|file| file.write_all(&gathered));
        self.gathered = gathered;
        written?;
        self.written = self.end();
        self.at = self.written;
        self.gathered.clear();
        Ok(())
    }

    /// The file, made if there is none, to be written or read at a place. Where it stands after that is not known until it is said.
    fn file_at(&mut self, at: u64) -> io::Result<&mut File> {
        let Self { file, at: stands, .. } = self;
        let file = match file {
            Some(file) => file,
            // It has no name from the start, or loses it at once: a run that is killed leaves nothing behind.
            None => file.insert(tempfile::tempfile()?),
        };
        if *stands != at {
            file.seek(SeekFrom::Start(at))?;
        }
        *stands = u64::MAX;
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_away_is_found_again() {
        let shelf = Shelf::default();
        let first = shelf.put(&[b"head", b"", b"body"]).unwrap();
        let second = shelf.put(&[b"other"]).unwrap();
        assert_eq!(shelf.get(second).unwrap(), b"other");
        assert_eq!(shelf.get(first).unwrap(), b"headbody");
        assert_eq!(shelf.length(), 13);
        let third = shelf.put(&[b"third"]).unwrap();
        assert_eq!(shelf.get(third).unwrap(), b"third");
        assert_eq!(shelf.get(second).unwrap(), b"other");
        assert!(Shelf::default().get(first).is_err());
    }

    #[test]
    fn what_is_gathered_and_what_is_written_are_found_alike() {
        let shelf = Shelf::default();
        let sizes = [1, GATHERED_BYTES - 1, 5, 2 * GATHERED_BYTES, GATHERED_BYTES, 1, 0, 7];
        let texts: Vec<Vec<u8>> = sizes.iter().zip(b'a'..).map(|(size, letter)| vec![letter; *size]).collect();
        let places: Vec<Place> = texts.iter().map(|text| shelf.put(&[text]).unwrap()).collect();
        assert_eq!(shelf.length(), sizes.iter().sum::<usize>() as u64);
        for _ in 0..2 {
            for (place, text) in places.iter().zip(&texts) {
                assert_eq!(shelf.get(*place).unwrap(), *text);
            }
        }
        let last = shelf.put(&[b"last"]).unwrap();
        assert_eq!(shelf.get(last).unwrap(), b"last");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_was_put_away_before_a_disk_is_full_stays() {
        let shelf = Shelf::default();
        let texts = [vec![b'a'; GATHERED_BYTES / 2], vec![b'b'; GATHERED_BYTES / 2]];
        let places = texts.each_ref().map(|text| shelf.put(&[text]).unwrap());
        shelf.0.lock().unwrap().file = Some(File::options().read(true).write(true).open("/dev/full").unwrap());
        for length in [1, GATHERED_BYTES + 1] {
            assert!(shelf.put(&[&vec![b'c'; length]]).is_err());
        }
        assert_eq!(shelf.length(), GATHERED_BYTES as u64);
        assert_eq!(places.map(|place| shelf.get(place).unwrap()), texts);
        shelf.0.lock().unwrap().file = None;
        let later = shelf.put(&[b"later"]).unwrap();
        assert_eq!(shelf.get(later).unwrap(), b"later");
        assert_eq!(places.map(|place| shelf.get(place).unwrap()), texts);
    }
}
