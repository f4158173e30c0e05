//! `search.self-link`

use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "search.self-link",
    summary: "every page of a search has a self link",
    why: "R4 search.html#conformance: servers SHALL return the parameters that were actually used in the self link.",
    accepts: r#"{"steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "link": [{"relation": "self", "url": "http://example.org/fhir/Patient"}]}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let mut evidence = Evidence::default();
    for page in subject.pages() {
        evidence.examined += 1;
        if page.link("self").is_none_or(str::is_empty) {
            evidence.deviation("Bundle.link.where(relation = 'self')", "present", "missing");
        }
    }
    evidence
}
