//! `search.no-duplicates`

use std::collections::HashSet;

use crate::check::outcome::Evidence;
use crate::check::said::{said, url};
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "search.no-duplicates",
    summary: "no resource is a match twice, on one page or across pages",
    why: "R4 bundle.html (bdl-7): fullUrl is unique in a Bundle; R4 http.html#paging: a client that follows next sees the whole result once.",
    accepts: r#"{"about": {"type": "Patient"}, "steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "1"}}, {"resource": {"resourceType": "Patient", "id": "2"}}]}}]}"#,
    rejects: r#"{"about": {"type": "Patient"}, "steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "1"}}, {"resource": {"resourceType": "Patient", "id": "1"}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let mut seen = HashSet::new();
    let mut evidence = Evidence::default();
    for found in subject.matches() {
        let Some(key) = resource::key_of(found) else { continue };
        evidence.examined += 1;
        if !seen.insert(key.clone()) {
            evidence.deviation("Bundle.entry", said!("{} once", url(key)), "more than once");
        }
    }
    if evidence.examined == 0 {
        evidence.note = Some("the search found nothing".into());
    }
    evidence
}
