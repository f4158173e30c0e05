//! `search.mandatory-kept`

use crate::check::outcome::Evidence;
use crate::check::subset::{Subset, with_copies};
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "search.mandatory-kept",
    summary: "mandatory elements are sent with _summary=text and with _elements",
    why: "R4 search.html#elements: servers SHOULD always return mandatory elements; #summary: text holds the top-level mandatory elements too.",
    accepts: r#"{"about": {"type": "Coverage"}, "sample": {"resourceType": "Coverage", "id": "1", "status": "active", "subscriberId": "7"}, "steps": [{"request": "GET Coverage?_elements=subscriberId", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Coverage", "id": "1", "status": "active", "subscriberId": "7"}}]}}]}"#,
    rejects: r#"{"about": {"type": "Coverage"}, "sample": {"resourceType": "Coverage", "id": "1", "status": "active", "subscriberId": "7"}, "steps": [{"request": "GET Coverage?_elements=subscriberId", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Coverage", "id": "1", "subscriberId": "7"}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let (subset, name) = match Subset::asked(subject) {
        Ok(asked) => asked,
        Err(reason) => return Evidence::nothing(reason),
    };
    let note = format!("{} has no mandatory elements, or no match was harvested", subject.resource_type());
    let mut evidence = Evidence { note: Some(note), ..Evidence::default() };
    for (found, whole) in with_copies(subject) {
        for key in whole.as_object().into_iter().flatten().map(|(key, _)| key).filter(|key| subset.is_mandatory(key)) {
            evidence.examined += 1;
            if found.get(key).is_none() {
                let from = resource::key_of(found).unwrap_or_default();
                let at = format!("{}.{key}", subject.resource_type());
                evidence.deviation(at, format!("present whatever {name} says"), format!("missing from {from}"));
            }
        }
    }
    evidence
}
