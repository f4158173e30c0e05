//! `search.total`

use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "search.total",
    summary: "Bundle.total, when given, is the number of matches on all pages",
    why: "R4 bundle.html: total is the number of resources that match, not of those on this page, and included resources do not count.",
    accepts: r#"{"about": {"type": "Patient"}, "steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "total": 1, "entry": [{"search": {"mode": "match"}, "resource": {"resourceType": "Patient", "id": "1"}}]}}]}"#,
    rejects: r#"{"about": {"type": "Patient"}, "steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "total": 5, "entry": [{"search": {"mode": "match"}, "resource": {"resourceType": "Patient", "id": "1"}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let pages = subject.pages();
    if pages.last().is_some_and(|page| page.link("next").is_some()) {
        return Evidence::nothing("not every page was read, so the matches could not be counted");
    }
    let found = pages.iter().map(|page| page.matches().count()).sum::<usize>();
    let mut evidence = Evidence::default();
    for page in &pages {
        if let Some(total) = page.total() {
            evidence.examined += 1;
            if usize::try_from(total) != Ok(found) {
                evidence.deviation("Bundle.total", found, total);
            }
        }
    }
    if evidence.examined == 0 {
        evidence.note = Some("the server gives no total, which is its right".into());
    }
    evidence
}
