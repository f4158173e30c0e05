//! `search.system`

use crate::check::outcome::Evidence;
use crate::check::said::{key, said};
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "search.system",
    summary: "a search of the whole system by type and id finds that resource and nothing else",
    why: "R4 http.html#search: GET [base]?[parameters] searches all types, or those that _type names, by the parameters common to them.",
    accepts: r#"{"sample": {"resourceType": "Patient", "id": "1"}, "steps": [{"request": "GET ?_type=Patient&_id=1", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": {"resourceType": "Patient", "id": "1"}}]}}]}"#,
    rejects: r#"{"sample": {"resourceType": "Patient", "id": "1"}, "steps": [{"request": "GET ?_type=Patient&_id=1", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(wanted) = subject.binding.sample.as_deref().and_then(resource::key_of) else {
        return Evidence::nothing("nothing was harvested that could be searched for");
    };
    let pages = subject.pages();
    if pages.is_empty() {
        return Evidence::nothing("there was no Bundle");
    }
    let found: Vec<String> = pages.iter().flat_map(|page| page.matches().collect::<Vec<_>>()).filter_map(resource::key_of).collect();
    let mut evidence = Evidence::fine();
    if !found.contains(&wanted) {
        evidence.deviation("Bundle.entry", key(&wanted), "not found");
    }
    for other in found.into_iter().filter(|other| *other != wanted) {
        evidence.deviation("Bundle.entry", said!("{} only", key(&wanted)), key(other));
    }
    evidence
}
