//! `search.mode`

use crate::check::outcome::Evidence;
use crate::check::said::{code, said};
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "search.mode",
    summary: "every entry of a searchset says why it is there",
    why: "R4 bundle.html: entry.search.mode is match, include or outcome; without it a client cannot tell a match from what came along.",
    accepts: r#"{"steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "entry": [{"search": {"mode": "match"}, "resource": {"resourceType": "Patient", "id": "1"}}]}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": {"resourceType": "Patient", "id": "1"}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let mut evidence = Evidence::default();
    for page in subject.pages() {
        for (index, entry) in page.entries().enumerate() {
            evidence.examined += 1;
            let mode = entry.mode();
            if !matches!(mode, Some("match" | "include" | "outcome")) {
                let at = said!("Bundle.entry[{}].search.mode", index);
                evidence.deviation(at, "match, include or outcome", code(mode.unwrap_or("missing")));
            }
        }
    }
    if evidence.examined == 0 {
        evidence.note = Some("the searchset has no entries".into());
    }
    evidence
}
