//! Harvested resources against their types and profiles.

pub mod claimed;
pub mod resource_type;

use std::collections::BTreeMap;

use crate::check::outcome::Evidence;
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
        let named: Vec<String> =
            found.iter().take(MOST_NAMED).map(|(resource, finding)| format!("{resource} at {}", finding.path)).collect();
        let more = found.len().saturating_sub(MOST_NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let actual = found.first().map(|(_, finding)| shown(finding)).unwrap_or_default();
        evidence.deviation(element, format!("{rule}: {expected}"), format!("{actual} ({}{more})", named.join(", ")));
    }
}

/// What the resource has, unless that could be a member's own data.
fn shown(finding: &Finding) -> String {
    let kind = finding.rule.split('.').next().unwrap_or_default();
    match kind {
        "primitive" | "fixed" | "pattern" | "narrative" => "another value".to_owned(),
        "shape" if finding.rule != "shape.unknown-element" => "another shape".to_owned(),
        _ => finding.actual.clone(),
    }
}

fn without_indexes(path: &str) -> String {
    path.split('.').map(|part| part.split('[').next().unwrap_or(part)).collect::<Vec<_>>().join(".")
}
