//! Takes over the cases of a run that was broken off, from the record that it left.

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use super::events::Events;
use super::recorded::{Broken, Case, FILE, Line, Recorded, Recording, Start};
use super::recorder::{Recorder, masked};
use super::settings::{OF_RUN, Of, difference};
use super::{Mask, RESULTS, ReportError, Reporters, Terminal, beside, clear, reporters};
use crate::check::outcome::Outcome;
use crate::guide::Catalogue;
use crate::plan::Plan;
use crate::run::event::{Harvest, Look, RunFacts, Stage, Tally};
use crate::run::{Done, Earlier, OtherHarvest};

/// A run that cannot be taken up again.
#[derive(Debug, thiserror::Error)]
pub enum ResumeError {
    /// There is none.
    #[error("{0} holds no {FILE}, so that there is no run to resume; leave --resume out")]
    None(PathBuf),
    /// Its record cannot be used.
    #[error("{0}; nothing of it was taken over: leave --resume out to run anew")]
    Record(#[from] Broken),
    /// It was killed before it knew its cases.
    #[error("{0} ends before the run knew its cases, so that there is nothing to take over; leave --resume out")]
    Empty(PathBuf),
    /// It is not what the run wrote.
    #[error("{record} was changed since {results} was made from it; put the record of the run there, or leave --resume out to run anew")]
    Changed {
        /// The record.
        record: PathBuf,
        /// What tells its digest.
        results: PathBuf,
    },
    /// It was another run.
    #[error("{path} is of another run: it differs in {what}: {} there, {} here; run with the same, or leave --resume out to run anew", .values[0], .values[1])]
    Other {
        /// The record.
        path: PathBuf,
        /// In what it differs.
        what: &'static str,
        /// What the record says, and what this run does.
        values: [String; 2],
    },
}

/// A run that was broken off, or ended with cases in error.
#[derive(Debug)]
pub struct Unfinished {
    path: PathBuf,
    start: Start,
    harvest: Option<Harvest>,
    /// What it could not delete.
    left: Vec<String>,
    /// Where the line of each case that has its answer begins, by the case's place in the whole plan.
    lines: HashMap<usize, u64>,
    done: HashMap<usize, Done>,
    looks: Vec<Look>,
    file: BufReader<File>,
}

impl Unfinished {
    /// Reads the record in a folder of reports. Its last line may be cut off. Cases in error, those that did not have their turn, and those
    /// that were shown another member's data are run again.
    ///
    /// # Errors
    /// There is none, or it cannot be used.
    pub fn read(folder: &Path) -> Result<Self, ResumeError> {
        if !folder.join(FILE).exists() {
            return Err(ResumeError::None(folder.to_owned()));
        }
        let mut recording = Recording::open_unfinished(folder)?;
        let (mut start, mut harvest, mut left) = (None, None, Vec::new());
        let (mut lines, mut done, mut looks) = (HashMap::new(), HashMap::new(), Vec::new());
        while let Some(line) = recording.next_line()? {
            match line {
                Line::Started(begun) => start = Some(*begun),
                Line::Harvested(found) => harvest = Some(found),
                Line::Case { index, case, .. } if case.ran && case.outcome != Outcome::Error && !case.outside => {
                    lines.insert(index, recording.place());
                    looks.extend(case.looked.iter().filter_map(look));
                    done.insert(index, done_by(*case));
                }
                Line::Finished(end) => left = end.left,
                _ => {}
            }
        }
        let path = recording.path().to_owned();
        let results = folder.join(RESULTS);
        if digest_in(&results).is_some_and(|digest| digest != recording.sha256()) {
            return Err(ResumeError::Changed { record: path, results });
        }
        let Some(start) = start else { return Err(ResumeError::Empty(path)) };
        let file = File::open(&path).map_err(|source| Broken::Unreadable { path: path.clone(), source })?;
        Ok(Self { path, start, harvest, left, lines, done, looks, file: BufReader::new(file) })
    }

    /// Whether a run that is told this goes on with this one. Its plan and the record of its members are not known yet.
    ///
    /// # Errors
    /// In what they differ.
    pub fn agrees(&self, facts: &RunFacts, catalogue: &Arc<Catalogue>) -> Result<(), ResumeError> {
        let here = Recorder::default().start(facts, &Plan::default(), catalogue);
        match difference(&OF_RUN, &self.start, &here) {
            Some((what, values)) => Err(ResumeError::Other { path: self.path.clone(), what, values }),
            None => Ok(()),
        }
    }

    /// The record.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the run was told.
    pub fn facts(&self) -> &RunFacts {
        &self.start.facts
    }

    /// What need not be run again, by a run with this mask.
    pub fn take_earlier(&mut self, mask: Mask) -> Earlier {
        let before = self.harvest.take();
        Earlier {
            plan: self.start.plan.sha256.clone(),
            part: self.start.plan.part,
            done: std::mem::take(&mut self.done),
            looks: std::mem::take(&mut self.looks),
            same_harvest: before
                .map(|before| -> Box<dyn Fn(&Harvest) -> _> { Box::new(move |found| same(&before, &masked(&mask, found))) }),
        }
    }

    /// A case as it was recorded, by its place in the whole plan.
    fn case(&mut self, index: usize) -> io::Result<Case> {
        let lost = || io::Error::other(format!("case {index} is not in the earlier record"));
        let place = *self.lines.get(&index).ok_or_else(lost)?;
        self.file.seek(SeekFrom::Start(place))?;
        let mut text = Vec::new();
        self.file.read_until(b'\n', &mut text)?;
        match Line::read(text.strip_suffix(b"\n").unwrap_or(&text)).map_err(io::Error::other)? {
            Line::Case { index: found, case, .. } if found == index => Ok(*case),
            _ => Err(lost()),
        }
    }
}

impl Reporters {
    /// As [`Self::with_terminal`], for a run that was broken off and left its record in this folder. Nothing there is touched before it is
    /// certain that this run goes on with it, and the record that is there stands until the new one has everything of it.
    ///
    /// # Errors
    /// The folder cannot take reports.
    pub fn resuming(folder: &Path, mut unfinished: Unfinished, terminal: Terminal) -> Result<Self, ReportError> {
        let unfit = |source| ReportError::Folder { folder: folder.to_owned(), source };
        // Tried, before anything is sent.
        Events::create(&new_record(folder)).and_then(|_| fs::remove_file(new_record(folder))).map_err(unfit)?;
        let mut all = Self::of(reporters(folder));
        all.recorder = Recorder::new(true);
        all.left = std::mem::take(&mut unfinished.left);
        all.unfinished = Some((folder.to_owned(), unfinished));
        all.reporters.push(("the terminal".to_owned(), Box::new(terminal)));
        Ok(all)
    }

    /// Gives up a run that does not go on with the one in the folder, which stays as it is.
    pub fn abandon(self) {
        if let Some((folder, _)) = self.unfinished {
            drop(self.events);
            drop(fs::remove_file(new_record(&folder)));
        }
    }

    /// Begins the record of a run that is taken up again, beside the one that it left.
    pub(super) fn open_beside(&mut self) {
        let Some((folder, _)) = &self.unfinished else { return };
        match Events::create(&new_record(folder)) {
            Ok(events) => self.events = Some(events),
            Err(error) => self.problems.push(format!("{FILE} could not be written: {error}")),
        }
        // That came before there was a place for it.
        self.record(&Recorded::Stage(Stage::Discover));
    }

    /// Passes on a case that the run had done before it was broken off.
    pub(super) fn keep(&mut self, index: usize, known: Option<String>, tally: Tally) {
        let Some((_, unfinished)) = &mut self.unfinished else { return };
        match unfinished.case(index) {
            Ok(mut case) => {
                case.known = known;
                self.tell(&Recorded::Case { index, case: &case, tally });
            }
            // The earlier record stays: it has more.
            Err(error) => {
                self.problems.push(format!("what was measured before could not be read: {error}"));
                self.events = None;
            }
        }
    }

    /// Lets the record that has everything of the earlier one stand in its place.
    pub(super) fn take_over(&mut self) {
        let Some((folder, unfinished)) = self.unfinished.take() else { return };
        // Some systems replace no file that is open.
        drop(unfinished);
        self.keep_events(Events::sync);
        // Whichever record stands then, what is there is not this run's, and can be made anew from its own.
        clear(&folder);
        self.keep_events(|_| fs::rename(new_record(&folder), folder.join(FILE)));
        if self.events.is_none() {
            drop(fs::remove_file(new_record(&folder)));
        }
    }
}

/// Where the record of a run that is taken up again is written until it has everything of the earlier one.
fn new_record(folder: &Path) -> PathBuf {
    beside(&folder.join(FILE), "resumed")
}

fn done_by(case: Case) -> Done {
    let checks: BTreeSet<String> = case.findings.into_iter().map(|finding| finding.check).collect();
    Done { id: case.id, level: case.level, outcome: case.outcome, checks: checks.into_iter().collect() }
}

/// None of a line that no run wrote.
fn look((request, examined): &(String, usize)) -> Option<Look> {
    Some(Look { request: u64::from_str_radix(request, 16).ok()?, examined: *examined, outside: false })
}

/// Whether two harvests are of the same record.
fn same(before: &Harvest, found: &Harvest) -> Result<(), OtherHarvest> {
    let counts = |harvest: &Harvest| harvest.counts.iter().map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>().join(", ");
    let of: [(&'static str, Of<Harvest>); 2] = [
        ("the member whose record the credentials show", |harvest| harvest.members.join(", ")),
        ("what the member's record holds", counts),
    ];
    difference(&of, before, found).map_or(Ok(()), |(what, values)| Err(OtherHarvest { what, values }))
}

/// The digest of the record that results were made from, if there are any.
fn digest_in(results: &Path) -> Option<String> {
    #[derive(Deserialize)]
    struct Results {
        evidence: Option<Evidence>,
    }
    #[derive(Deserialize)]
    struct Evidence {
        sha256: String,
    }
    let results: Results = serde_json::from_reader(BufReader::new(File::open(results).ok()?)).ok()?;
    Some(results.evidence?.sha256)
}
