//! `search.count-only`

use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "search.count-only",
    summary: "a search with _summary=count brings the total and no entries",
    why: "R4 search.html#summary: with count the server returns just a count of the matching resources, without returning the actual matches. A self link without _summary says that it was not applied.",
    accepts: r#"{"steps": [{"request": "GET Patient?_summary=count", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "total": 2}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient?_summary=count", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "total": 1, "entry": [{"resource": {"resourceType": "Patient", "id": "1"}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let pages = subject.pages();
    let Some(page) = pages.first() else { return Evidence::nothing("there was no Bundle") };
    if page.link("self").is_some_and(|link| !link.contains("_summary")) {
        return Evidence::nothing("the self link says that _summary was not applied");
    }
    let mut evidence = Evidence::fine();
    let entries = subject.matches().len();
    if entries > 0 {
        evidence.deviation("Bundle.entry", "no entries", format!("{entries} matches"));
    }
    if page.total().is_none() {
        evidence.deviation("Bundle.total", "the number of matches", "missing");
    }
    evidence
}
