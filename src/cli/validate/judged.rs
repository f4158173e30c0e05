//! One judged resource, as it is printed.

use serde::Serialize;

use crate::check::profile;
use crate::check::said::{Said, words};
use crate::fhir::json::{DuplicateKey, Locator, ParseError};
use crate::report::Mask;
use crate::validate::{Finding, Judged as ByProfile, Severity, Verdict};

/// Findings of one resource that get a line and a column: finding them is a walk through the resource each time.
const MOST_LOCATED: usize = 1000;

/// One resource and what was found.
#[derive(Clone, Debug, Serialize)]
pub struct Judged {
    /// The file.
    pub file: String,
    /// The line of an NDJSON file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// `Type/id`.
    pub resource: String,
    /// Canonical URL with version of the profile that it was judged by; empty when by its type alone.
    pub profile: String,
    /// Every profile, with the reason.
    pub profiles: Vec<Profile>,
    /// Whether there is no error.
    pub valid: bool,
    /// Codes that the packages do not decide.
    pub undecided_codes: usize,
    /// What was found.
    pub findings: Vec<Located>,
}

/// A profile and why it was chosen.
#[derive(Clone, Debug, Serialize)]
pub struct Profile {
    pub profile: String,
    pub because: String,
}

/// A finding with its place in the file.
#[derive(Clone, Debug, Serialize)]
pub struct Located {
    #[serde(flatten)]
    pub finding: Finding,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// What the resource has, by what it is.
    #[serde(skip)]
    quoted: Said,
}

impl Judged {
    /// A verdict about a resource, which begins where `locator` does. `prefix` is its path in the text, such as
    /// `Bundle.entry[3].resource`, when it is not the whole of it; `line` is the line of the file on which the text begins, from 1.
    pub fn new(file: &str, line: Option<usize>, verdict: Verdict, locator: Option<Locator<'_>>, prefix: Option<&str>) -> Self {
        let valid = verdict.is_valid();
        let mut findings: Vec<Located> = Vec::with_capacity(verdict.findings.len());
        for mut finding in verdict.findings {
            let place = locator.filter(|_| findings.len() < MOST_LOCATED).map(|locator| locator.locate(&finding.path));
            // By its place in the resource, whatever that is in.
            let quoted = profile::quoted(&finding);
            if let Some(prefix) = prefix {
                finding.path = match finding.path.split_once('.') {
                    Some((_, rest)) => format!("{prefix}.{rest}"),
                    None => prefix.to_owned(),
                };
            }
            findings.push(located(finding, quoted, place, line));
        }
        let profiles: Vec<Profile> =
            verdict.profiles.into_iter().map(|ByProfile { profile, because }| Profile { profile, because }).collect();
        Self {
            file: file.to_owned(),
            line,
            resource: verdict.resource,
            profile: profiles.first().map(|judged| judged.profile.clone()).unwrap_or_default(),
            profiles,
            valid,
            undecided_codes: verdict.undecided_codes,
            findings,
        }
    }

    /// A text that is no JSON or XML.
    pub fn unreadable(file: &str, line: Option<usize>, error: &ParseError) -> Self {
        let finding = Finding {
            severity: Severity::Error,
            rule: "shape.syntax".into(),
            path: "$".to_owned(),
            profile: None,
            expected: "a FHIR resource".to_owned(),
            actual: error.message.clone(),
            message: "correct the text: nothing else in it was judged".to_owned(),
        };
        let place = Some((error.line, error.column)).filter(|(line, _)| *line > 0);
        let quoted = words(&error.message);
        Self {
            file: file.to_owned(),
            line,
            resource: String::new(),
            profile: String::new(),
            profiles: Vec::new(),
            valid: false,
            undecided_codes: 0,
            findings: vec![located(finding, quoted, place, line)],
        }
    }

    /// Takes member data out of what it quotes.
    pub fn hide(&mut self, mask: &Mask) {
        if mask.shows() {
            return;
        }
        self.resource = mask.url(&self.resource);
        for Located { finding, quoted, .. } in &mut self.findings {
            finding.actual = mask.said(quoted);
        }
    }

    /// Adds property names that stand twice in the text.
    pub fn add_duplicates(&mut self, duplicates: Vec<DuplicateKey>) {
        for duplicate in duplicates {
            self.valid = false;
            let mut finding = Finding {
                severity: Severity::Error,
                rule: "shape.duplicate-key".into(),
                path: duplicate.path,
                profile: None,
                expected: "each property once".to_owned(),
                actual: "the same name again".to_owned(),
                message: "keep one of the two: readers differ in which one they take".to_owned(),
            };
            finding.clip();
            let quoted = words(&finding.actual);
            self.findings.push(located(finding, quoted, Some((duplicate.line, duplicate.column)), self.line));
        }
    }
}

/// In NDJSON a text is one line of the file.
fn located(finding: Finding, quoted: Said, place: Option<(usize, usize)>, first_line: Option<usize>) -> Located {
    let line = match (place, first_line) {
        (Some((line, _)), Some(first)) => Some(first + line - 1),
        (Some((line, _)), None) => Some(line),
        (None, first) => first,
    };
    Located { finding, line, column: place.map(|(_, column)| column), quoted }
}
