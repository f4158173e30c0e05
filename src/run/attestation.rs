//! Attestations: what somebody states of requirements that no run can answer. They are told as attested, never as verified.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use time::format_description::well_known::Iso8601;

use crate::guide::requirements::{self, Requirement};

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attestation {
    /// The requirement's id, such as `carin-bb-2.0.0@51`.
    pub requirement: String,
    /// What is stated.
    pub statement: String,
    /// Who states it.
    pub by: String,
    /// When, as a date.
    pub date: String,
    /// Where it can be looked up.
    pub evidence: Option<String>,
}

/// Attestations that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AttestationError {
    /// The file cannot be read.
    #[error("cannot read the attestations {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Not the TOML of attestations.
    #[error("{path} has no attestations that can be read:\n{message}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// With line and column.
        message: String,
    },
    /// An entry that makes no sense.
    #[error("{path}, attestation for {requirement}: {problem}")]
    Entry {
        /// The file.
        path: PathBuf,
        /// The requirement that it names.
        requirement: String,
        /// What is wrong and what to do.
        problem: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default, rename = "attestation")]
    attestations: Vec<Attestation>,
}

/// Reads `[[attestation]]` entries for requirements of these lists.
///
/// # Errors
/// A file that cannot be read or is malformed; an entry without words, with no date, twice, or for what is no row or is answered by cases.
pub fn read(path: &Path, rows: &[Requirement]) -> Result<Vec<Attestation>, AttestationError> {
    let text = std::fs::read_to_string(path).map_err(|source| AttestationError::Unreadable { path: path.to_owned(), source })?;
    parse(path, &text, rows)
}

fn parse(path: &Path, text: &str, rows: &[Requirement]) -> Result<Vec<Attestation>, AttestationError> {
    let file: File =
        toml::from_str(text).map_err(|error| AttestationError::Malformed { path: path.to_owned(), message: error.to_string() })?;
    for (place, said) in file.attestations.iter().enumerate() {
        let earlier = file.attestations.iter().take(place).any(|other| other.requirement == said.requirement);
        if let Some(problem) = problem(said, earlier, rows) {
            return Err(AttestationError::Entry { path: path.to_owned(), requirement: said.requirement.clone(), problem });
        }
    }
    Ok(file.attestations)
}

fn problem(said: &Attestation, earlier: bool, rows: &[Requirement]) -> Option<String> {
    let Some(row) = rows.iter().find(|row| row.id == said.requirement) else { return Some(unknown(&said.requirement, rows)) };
    let empty = [("statement", &said.statement), ("by", &said.by)].into_iter().find(|(_, text)| text.trim().is_empty());
    match empty {
        Some((name, _)) => Some(format!("{name} is empty")),
        None if earlier => Some("it is attested twice; keep one".to_owned()),
        None if row.needs_statement.is_none() && row.needs_facts.is_none() => {
            Some("cases answer it, or none can; only rows that need a statement or facts of the payer are attested".to_owned())
        }
        None if time::Date::parse(&said.date, &Iso8601::DATE).is_err() => {
            Some(format!("date {:?} is not a date like 2026-12-31", said.date))
        }
        None => None,
    }
}

/// Why an id is no row of the run: it is that of another version, or of no list at all.
fn unknown(id: &str, rows: &[Requirement]) -> String {
    if let Some(row) = rows.iter().find(|row| row.is_same(id)) {
        return format!("it is a row of another version; in this run it is {}", row.id);
    }
    if requirements::all().any(|row| row.id == id) {
        return "no guide and no suite of this run has this requirement; name the guide with --guide, or remove the entry".to_owned();
    }
    let hint = crate::suite::hint(id, rows.iter().map(|row| row.id.as_str()));
    format!("there is no such requirement{hint}; `payerspec explain ID` shows one")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::parse;
    use crate::guide::requirements::{self, Requirement};

    /// What is said of attestations in a run of CARIN 2.1.0 with a row of a suite's own.
    fn said(text: &str) -> String {
        let own = Requirement { id: "own@1".to_owned(), needs_statement: Some("it".to_owned()), ..Requirement::default() };
        let rows: Vec<_> = requirements::of(&"hl7.fhir.us.carin-bb#2.1.0".parse().unwrap()).into_iter().chain([own]).collect();
        match parse(Path::new("a.toml"), text, &rows) {
            Ok(attestations) => format!("{} taken", attestations.len()),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_statement_is_taken_for_what_no_case_answers_and_for_nothing_else() {
        let entry = |id: &str, by: &str, date: &str| {
            format!("[[attestation]]\nrequirement = \"{id}\"\nstatement = \"We do.\"\nby = \"{by}\"\ndate = \"{date}\"\n")
        };
        let good = entry("carin-bb-2.1.0@51", "A. Officer", "2026-11-01");
        assert_eq!(said(&good), "1 taken");
        assert_eq!(said(&entry("own@1", "A. Officer", "2026-11-01")), "1 taken");
        assert!(said(&good.repeat(2)).contains("twice"));
        assert!(said(&entry("carin-bb-2.1.0@100", "A", "2026-11-01")).contains("cases answer it"));
        assert!(said(&entry("carin-bb-2.1.0@51", " ", "2026-11-01")).contains("by is empty"));
        assert!(said(&entry("carin-bb-2.1.0@51", "A", "soon")).contains("soon"));
        assert!(said("[[attested]]").contains("line 1"));
    }

    #[test]
    fn a_row_that_is_not_of_the_run_is_refused_with_what_is_meant() {
        let entry =
            |id: &str| format!("[[attestation]]\nrequirement = \"{id}\"\nstatement = \"We do.\"\nby = \"A\"\ndate = \"2026-11-01\"\n");
        assert!(said(&entry("carin-bb-2.0.0@51")).contains("in this run it is carin-bb-2.1.0@51"));
        assert!(said(&entry("carin-bb-1.1.0@102")).contains("no guide and no suite of this run"));
        assert!(said(&entry("carin-bb-2.1.0@510")).contains("there is no such requirement; did you mean carin-bb-2.1.0@"));
    }
}
