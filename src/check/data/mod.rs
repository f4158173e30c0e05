//! Harvested data against what the guide says of it beyond types and profiles.

pub mod amounts;
pub mod dates;
pub mod in_force;
pub mod insurer;
pub mod last_updated;
pub mod links;
pub mod no_unknown_reason;
pub mod npi;
pub mod payor;
pub mod placeholders;
pub mod related;
pub mod sequences;
pub mod totals;

pub(super) mod claim;

use crate::check::Subject;
use crate::check::outcome::Evidence;
use crate::check::said::{code, key, said};
use crate::fhir::json::Value;
use crate::fhir::resource;

/// Findings of one case at most: what is wrong in one claim is often wrong in all.
const MOST_FINDINGS: usize = 20;

/// Holds every harvested resource that the case is about to a rule. `missing` says what the rule needs.
fn each(subject: &Subject<'_>, missing: &'static str, mut rule: impl FnMut(&Value, &mut Evidence)) -> Evidence {
    let samples = subject.samples.of(subject.resource_type());
    if samples.is_empty() {
        return Evidence::nothing(subject.samples.why_none(subject.resource_type()));
    }
    let mut evidence = Evidence::default();
    for sample in samples.iter().filter(|sample| claim::is_of_kind(sample, subject.about.value.as_deref())) {
        rule(sample, &mut evidence);
    }
    evidence.findings.truncate(MOST_FINDINGS);
    if evidence.examined == 0 {
        evidence.note = Some(missing.into());
    }
    evidence
}

/// Adds a finding about an element of a resource. No value of the member's is told.
fn wrong(evidence: &mut Evidence, resource: &Value, path: &str, expected: &'static str, actual: &'static str) {
    let of = resource::key_of(resource).unwrap_or_default();
    evidence.deviation(said!("{}: {}", key(of), code(path)), expected, actual);
}

/// The entries of a list, or none.
pub(super) fn entries<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Whether a CodeableConcept has a coding with this code.
pub(super) fn has_code(concept: Option<&Value>, code: &str) -> bool {
    concept.is_some_and(|concept| entries(concept, "coding").iter().any(|coding| coding.get("code").is_some_and(|found| found == code)))
}
