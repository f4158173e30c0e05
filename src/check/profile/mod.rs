//! Harvested resources against their types and profiles.

pub mod claimed;
pub mod resource_type;

use std::collections::BTreeMap;

use crate::check::outcome::Evidence;
use crate::check::said::{Said, code, element as value, foreign, key, said, words};
use crate::validate::{Finding, Severity};

/// Locations that are named for one deviation.
const MOST_NAMED: usize = 3;

/// Puts errors into evidence: one for each rule and element, however many resources have it.
pub(in crate::check) fn deviations<'a>(errors: impl Iterator<Item = (&'a str, &'a Finding)>, evidence: &mut Evidence) {
    let mut groups: BTreeMap<_, Vec<(&str, &Finding)>> = BTreeMap::new();
    for (resource, finding) in errors.filter(|(_, finding)| finding.severity == Severity::Error) {
        let key = (without_indexes(&finding.path), &*finding.rule, finding.expected.as_str());
        groups.entry(key).or_default().push((resource, finding));
    }
    for ((element, rule, expected), found) in groups {
        let named = found.iter().take(MOST_NAMED).map(|(resource, finding)| said!("{} at {}", key(resource), code(&finding.path)));
        let named = Said::joined(named, ", ");
        let more = found.len().saturating_sub(MOST_NAMED);
        let more = if more > 0 { said!(" and {} more", more) } else { Said::default() };
        let actual = found.first().map(|(_, finding)| quoted(finding)).unwrap_or_default();
        evidence.deviation(code(element), said!("{}: {}", code(rule), words(expected)), said!("{} ({}{})", actual, named, more));
    }
}

/// What the resource has, by what it is: the element's value where the rule is about that, else a count, a type or a name.
pub fn quoted(finding: &Finding) -> Said {
    let kind = finding.rule.split('.').next().unwrap_or_default();
    match kind {
        "narrative" => "another value".into(),
        "primitive" if finding.rule == "primitive.length" => words(&finding.actual),
        "shape" if finding.rule == "shape.unknown-element" => words(&finding.actual),
        // What is not of the element's type can be anything.
        "primitive" | "shape" if !matches!(&*finding.rule, "primitive.date" | "primitive.dateTime" | "primitive.instant") => {
            foreign(&finding.actual)
        }
        "bundle" if finding.actual.contains('/') => key(&finding.actual),
        "primitive" | "fixed" | "pattern" | "value" | "binding" | "code" => value(&finding.path, &finding.actual),
        _ => words(&finding.actual),
    }
}

fn without_indexes(path: &str) -> String {
    path.split('.').map(|part| part.split('[').next().unwrap_or(part)).collect::<Vec<_>>().join(".")
}
