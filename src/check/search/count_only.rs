//! `search.count-only`

use crate::check::outcome::Evidence;
use crate::check::said::{code, said};
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "search.count-only",
    summary: "a search with _summary=count or _count=0 brings the total and nothing else",
    why: "R4 search.html#summary: with count the server returns just a count of the matching resources, without returning the actual matches; #count: a _count of 0 is the same, with no links to pages. A self link without _summary says that it was not applied.",
    accepts: r#"{"steps": [{"request": "GET Patient?_summary=count", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "total": 2}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient?_summary=count", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "total": 1, "entry": [{"resource": {"resourceType": "Patient", "id": "1"}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let pages = subject.pages();
    let Some(page) = pages.first() else { return Evidence::nothing("there was no Bundle") };
    if subject.asked("_summary").is_some() && subject.stated().is_some() && !subject.states("_summary") {
        return Evidence::nothing("the self link says that _summary was not applied");
    }
    let mut evidence = Evidence::fine();
    let entries = subject.matches().len();
    if entries > 0 {
        evidence.deviation("Bundle.entry", "no entries", said!("{} matches", entries));
    }
    if page.total().is_none() {
        evidence.deviation("Bundle.total", "the number of matches", "missing");
    }
    for relation in ["next", "previous", "prev", "last"].into_iter().filter(|relation| page.link(relation).is_some()) {
        evidence.deviation(said!("Bundle.link.where(relation = '{}')", code(relation)), "no link to a page", "present");
    }
    evidence
}
