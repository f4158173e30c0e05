//! The trials of a run that was made earlier, from its `results.json`.

use std::path::Path;

use serde::Deserialize;

use super::{Ending, Told};
use crate::check::outcome::{Level, Outcome};
use crate::cli::exit::BadInput;
use crate::report::{RESULTS_VERSION, clean};

/// `results.json`, as far as trials need it.
#[derive(Deserialize)]
struct Results {
    schema: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    level: Level,
    outcome: Outcome,
    known: Option<String>,
    reason: Option<String>,
    findings: Vec<Finding>,
}

#[derive(Deserialize)]
struct Finding {
    check: String,
    at: String,
    expected: String,
    actual: String,
}

/// Each case with how it ended, in the file's order. A folder stands for the `results.json` in it.
pub fn read(path: &Path) -> Result<Vec<(String, Ending)>, BadInput> {
    let file = if path.is_dir() { path.join("results.json") } else { path.to_owned() };
    let unusable = |what: String| BadInput(format!("{} {what}; `payerspec run --out DIR` writes one", file.display()));
    let text = std::fs::read(&file).map_err(|error| unusable(format!("cannot be read: {error}")))?;
    let results: Results = serde_json::from_slice(&text).map_err(|error| unusable(format!("is no results.json: {error}")))?;
    if results.schema != RESULTS_VERSION {
        return Err(unusable(format!("has the form {:?}; {RESULTS_VERSION} can be read", results.schema)));
    }
    if results.cases.is_empty() {
        return Err(unusable("holds no cases".to_owned()));
    }
    Ok(results.cases.into_iter().map(|case| (clean(&case.id), case.ending())).collect())
}

impl Case {
    fn ending(&self) -> Ending {
        let findings = self.findings.iter().map(|finding| {
            let Finding { check, at, expected, actual } = finding;
            format!("{check} at {at}: expected {expected}, actual {actual}")
        });
        let told = Told {
            required: self.level.is_required(),
            outcome: self.outcome,
            known: self.known.is_some(),
            lines: findings.chain(self.reason.clone()).collect(),
        };
        told.ending()
    }
}
