//! `search.whole`

use crate::check::copies::{compare, is_subsetted};
use crate::check::outcome::Evidence;
use crate::check::said::{code, said, url};
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
    let mut evidence = Evidence { note: Some("no match was harvested by other means".into()), ..Evidence::default() };
    for (found, whole) in with_copies(subject) {
        compare(whole, found, &mut evidence);
        if is_subsetted(found) && !is_subsetted(whole) {
            let key = resource::key_of(found).unwrap_or_default();
            evidence.deviation(said!("{}.meta.tag", code(subject.resource_type())), "not SUBSETTED", said!("SUBSETTED in {}", url(key)));
        }
        if whole.get("text").is_some() && found.get("text").is_none() {
            let key = resource::key_of(found).unwrap_or_default();
            evidence.deviation(
                said!("{}.text", code(subject.resource_type())),
                "as in the harvested copy",
                said!("missing from {}", url(key)),
            );
        }
    }
    evidence
}
