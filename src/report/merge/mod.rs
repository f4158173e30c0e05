//! Makes one run of the parts that `--partition K/N` split it into.
//!
//! Everything is judged anew from all cases together: requirements, counts and the verdict. What every part saw, such as the harvest, has to
//! be the same in all of them.

mod agree;
mod shared;
mod sum;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use super::recorded::{Broken, Case, End, FILE, Line, Recorded, Recording, Start};
use super::{Options, ReportError, Reporters, Terminal};
use crate::plan::is_in;
use crate::run::Scores;
use crate::run::event::{Harvest, Verdict};

/// Cases at most that are judged from the answers to all others, and so stand in every part.
const MOST_SHARED: usize = 1000;

/// Parts that make no run.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// A record cannot be used.
    #[error(transparent)]
    Record(#[from] Broken),
    /// There is no place for the reports.
    #[error(transparent)]
    Folder(#[from] ReportError),
    /// A whole run.
    #[error("{0} holds a whole run, not one of the parts of `--partition K/N`; `payerspec report render` writes its reports anew")]
    Whole(PathBuf),
    /// It would be overwritten.
    #[error("{0} is one of the parts; name another folder with --out")]
    InTheWay(PathBuf),
    /// Two records of one part.
    #[error("{one} and {other} both hold part {k}/{n}; give each part once")]
    Twice {
        /// A record.
        one: PathBuf,
        /// Another.
        other: PathBuf,
        /// Which part.
        k: usize,
        /// Of how many.
        n: usize,
    },
    /// Parts that are not given.
    #[error("of the {n} parts {} not given: {}", if .missing.len() == 1 { "one is" } else { "some are" }, list(.missing, *n))]
    Missing {
        /// Which.
        missing: Vec<usize>,
        /// Of how many.
        n: usize,
    },
    /// Parts of different runs, or of a server that did not stay the same.
    #[error("{one} and {other} are no parts of one run: they differ in {what}: {}", .values.join(" and "))]
    Different {
        /// A record.
        one: PathBuf,
        /// Another.
        other: PathBuf,
        /// In what they differ.
        what: &'static str,
        /// What each of them says.
        values: [String; 2],
    },
    /// A case in the wrong part.
    #[error("{path} holds case {index}, which is not of its part, and {other} does not")]
    Astray {
        /// The record.
        path: PathBuf,
        /// The case's place in the whole plan.
        index: usize,
        /// A record that should hold it, too.
        other: PathBuf,
    },
}

/// A part of a run.
struct Part {
    path: PathBuf,
    k: usize,
    n: usize,
    start: Start,
    end: End,
    harvest: Option<Harvest>,
    /// The cases of it that are not of its turn: those that stand in every part.
    shared: BTreeSet<usize>,
}

/// What was merged.
pub struct Merged {
    /// What could not be written.
    pub problems: Vec<String>,
    /// The verdict of the whole run.
    pub verdict: Verdict,
}

/// Writes the reports of the whole run into a folder, and tells of it on the terminal.
///
/// # Errors
/// A record is not whole, one is missing or given twice, they do not belong together, or the folder cannot take reports.
pub fn merge(records: &[PathBuf], folder: &Path, terminal: Terminal) -> Result<Merged, MergeError> {
    let mut looked = HashMap::new();
    let mut parts = records.iter().map(|path| Part::read(path, &mut looked)).collect::<Result<Vec<_>, _>>()?;
    in_the_way(&parts, folder)?;
    parts.sort_by_key(|part| part.k);
    complete(&parts)?;
    agree::agree(&parts)?;
    let shared = shared(&parts)?;
    let Some(start) = sum::start(&parts, folder) else { return Err(MergeError::Missing { missing: vec![1], n: 1 }) };
    let (strict, allow_inconclusive) = (start.facts.strict, start.facts.allow_inconclusive);
    let mut reporters = Reporters::with_terminal(&Options { out: Some(folder.to_owned()), ..Options::default() }, terminal)?;
    reporters.begin(start);
    if let Some(harvest) = parts.iter().find_map(|part| part.harvest.as_ref()) {
        reporters.tell(&Recorded::Harvested(harvest));
    }
    let mut scores = Scores::default();
    let mut tell = |index: usize, case: &Case, reporters: &mut Reporters| {
        scores.count(case.level, case.outcome, case.known.is_some(), strict);
        reporters.tell(&Recorded::Case { index, case, tally: scores.tally });
    };
    let mut waiting: BTreeMap<usize, Vec<Case>> = BTreeMap::new();
    for part in &parts {
        let mut recording = Recording::open(&part.path)?;
        while let Some(line) = recording.next_line()? {
            match line {
                Line::Case { index, case, .. } if shared.contains(&index) => waiting.entry(index).or_default().push(*case),
                Line::Case { index, case, .. } => tell(index, &case, &mut reporters),
                Line::Retried { url, reason } => reporters.tell(&Recorded::Retried { url: &url, reason: &reason }),
                _ => {}
            }
        }
    }
    let examined = looked.values().sum();
    for (index, cases) in waiting {
        if let Some(case) = shared::one_of(cases, examined) {
            tell(index, &case, &mut reporters);
        }
    }
    let end = sum::end(&parts, &scores, allow_inconclusive);
    reporters.end(&end, None);
    Ok(Merged { problems: reporters.finish(), verdict: end.verdict })
}

impl Part {
    /// Reads a record to its end, and notes what its cases looked at.
    fn read(path: &Path, looked: &mut HashMap<String, usize>) -> Result<Self, MergeError> {
        let mut recording = Recording::open(path)?;
        let (mut start, mut harvest, mut end, mut shared) = (None, None, None, BTreeSet::new());
        while let Some(line) = recording.next_line()? {
            match line {
                Line::Started(begun) => start = Some(*begun),
                Line::Case { index, case, .. } => {
                    looked.extend(case.looked);
                    let of = start.as_ref().and_then(|start: &Start| start.plan.part);
                    if of.is_some_and(|(k, n)| !is_in(index, k, n)) {
                        shared.insert(index);
                    }
                    if shared.len() > MOST_SHARED {
                        return Err(recording.broken("is one of more cases of other parts than there can be".to_owned()).into());
                    }
                }
                Line::Harvested(found) => harvest = Some(found),
                Line::Finished(ended) => end = Some(*ended),
                _ => {}
            }
        }
        let path = recording.path().to_owned();
        match (start, end) {
            (Some(start), Some(end)) => match start.plan.part {
                Some((k, n)) if 1 <= k && k <= n => Ok(Self { path, k, n, start, harvest, end, shared }),
                _ => Err(MergeError::Whole(path)),
            },
            _ => Err(MergeError::Whole(path)),
        }
    }
}

/// Refuses a folder whose record is one of the parts.
fn in_the_way(parts: &[Part], folder: &Path) -> Result<(), MergeError> {
    let Ok(target) = folder.join(FILE).canonicalize() else { return Ok(()) };
    let same = parts.iter().find(|part| part.path.canonicalize().is_ok_and(|path| path == target));
    same.map_or(Ok(()), |part| Err(MergeError::InTheWay(part.path.clone())))
}

/// Whether every part is there, once. They are in order.
fn complete(parts: &[Part]) -> Result<(), MergeError> {
    for (one, other) in parts.iter().zip(parts.iter().skip(1)) {
        if one.n != other.n {
            let values = [one, other].map(|part| part.n.to_string());
            return Err(MergeError::Different { one: one.path.clone(), other: other.path.clone(), what: "the number of parts", values });
        }
        if one.k == other.k {
            return Err(MergeError::Twice { one: one.path.clone(), other: other.path.clone(), k: one.k, n: one.n });
        }
    }
    let n = parts.first().map_or(1, |part| part.n);
    let given: BTreeSet<usize> = parts.iter().map(|part| part.k).collect();
    if given.len() == n {
        return Ok(());
    }
    // A number that nobody would split a run into is told by its first parts.
    Err(MergeError::Missing { missing: (1..=n).filter(|k| !given.contains(k)).take(20).collect(), n })
}

/// The cases that stand in every part.
fn shared(parts: &[Part]) -> Result<BTreeSet<usize>, MergeError> {
    let all: BTreeSet<usize> = parts.iter().flat_map(|part| part.shared.iter().copied()).collect();
    for part in parts {
        let lacking = all.iter().find(|index| !is_in(**index, part.k, part.n) && !part.shared.contains(index));
        if let Some(index) = lacking {
            let holder = parts.iter().find(|other| other.shared.contains(index)).unwrap_or(part);
            return Err(MergeError::Astray { path: holder.path.clone(), index: *index, other: part.path.clone() });
        }
    }
    Ok(all)
}

fn list(missing: &[usize], n: usize) -> String {
    missing.iter().map(|k| format!("{k}/{n}")).collect::<Vec<_>>().join(", ")
}
