//! Reads a package's .tgz entry by entry, trusting nothing: plain files inside the package only, and bounded in size and number.

use std::cell::Cell;
use std::io::{self, Read};
use std::path::{Component, Path};
use std::rc::Rc;

use flate2::read::GzDecoder;
use tar::{Archive, EntryType};

use super::{MOST_FILES, MOST_IN_FILE, MOST_UNPACKED};
use crate::guide::error::GuideError;

/// What is done with each file: its path with forward slashes, and its content.
pub type Visit<'a> = dyn FnMut(&str, &[u8]) -> Result<(), GuideError> + 'a;

/// Counts what passes, and ends with an error when it is too much.
struct Counted<R> {
    inner: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.left.get();
        if left == 0 {
            return Err(io::Error::other("more than the limit"));
        }
        let room = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let count = self.inner.read(buffer.get_mut(..room).unwrap_or_default())?;
        self.left.set(left.saturating_sub(count as u64));
        Ok(count)
    }
}

/// Visits every file of the archive in its order, after its path and kind were checked.
///
/// # Errors
/// The archive is broken, holds anything but files and folders below it, or too much; or what `visit` ends with.
pub fn read(label: &str, archive: impl Read, visit: &mut Visit<'_>) -> Result<(), GuideError> {
    read_limited(label, archive, MOST_UNPACKED, visit)
}

fn read_limited(label: &str, archive: impl Read, most: u64, visit: &mut Visit<'_>) -> Result<(), GuideError> {
    // One byte more than allowed tells a full archive from one that is too large.
    let left = Rc::new(Cell::new(most.saturating_add(1)));
    let broken = |entry: &str, error: &io::Error| {
        if left.get() == 0 {
            return GuideError::TooLarge { package: label.to_owned(), limit: format!("{} MiB unpacked", most / (1024 * 1024)) };
        }
        GuideError::BrokenArchive { package: label.to_owned(), entry: entry.to_owned(), reason: error.to_string() }
    };
    let mut tar = Archive::new(Counted { inner: GzDecoder::new(archive), left: Rc::clone(&left) });
    let mut content = Vec::new();
    let mut last = "its start".to_owned();
    for (number, entry) in tar.entries().map_err(|error| broken("its start", &error))?.enumerate() {
        let mut entry = entry.map_err(|error| broken(&format!("the entry after {last}"), &error))?;
        if number >= MOST_FILES {
            return Err(GuideError::TooLarge { package: label.to_owned(), limit: format!("{MOST_FILES} files") });
        }
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let unsafe_entry = |problem| GuideError::UnsafeEntry { package: label.to_owned(), entry: name.clone(), problem };
        let is_file = is_file(entry.header().entry_type()).map_err(unsafe_entry)?;
        let path = inside(&name).map_err(unsafe_entry)?;
        if is_file {
            if entry.size() > MOST_IN_FILE && most > MOST_IN_FILE {
                return Err(GuideError::TooLarge {
                    package: label.to_owned(),
                    limit: format!("{} MiB in one file, `{name}`", MOST_IN_FILE / (1024 * 1024)),
                });
            }
            content.clear();
            entry.read_to_end(&mut content).map_err(|error| broken(&format!("`{name}`"), &error))?;
            if content.len() as u64 != entry.size() {
                return Err(broken(&format!("`{name}`"), &io::Error::other("it ends too early")));
            }
            visit(&path, &content)?;
        }
        last = format!("`{name}`");
    }
    // Reads to the end, so that the checksum is verified.
    io::copy(&mut tar.into_inner(), &mut io::sink()).map(|_| ()).map_err(|error| broken("its end", &error))
}

/// Whether an entry is a file (`true`) or a folder (`false`).
fn is_file(entry_type: EntryType) -> Result<bool, &'static str> {
    match entry_type {
        EntryType::Regular | EntryType::Continuous => Ok(true),
        EntryType::Directory | EntryType::XGlobalHeader => Ok(false),
        EntryType::Symlink => Err("a symbolic link"),
        EntryType::Link => Err("a hard link"),
        EntryType::Char | EntryType::Block => Err("a device"),
        EntryType::Fifo => Err("a pipe"),
        _ => Err("neither a file nor a folder"),
    }
}

/// The path with forward slashes, when it stays inside the package.
fn inside(name: &str) -> Result<String, &'static str> {
    if name.contains('\\') || name.contains('\0') || name.contains(':') {
        return Err("named with a character that some systems read as a path");
    }
    let mut parts = Vec::new();
    for part in Path::new(name).components() {
        match part {
            Component::Normal(part) => parts.push(part.to_str().ok_or("named in no UTF-8")?),
            Component::CurDir => {}
            Component::ParentDir => return Err("a path that leaves the package (`..`)"),
            Component::RootDir | Component::Prefix(_) => return Err("an absolute path"),
        }
    }
    Ok(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    /// An archive of raw headers, since the tar crate itself refuses to write hostile ones.
    fn archive(entries: &[(&str, u8, &[u8])]) -> Vec<u8> {
        let mut tar = Vec::new();
        for (name, kind, content) in entries {
            let mut header = tar::Header::new_ustar();
            header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            header.set_entry_type(EntryType::new(*kind));
            header.set_cksum();
            tar.extend_from_slice(header.as_bytes());
            tar.extend_from_slice(content);
            tar.resize(tar.len().next_multiple_of(512), 0);
        }
        tar.resize(tar.len() + 1024, 0);
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(&tar).unwrap();
        gzip.finish().unwrap()
    }

    fn visited(archive: &[u8], most: u64) -> Result<Vec<String>, GuideError> {
        let mut seen = Vec::new();
        read_limited("p.tgz", archive, most, &mut |path, _| {
            seen.push(path.to_owned());
            Ok(())
        })?;
        Ok(seen)
    }

    #[test]
    fn plain_files_are_visited_in_order() {
        let good = archive(&[("./package/a.json", b'0', b"{}"), ("package/sub/", b'5', b""), ("package/b.json", b'0', b"[]")]);
        assert_eq!(visited(&good, 1 << 20).unwrap(), ["package/a.json", "package/b.json"]);
    }

    #[test]
    fn entries_that_could_leave_the_package_are_refused_by_name() {
        let cases: &[(&str, u8, &str)] = &[
            ("../evil.json", b'0', "`..`"),
            ("package/../../evil.json", b'0', "`..`"),
            ("/etc/evil", b'0', "absolute"),
            ("package/..\\evil", b'0', "character"),
            ("C:evil", b'0', "character"),
            ("package/link", b'2', "symbolic link"),
            ("package/link", b'1', "hard link"),
            ("package/device", b'3', "device"),
            ("package/device", b'4', "device"),
            ("package/pipe", b'6', "pipe"),
            ("package/odd", b'V', "neither"),
        ];
        for (name, kind, problem) in cases {
            let error = visited(&archive(&[(name, *kind, b"")]), 1 << 20).unwrap_err();
            assert!(matches!(&error, GuideError::UnsafeEntry { entry, .. } if entry == name), "{name}: {error:?}");
            assert!(error.to_string().contains(problem) && error.to_string().contains("p.tgz"), "{name}: {error}");
        }
    }

    #[test]
    fn content_is_counted_while_it_streams() {
        let bomb = archive(&[("package/zeros", b'0', &vec![0; 3 << 20])]);
        assert!(bomb.len() < 64 * 1024);
        let error = visited(&bomb, 1 << 20).unwrap_err();
        assert!(matches!(error, GuideError::TooLarge { .. }), "{error:?}");
        assert!(error.to_string().contains("1 MiB unpacked"), "{error}");
        assert_eq!(visited(&bomb, 4 << 20).unwrap(), ["package/zeros"]);
    }

    #[test]
    fn a_size_that_the_header_only_claims_is_not_believed() {
        let mut header = tar::Header::new_ustar();
        header.set_path("package/a.json").unwrap();
        header.set_size(1 << 40);
        header.set_cksum();
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(header.as_bytes()).unwrap();
        let error = visited(&gzip.finish().unwrap(), 1 << 20).unwrap_err();
        assert!(matches!(error, GuideError::BrokenArchive { .. }), "{error:?}");
    }

    #[test]
    fn truncated_and_damaged_archives_are_told_from_whole_ones() {
        let good = archive(&[("package/a.json", b'0', b"{\"resourceType\":\"Patient\"}")]);
        for cut in [0, 5, 20, good.len() / 2, good.len() - 1] {
            let error = visited(&good[..cut], 1 << 20).unwrap_err();
            assert!(matches!(error, GuideError::BrokenArchive { .. }), "cut at {cut}: {error:?}");
        }
        let mut flipped = good.clone();
        let crc = flipped.len() - 6;
        flipped[crc] ^= 0xff;
        assert!(matches!(visited(&flipped, 1 << 20), Err(GuideError::BrokenArchive { .. })));
        assert!(matches!(visited(b"no archive at all", 1 << 20), Err(GuideError::BrokenArchive { .. })));
    }
}
