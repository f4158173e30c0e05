//! `facts.clinical`

use super::records;
use crate::check::outcome::Evidence;
use crate::check::said::code;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "facts.clinical",
    summary: "the record has resources of each type of which the payer says that it maintains clinical data",
    why: "42 CFR 422.119(b)(1)(iii), 431.60(b)(3) and their siblings: all data classes and elements of USCDI that the payer maintains.",
    accepts: r#"{"facts": {"clinical": ["Observation"]}, "sample": {"resourceType": "Observation", "id": "1"}}"#,
    rejects: r#"{"facts": {"clinical": ["Observation", "Condition"]}, "sample": {"resourceType": "Observation", "id": "1"}}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let mut evidence = Evidence { note: Some("the payer's facts name no clinical data".into()), ..Evidence::default() };
    if records(subject).all(|samples| samples.counts().is_empty()) {
        return Evidence::nothing("nothing was harvested");
    }
    for resource_type in &subject.declared.facts.clinical {
        evidence.examined += 1;
        if records(subject).all(|samples| samples.of(resource_type).is_empty()) {
            evidence.deviation(code(resource_type), "resources of this type", subject.samples.why_none(resource_type));
        }
    }
    evidence
}
