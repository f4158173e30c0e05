//! `search.no-foreign-types`

use crate::check::outcome::Evidence;
use crate::check::said::{code, said};
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "search.no-foreign-types",
    summary: "matches of a type search are of that type",
    why: "R4 http.html#search: GET [base]/[type] searches that type; anything else in the Bundle is marked as include or outcome.",
    accepts: r#"{"about": {"type": "Patient"}, "steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"search": {"mode": "match"}, "resource": {"resourceType": "Patient", "id": "1"}}]}}]}"#,
    rejects: r#"{"about": {"type": "Patient"}, "steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"search": {"mode": "match"}, "resource": {"resourceType": "Coverage", "id": "1"}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let wanted = subject.resource_type();
    let mut evidence = Evidence::default();
    for page in subject.pages() {
        for (index, entry) in page.entries().enumerate().filter(|(_, entry)| matches!(entry.mode(), None | Some("match"))) {
            evidence.examined += 1;
            let actual = entry.resource().and_then(resource::type_of);
            if actual != Some(wanted) {
                evidence.deviation(said!("Bundle.entry[{}].resource", index), code(wanted), code(actual.unwrap_or("no resource")));
            }
        }
    }
    if evidence.examined == 0 {
        evidence.note = Some("the search found nothing".into());
    }
    evidence
}
