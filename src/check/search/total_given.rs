//! `search.total-given`

use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "search.total-given",
    summary: "a server that states _total=accurate gives the total",
    why: "R4 search.html#total: with accurate the client requests the exact number of matches. Servers need not, but the self link says what was used.",
    accepts: r#"{"steps": [{"request": "GET Patient?_total=accurate", "status": 200, "body": {"resourceType": "Bundle", "total": 0, "link": [{"relation": "self", "url": "http://example.org/fhir/Patient?_total=accurate"}]}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient?_total=accurate", "status": 200, "body": {"resourceType": "Bundle", "link": [{"relation": "self", "url": "http://example.org/fhir/Patient?_total=accurate"}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let pages = subject.pages();
    let Some(page) = pages.first() else { return Evidence::nothing("there was no Bundle") };
    if !subject.states("_total") {
        return Evidence::nothing("the self link does not say that _total was applied, which is the server's right");
    }
    if page.total().is_some() { Evidence::fine() } else { Evidence::wrong("Bundle.total", "the number of matches", "missing") }
}
