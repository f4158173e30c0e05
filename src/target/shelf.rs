//! Where answers lie that nobody looks at just now: in a file without a name, which is gone with the process.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Mutex, PoisonError};

/// Fewer bytes than these are copied together, to be written at once.
const JOINED_BYTES: usize = 64 * 1024;

/// Bytes that are put away, one after the other. The file is made with the first ones.
#[derive(Debug, Default)]
pub(super) struct Shelf(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    file: Option<File>,
    end: u64,
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
    /// When there is no file to be had, or no room in it: nothing is put away then.
    pub fn put(&self, parts: &[&[u8]]) -> io::Result<Place> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = inner.end;
        let length = parts.iter().map(|part| part.len()).sum();
        let file = inner.file_at(at)?;
        if length < JOINED_BYTES {
            file.write_all(&parts.concat())?;
        } else {
            parts.iter().try_for_each(|part| file.write_all(part))?;
        }
        let end = at.saturating_add(length as u64);
        (inner.end, inner.at) = (end, end);
        Ok(Place { at, length })
    }

    /// What lies at a place.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn get(&self, place: Place) -> io::Result<Vec<u8>> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.file.is_none() {
            return Err(io::ErrorKind::NotFound.into());
        }
        let mut bytes = vec![0; place.length];
        inner.file_at(place.at)?.read_exact(&mut bytes)?;
        inner.at = place.at.saturating_add(bytes.len() as u64);
        Ok(bytes)
    }

    /// Bytes that lie there.
    pub fn length(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).end
    }
}

impl Inner {
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
}
