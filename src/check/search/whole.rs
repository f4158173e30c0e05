//! `search.whole`

use crate::check::copies::{compare, is_subsetted};
use crate::check::outcome::Evidence;
use crate::check::subset::with_copies;
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "search.whole",
    summary: "a search with _summary=false brings whole resources",
    why: "R4 search.html#summary: with false all parts of the resources are returned, as without _summary.",
    accepts: r#"{"about": {"type": "Patient"}, "sample": {"resourceType": "Patient", "id": "1", "gender": "male"}, "steps": [{"request": "GET Patient?_summary=false", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "1", "gender": "male"}}]}}]}"#,
    rejects: r#"{"about": {"type": "Patient"}, "sample": {"resourceType": "Patient", "id": "1", "gender": "male"}, "steps": [{"request": "GET Patient?_summary=false", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "1"}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let mut evidence = Evidence { note: Some("no match was harvested by other means".to_owned()), ..Evidence::default() };
    for (found, whole) in with_copies(subject) {
        compare(whole, found, &mut evidence);
        if is_subsetted(found) && !is_subsetted(whole) {
            let key = resource::key_of(found).unwrap_or_default();
            evidence.deviation(format!("{}.meta.tag", subject.resource_type()), "not SUBSETTED", format!("SUBSETTED in {key}"));
        }
        if whole.get("text").is_some() && found.get("text").is_none() {
            let key = resource::key_of(found).unwrap_or_default();
            evidence.deviation(format!("{}.text", subject.resource_type()), "as in the harvested copy", format!("missing from {key}"));
        }
    }
    evidence
}
