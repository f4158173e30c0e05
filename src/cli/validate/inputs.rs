//! Which files are meant.

use std::fs;
use std::path::{Path, PathBuf};

use globset::GlobBuilder;

use crate::cli::exit::BadInput;

/// One file, or standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// As findings name it.
    pub name: String,
    /// `None` is standard input.
    pub path: Option<PathBuf>,
    /// How it is read.
    pub kind: Kind,
}

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One JSON or XML document.
    Document,
    /// A JSON document on each line, or whatever standard input brings.
    Lines,
}

/// Folders nest at most this deep, so that a circle of links ends.
const MOST_FOLDERS: usize = 64;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub inputs: Vec<Input>,
    /// Folders and patterns in which there is nothing to judge.
    pub empty: Vec<String>,
}

/// Finds the files, in the order given and sorted within a folder.
pub fn find(paths: &[String]) -> Result<Found, BadInput> {
    let Found { mut inputs, mut empty } = Found::default();
    for given in paths {
        let before = inputs.len();
        let path = Path::new(given);
        if given == "-" {
            inputs.push(Input { name: "standard input".to_owned(), path: None, kind: Kind::Lines });
        } else if path.is_dir() {
            folder(path, 0, &|_| true, &mut inputs)?;
        } else if path.exists() {
            inputs.push(file(path));
        } else if given.contains(['*', '?', '[', '{']) {
            pattern(given, &mut inputs)?;
        } else {
            return Err(BadInput(format!("there is no file or folder {given}; check the path")));
        }
        if inputs.len() == before {
            empty.push(given.clone());
        }
    }
    Ok(Found { inputs, empty })
}

fn file(path: &Path) -> Input {
    let is_lines = matches!(extension(path).as_deref(), Some("ndjson" | "jsonl"));
    Input { name: path.display().to_string(), path: Some(path.to_owned()), kind: if is_lines { Kind::Lines } else { Kind::Document } }
}

fn extension(path: &Path) -> Option<String> {
    Some(path.extension()?.to_str()?.to_ascii_lowercase())
}

fn folder(path: &Path, depth: usize, wanted: &dyn Fn(&Path) -> bool, inputs: &mut Vec<Input>) -> Result<(), BadInput> {
    if depth > MOST_FOLDERS {
        return Err(BadInput(format!("{} lies more than {MOST_FOLDERS} folders deep; is there a circle of links?", path.display())));
    }
    let unreadable = |error: std::io::Error| BadInput(format!("cannot read the folder {}: {error}", path.display()));
    let mut entries: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(path).map_err(unreadable)? {
        entries.push(entry.map_err(unreadable)?.path());
    }
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            folder(&entry, depth + 1, wanted, inputs)?;
        } else if matches!(extension(&entry).as_deref(), Some("json" | "ndjson" | "jsonl" | "xml")) && wanted(&entry) {
            inputs.push(file(&entry));
        }
    }
    Ok(())
}

fn pattern(given: &str, inputs: &mut Vec<Input>) -> Result<(), BadInput> {
    let glob = GlobBuilder::new(given.trim_start_matches("./")).literal_separator(true).build();
    let matcher = glob.map_err(|error| BadInput(format!("{given} is not a pattern: {error}")))?.compile_matcher();
    // The folders before the first wildcard are where to look.
    let fixed: PathBuf =
        Path::new(given).components().take_while(|part| !part.as_os_str().to_string_lossy().contains(['*', '?', '[', '{'])).collect();
    let start = if fixed.as_os_str().is_empty() { PathBuf::from(".") } else { fixed };
    if !start.is_dir() {
        return Err(BadInput(format!("there is no folder {} for the pattern {given}", start.display())));
    }
    folder(&start, 0, &|path| matcher.is_match(path.strip_prefix("./").unwrap_or(path)), inputs)
}
