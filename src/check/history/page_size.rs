//! `history.page-size`

use super::{asked, entries};
use crate::check::outcome::Evidence;
use crate::check::said::said;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "history.page-size",
    summary: "a page of a history holds no more entries than _count",
    why: "R4 http.html#history: _count is the greatest number of entries on a page; the server may return fewer, but not more.",
    accepts: r#"{"steps": [{"request": "GET Patient/1/_history", "status": 200, "body": {"resourceType": "Bundle", "type": "history", "entry": [{}, {}]}}, {"request": "GET Patient/1/_history?_count=1", "status": 200, "body": {"resourceType": "Bundle", "type": "history", "entry": [{}]}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient/1/_history", "status": 200, "body": {"resourceType": "Bundle", "type": "history", "entry": [{}, {}]}}, {"request": "GET Patient/1/_history?_count=1", "status": 200, "body": {"resourceType": "Bundle", "type": "history", "entry": [{}, {}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let [whole, .., paged] = subject.steps else { return Evidence::nothing("the whole history was not asked for first") };
    let Some(count) = asked(paged, "_count").and_then(|count| count.parse::<usize>().ok()) else {
        return Evidence::nothing("the history was not asked for by pages");
    };
    if entries(whole).len() <= count {
        return Evidence::nothing(said!("the history has no more than {} entries: no page could be too large", count));
    }
    let mut evidence = Evidence::default();
    for (place, page) in subject.pages().iter().enumerate() {
        evidence.examined += 1;
        let held = page.entries().count();
        if held > count {
            evidence.deviation(said!("page {}, Bundle.entry", place + 1), said!("at most {}", count), held);
        }
    }
    evidence
}
