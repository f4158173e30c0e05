//! Reads `events.ndjson` line by line.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use ring::digest::{Context, SHA256};

use super::{Line, SCHEMA_NAME, Start};

/// Bytes of one line at most: a case with all its findings is less.
const MOST_LINE: usize = 64 * 1024 * 1024;
/// Cases of a plan at most: more than any server makes.
const MOST_CASES: usize = 10_000_000;
/// What the file is called in a folder of reports.
pub const FILE: &str = "events.ndjson";

/// A record that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// It cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A line is not what it should be.
    #[error("{path}, line {line}: {problem}")]
    Line {
        /// The file.
        path: PathBuf,
        /// Which line, from 1 on.
        line: usize,
        /// What is wrong with it and what to do.
        problem: String,
    },
}

/// A record that is being read.
pub struct Recording {
    path: PathBuf,
    lines: BufReader<File>,
    text: Vec<u8>,
    number: usize,
    /// Where the last line began and where the next one begins, in bytes.
    place: (u64, u64),
    hash: Context,
    seen: Seen,
    /// Whether a last line without an end is left out, as one that a killed run could not end.
    forgiving: bool,
}

/// How far a record has come.
#[derive(Default)]
struct Seen {
    started: Option<Expected>,
    finished: bool,
}

/// What the start of the run leads to expect.
struct Expected {
    cases: usize,
    whole: usize,
    done: Vec<bool>,
    count: usize,
}

impl Recording {
    /// Opens the record of a folder of reports, or a file of its own, and reads the first line.
    ///
    /// # Errors
    /// When it cannot be read, or is none.
    pub fn open(path: &Path) -> Result<Self, Broken> {
        Self::open_as(path, false)
    }

    /// As [`Self::open`], of a run that may have been killed: its last line may be cut off, and it may lack its end.
    ///
    /// # Errors
    /// When it cannot be read, or is none.
    pub fn open_unfinished(path: &Path) -> Result<Self, Broken> {
        Self::open_as(path, true)
    }

    fn open_as(path: &Path, forgiving: bool) -> Result<Self, Broken> {
        let path = if path.is_dir() { path.join(FILE) } else { path.to_owned() };
        let file = File::open(&path).map_err(|source| Broken::Unreadable { path: path.clone(), source })?;
        let mut recording = Self {
            path,
            lines: BufReader::with_capacity(64 * 1024, file),
            text: Vec::new(),
            number: 0,
            place: (0, 0),
            hash: Context::new(&SHA256),
            seen: Seen::default(),
            forgiving,
        };
        match recording.read_line() {
            Ok(Some(Line::Recording { schema, .. })) if schema == SCHEMA_NAME => {}
            Ok(Some(Line::Recording { schema, tool })) => {
                let made_by = format!("{} {}", tool.name, tool.version);
                return Err(recording.broken(format!(
                    "has the form {schema:?}, made by {made_by}; {SCHEMA_NAME} can be read: use the payerspec that made it"
                )));
            }
            Err(broken @ Broken::Unreadable { .. }) => return Err(broken),
            Err(Broken::Line { problem, .. }) => return Err(recording.broken(format!("is no record of payerspec: it {problem}"))),
            Ok(None) => return Err(recording.broken("is empty".to_owned())),
            Ok(Some(_)) => return Err(recording.broken(format!("is not how a record begins; give the {FILE} that a run wrote"))),
        }
        Ok(recording)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the line that was read last begins, in bytes.
    pub fn place(&self) -> u64 {
        self.place.0
    }

    /// The next line; none at the end of a record that is whole.
    ///
    /// # Errors
    /// A line that cannot be read or that has no place there; an end before the run's.
    pub fn next_line(&mut self) -> Result<Option<Line>, Broken> {
        let Some(line) = self.read_line()? else {
            return match (&self.seen, self.forgiving) {
                (Seen { finished: true, .. }, _) | (_, true) => Ok(None),
                _ => Err(self.broken(
                    "is the last, and the run had not ended; `payerspec run … --out DIR --resume` runs what is missing".to_owned(),
                )),
            };
        };
        match self.seen.take(&line, self.forgiving) {
            Ok(()) => Ok(Some(line)),
            Err(problem) => Err(self.broken(problem)),
        }
    }

    /// SHA-256 of the lines that were read, in hexadecimal.
    pub fn sha256(&self) -> String {
        hexadecimal(&self.hash)
    }

    /// An error at the line that was read last.
    pub fn broken(&self, problem: String) -> Broken {
        Broken::Line { path: self.path.clone(), line: self.number.max(1), problem }
    }

    fn read_line(&mut self) -> Result<Option<Line>, Broken> {
        self.text.clear();
        let read = (&mut self.lines).take(MOST_LINE as u64 + 1).read_until(b'\n', &mut self.text);
        let length = read.map_err(|source| Broken::Unreadable { path: self.path.clone(), source })?;
        if length == 0 {
            return Ok(None);
        }
        let is_ended = self.text.last() == Some(&b'\n');
        if !is_ended && length <= MOST_LINE && self.forgiving {
            return Ok(None);
        }
        self.number += 1;
        self.place = (self.place.1, self.place.1 + length as u64);
        if length > MOST_LINE {
            return Err(self.broken(format!("is longer than {} MB, so that no run wrote it", MOST_LINE >> 20)));
        }
        if !is_ended {
            return Err(self.broken(
                "is cut off: the run was killed while it wrote it; `payerspec run … --out DIR --resume` runs what is missing".to_owned(),
            ));
        }
        self.hash.update(&self.text);
        self.text.pop();
        Line::read(&self.text).map(Some).map_err(|problem| self.broken(problem))
    }
}

impl Seen {
    /// Notes a line.
    ///
    /// # Errors
    /// Why it has no place there.
    fn take(&mut self, line: &Line, forgiving: bool) -> Result<(), String> {
        if self.finished {
            return Err("comes after the end of the run".to_owned());
        }
        match line {
            Line::Recording { .. } => Err("begins another record; give one file for each".to_owned()),
            Line::Started(_) if self.started.is_some() => Err("starts the run once more".to_owned()),
            Line::Started(start) => {
                self.started = Some(Expected::of(start)?);
                Ok(())
            }
            Line::Stage(_) | Line::Harvested(_) | Line::Retried { .. } => Ok(()),
            Line::CaseStarted { .. } | Line::Case { .. } | Line::Finished(_) if self.started.is_none() => {
                Err("comes before the start of the run".to_owned())
            }
            Line::CaseStarted { .. } => Ok(()),
            Line::Case { index, .. } => self.started.as_mut().map_or(Ok(()), |expected| expected.case(*index)),
            Line::Finished(_) => {
                self.finished = true;
                let lacking = self.started.as_ref().filter(|expected| expected.count != expected.cases && !forgiving);
                lacking.map_or(Ok(()), |of| Err(format!("ends the run after {} of its {} cases", of.count, of.cases)))
            }
        }
    }
}

impl Expected {
    fn of(start: &Start) -> Result<Self, String> {
        let (cases, whole) = (start.cases, start.plan.cases);
        if cases > whole || whole > MOST_CASES {
            return Err(format!("tells of {cases} of {whole} cases, which cannot be"));
        }
        Ok(Self { cases, whole, done: Vec::new(), count: 0 })
    }

    fn case(&mut self, index: usize) -> Result<(), String> {
        if index >= self.whole {
            return Err(format!("ends case {index} of a plan of {} cases", self.whole));
        }
        if self.done.len() <= index {
            self.done.resize(index + 1, false);
        }
        match self.done.get_mut(index) {
            Some(true) => Err(format!("ends case {index} a second time")),
            Some(done) => {
                *done = true;
                self.count += 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

/// What a digest has come to, in hexadecimal.
pub fn hexadecimal(hash: &Context) -> String {
    hash.clone().finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
