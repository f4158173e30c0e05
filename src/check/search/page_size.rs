//! `search.page-size`

use crate::check::outcome::Evidence;
use crate::check::said::said;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "search.page-size",
    summary: "no page holds more matches than _count asked for",
    why: "R4 search.html#count: the server SHALL NOT return more resources than requested in _count.",
    accepts: r#"{"about": {"type": "Patient"}, "steps": [{"request": "GET Patient?_count=1", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "1"}}]}}]}"#,
    rejects: r#"{"about": {"type": "Patient"}, "steps": [{"request": "GET Patient?_count=1", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "1"}}, {"resource": {"resourceType": "Patient", "id": "2"}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let asked = subject.exchange().and_then(|exchange| {
        exchange.request.query.iter().find(|(name, _)| name == "_count").and_then(|(_, value)| value.parse::<usize>().ok())
    });
    let Some(asked) = asked else { return Evidence::nothing("the search does not ask for a page size") };
    let mut evidence = Evidence { note: Some("no page holds a match".into()), ..Evidence::default() };
    for (index, page) in subject.pages().iter().enumerate() {
        let found = page.matches().count();
        evidence.examined += usize::from(found > 0);
        if found > asked {
            evidence.deviation(said!("page {}", index + 1), said!("at most {} matches", asked), found);
        }
    }
    evidence
}
