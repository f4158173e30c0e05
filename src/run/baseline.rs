//! The baseline: deviations that are known and accepted, each with a reason. An entry that matches nothing is stale and fails the run, as
//! does one whose date is past.

use std::path::{Path, PathBuf};

use globset::{Glob, GlobMatcher};
use serde::Deserialize;
use time::format_description::well_known::Iso8601;

/// Known deviations.
#[derive(Debug, Default)]
pub struct Baseline {
    entries: Vec<Entry>,
    /// Labels of entries whose date is past.
    expired: Vec<String>,
}

#[derive(Debug)]
struct Entry {
    case: GlobMatcher,
    check: GlobMatcher,
    because: String,
    label: String,
}

/// A baseline that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// The file cannot be read.
    #[error("cannot read the baseline {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Not the TOML of a baseline.
    #[error("{path} is not a baseline:\n{message}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// With line and column.
        message: String,
    },
    /// An entry that makes no sense.
    #[error("{path}, entry for {case}: {problem}")]
    Entry {
        /// The file.
        path: PathBuf,
        /// The entry's case pattern.
        case: String,
        /// What is wrong and what to do.
        problem: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    known: Vec<Known>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    case: String,
    check: String,
    because: String,
    until: Option<String>,
}

impl Baseline {
    /// Reads `[[known]]` entries: `case` and `check` patterns, `because`, and perhaps `until` (a date; from the day after it the entry counts no more).
    ///
    /// # Errors
    /// A file that cannot be read or is malformed, a bad pattern, an empty reason, a bad date.
    pub fn read(path: &Path, today: time::Date) -> Result<Self, BaselineError> {
        let text = std::fs::read_to_string(path).map_err(|source| BaselineError::Unreadable { path: path.to_owned(), source })?;
        Self::parse(path, &text, today)
    }

    fn parse(path: &Path, text: &str, today: time::Date) -> Result<Self, BaselineError> {
        let file: File =
            toml::from_str(text).map_err(|error| BaselineError::Malformed { path: path.to_owned(), message: error.to_string() })?;
        let (mut entries, mut expired) = (Vec::new(), Vec::new());
        for known in file.known {
            let problem = |problem: String| BaselineError::Entry { path: path.to_owned(), case: known.case.clone(), problem };
            if known.because.trim().is_empty() {
                return Err(problem("because is empty; say why this is accepted".to_owned()));
            }
            let glob = |pattern: &str| Glob::new(pattern).map(|glob| glob.compile_matcher()).map_err(|error| problem(error.to_string()));
            let entry = Entry {
                case: glob(&known.case)?,
                check: glob(&known.check)?,
                because: known.because.clone(),
                label: format!("{} / {}", known.case, known.check),
            };
            if let Some(until) = &known.until {
                let date = time::Date::parse(until, &Iso8601::DATE)
                    .map_err(|_| problem(format!("until {until:?} is not a date like 2027-12-31")))?;
                if date < today {
                    expired.push(format!("{} (until {until})", entry.label));
                    continue;
                }
            }
            entries.push(entry);
        }
        Ok(Self { entries, expired })
    }

    /// Why a failed case is accepted: the reasons of the entries that cover the checks of all its findings, and those entries' places.
    pub fn covers<'c>(&self, case_id: &str, checks: impl IntoIterator<Item = &'c str>) -> (Vec<usize>, Option<String>) {
        let mut used = Vec::new();
        let mut reasons: Vec<&str> = Vec::new();
        let (mut any, mut all) = (false, true);
        for check in checks {
            any = true;
            let found = self.entries.iter().position(|entry| entry.case.is_match(case_id) && entry.check.is_match(check));
            match found.and_then(|index| Some((index, self.entries.get(index)?))) {
                Some((index, entry)) => {
                    if !used.contains(&index) {
                        used.push(index);
                        reasons.push(&entry.because);
                    }
                }
                None => all = false,
            }
        }
        (used, (any && all).then(|| reasons.join("; ")))
    }

    /// Labels of the entries that were not used, and of those whose date is past.
    pub fn stale(&self, used: &std::collections::HashSet<usize>) -> Vec<String> {
        let unused = self.entries.iter().enumerate().filter(|(index, _)| !used.contains(index)).map(|(_, entry)| entry.label.clone());
        unused.chain(self.expired.iter().cloned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn an_entry_covers_its_cases_and_checks_only() {
        let text = "[[known]]\ncase = \"r4.*.read\"\ncheck = \"http.status\"\nbecause = \"down\"\n";
        let baseline = Baseline::parse(Path::new("b.toml"), text, date!(2026 - 11 - 23)).unwrap();
        assert_eq!(baseline.covers("r4.Patient.read", ["http.status"]).1.as_deref(), Some("down"));
        assert_eq!(baseline.covers("r4.Patient.read", ["http.status", "other"]).1, None);
        assert_eq!(baseline.covers("r4.Patient.vread", ["http.status"]).1, None);
    }

    #[test]
    fn an_entry_past_its_date_counts_no_more() {
        let text = "[[known]]\ncase = \"*\"\ncheck = \"*\"\nbecause = \"down\"\nuntil = \"2026-01-01\"\n";
        let baseline = Baseline::parse(Path::new("b.toml"), text, date!(2026 - 11 - 23)).unwrap();
        assert_eq!(baseline.covers("a", ["b"]).1, None);
        assert_eq!(baseline.stale(&std::collections::HashSet::new()), ["* / * (until 2026-01-01)"]);
        let until = |date: &str| Baseline::parse(Path::new("b.toml"), &text.replace("2026-01-01", date), date!(2026 - 11 - 23));
        assert_eq!(until("2026-11-23").unwrap().covers("a", ["b"]).1.as_deref(), Some("down"), "the day itself counts");
        assert!(until("soon").unwrap_err().to_string().contains("is not a date like"));
    }

    #[test]
    fn an_unused_entry_is_stale() {
        let text = "[[known]]\ncase = \"a\"\ncheck = \"b\"\nbecause = \"c\"\n";
        let baseline = Baseline::parse(Path::new("b.toml"), text, date!(2026 - 11 - 23)).unwrap();
        assert_eq!(baseline.stale(&std::collections::HashSet::new()), ["a / b"]);
    }

    #[test]
    fn a_reason_is_required_and_an_unknown_key_refused() {
        let today = date!(2026 - 11 - 23);
        let without = "[[known]]\ncase = \"a\"\ncheck = \"b\"\nbecause = \" \"\n";
        assert!(matches!(Baseline::parse(Path::new("b.toml"), without, today), Err(BaselineError::Entry { .. })));
        let unknown = "[[known]]\ncase = \"a\"\ncheck = \"b\"\nreason = \"x\"\n";
        assert!(matches!(Baseline::parse(Path::new("b.toml"), unknown, today), Err(BaselineError::Malformed { .. })));
    }
}
