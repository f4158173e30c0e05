//! `search.searchset`

use crate::check::outcome::Evidence;
use crate::check::said::code;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "search.searchset",
    summary: "a search is answered with a Bundle of type searchset",
    why: "R4 http.html#search: the response is a Bundle with type = searchset.",
    accepts: r#"{"steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset"}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "type": "collection"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(response) = subject.response() else { return Evidence::nothing("there was no response") };
    if response.status != 200 {
        return Evidence::wrong("HTTP status", "200 with a searchset", response.status);
    }
    let pages = subject.pages();
    if pages.is_empty() {
        let actual = subject.resource().and_then(crate::fhir::resource::type_of).unwrap_or("no readable resource");
        return Evidence::wrong("body", "a Bundle", code(actual));
    }
    let mut evidence = Evidence::default();
    for page in pages {
        evidence.examined += 1;
        if page.kind() != Some("searchset") {
            evidence.deviation("Bundle.type", "searchset", code(page.kind().unwrap_or("missing")));
        }
    }
    evidence
}
