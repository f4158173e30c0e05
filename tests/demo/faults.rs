//! Which cases must catch each fault, from `tests/faults/<family>.toml`: one table a fault.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use globset::{Glob, GlobMatcher};
use payerspec::run::event::Verdict;
use serde::Deserialize;

/// What must come of one fault.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Expected {
    /// Patterns of case ids: each must meet a case that ends badly, and together they must cover all that do.
    pub caught_by: Vec<String>,
    /// Whether only a run with writes can meet the fault.
    #[serde(default)]
    pub writes: bool,
    /// The rules of the validator that the resources break, all of them; told of faults in the data only.
    pub rules: Option<BTreeSet<String>>,
    /// The verdict, where it is not the one that follows from failed required cases.
    pub verdict: Option<ExpectedVerdict>,
}

/// The words of verdicts in the files.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExpectedVerdict {
    NotMeasured,
}

impl Expected {
    pub fn globs(&self) -> Vec<(&str, GlobMatcher)> {
        self.caught_by.iter().map(|pattern| (pattern.as_str(), Glob::new(pattern).unwrap().compile_matcher())).collect()
    }

    /// The verdict of a run in which required cases failed, or did not.
    pub fn verdict(&self, fails: bool) -> Verdict {
        match (self.verdict, fails) {
            (Some(ExpectedVerdict::NotMeasured), _) => Verdict::NotMeasured,
            (None, true) => Verdict::Deviates,
            (None, false) => Verdict::Conformant,
        }
    }
}

/// How the committed matrix is brought up to date, which a person then reads.
pub const RENEW: &str = "`cargo run --release -- demo --fault-matrix --out reports` writes the matrix anew";

/// `reports/fault-matrix.json`: what every fault was caught by. The gate tries them all again and compares.
#[derive(Debug, Deserialize)]
pub struct Matrix {
    pub faults: Vec<Committed>,
    pub gaps: Vec<serde_json::Value>,
    pub templates_without_fault: Vec<String>,
}

/// One fault in it.
#[derive(Debug, Deserialize)]
pub struct Committed {
    pub fault: String,
    pub writes: bool,
    pub verdict: String,
    pub rules: BTreeSet<String>,
    pub cases: Vec<Alike>,
}

/// Cases that ended badly in the same way.
#[derive(Debug, Deserialize)]
pub struct Alike {
    pub outcome: String,
    pub ids: Vec<String>,
}

impl Committed {
    /// Ids of all cases that ended badly, sorted.
    pub fn caught(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = self.cases.iter().flat_map(|alike| &alike.ids).map(String::as_str).collect();
        ids.sort_unstable();
        ids
    }

    /// In what it differs from what is expected of the fault.
    pub fn differences(&self, expected: &Expected) -> Vec<String> {
        let (fault, globs) = (&self.fault, expected.globs());
        let caught = self.caught();
        let unmeant = caught.iter().filter(|id| !globs.iter().any(|(_, glob)| glob.is_match(id)));
        let mut wrong: Vec<String> = unmeant.map(|id| format!("{fault} is also caught by {id}")).collect();
        let unmet = globs.iter().filter(|(_, glob)| !caught.iter().any(|id| glob.is_match(id)));
        wrong.extend(unmet.map(|(pattern, _)| format!("{fault} is not caught by {pattern}")));
        let fails = self.cases.iter().any(|alike| alike.outcome == "fail");
        if self.verdict != serde_json::to_value(expected.verdict(fails)).unwrap() {
            wrong.push(format!("{fault} ends {}", self.verdict));
        }
        if expected.rules.as_ref().is_some_and(|rules| *rules != self.rules) {
            wrong.push(format!("{fault} breaks the rules {:?}", self.rules));
        }
        if self.writes != expected.writes {
            wrong.push(format!("{fault} is met by a run {} writes", if self.writes { "with" } else { "without" }));
        }
        wrong
    }
}

/// The committed matrix as it is.
pub fn committed() -> serde_json::Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/fault-matrix.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The committed matrix.
pub fn matrix() -> Matrix {
    serde_json::from_value(committed()).unwrap()
}

/// Every fault that the files name, by its full name.
pub fn expected() -> BTreeMap<String, Expected> {
    let mut all = BTreeMap::new();
    for path in files() {
        let text = std::fs::read_to_string(&path).unwrap();
        let families: BTreeMap<String, BTreeMap<String, Expected>> =
            toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let stem = path.file_stem().unwrap().to_string_lossy();
        assert_eq!(families.keys().collect::<Vec<_>>(), [stem.as_ref()], "{} holds its own family", path.display());
        for (family, faults) in families {
            all.extend(faults.into_iter().map(|(name, expected)| (format!("{family}.{name}"), expected)));
        }
    }
    all
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}
