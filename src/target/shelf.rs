//! Where answers lie that nobody looks at just now: in a file without a name, which is gone with the process.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Mutex, PoisonError};

/// Bytes that are put away, one after the other. The file is made with the first ones.
#[derive(Debug, Default)]
pub(super) struct Shelf(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    file: Option<File>,
    end: u64,
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
        let file = match &mut inner.file {
            Some(file) => file,
            // It has no name from the start, or loses it at once: a run that is killed leaves nothing behind.
            None => inner.file.insert(tempfile::tempfile()?),
        };
        file.seek(SeekFrom::Start(at))?;
        let mut length = 0;
        for part in parts {
            file.write_all(part)?;
            length += part.len();
        }
        inner.end = at.saturating_add(length as u64);
        Ok(Place { at, length })
    }

    /// What lies at a place.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn get(&self, place: Place) -> io::Result<Vec<u8>> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(file) = &mut inner.file else { return Err(io::ErrorKind::NotFound.into()) };
        file.seek(SeekFrom::Start(place.at))?;
        let mut bytes = vec![0; place.length];
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// Bytes that lie there.
    pub fn length(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).end
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
        assert!(Shelf::default().get(first).is_err());
    }
}
