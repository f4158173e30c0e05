//! `facts.clinical`

use super::{is_whole, records};
use crate::check::outcome::Evidence;
use crate::check::said::{code, said};
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
        if records(subject).any(|samples| !samples.of(resource_type).is_empty()) {
            evidence.examined += 1;
        } else if is_whole(subject, resource_type) || !is_offered(subject, resource_type) {
            evidence.examined += 1;
            evidence.deviation(code(resource_type), "resources of this type", subject.samples.why_none(resource_type));
        } else {
            evidence.note = Some(said!("{}: {}", code(resource_type), subject.samples.why_none(resource_type)));
        }
    }
    evidence
}

/// Whether the server says that it can be searched for.
fn is_offered(subject: &Subject<'_>, resource_type: &str) -> bool {
    let declared = subject.declared.capability.as_ref().and_then(|capability| capability.resources.get(resource_type));
    declared.is_some_and(|declared| declared.interaction("search-type").is_some())
}
