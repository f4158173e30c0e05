//! `history.paging`

use std::collections::HashSet;

use super::{entries, version};
use crate::check::outcome::Evidence;
use crate::check::said::{key, said};
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "history.paging",
    summary: "the pages of a history bring every version of it",
    why: "R4 http.html#history, #paging: a history may be paged as a search is; the next links lead to all of it.",
    accepts: r#"{"steps": [{"request": "GET Patient/1/_history", "status": 200, "body": {"resourceType": "Bundle", "type": "history", "entry": [{"resource": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "1"}}}]}}, {"request": "GET Patient/1/_history?_count=1", "status": 200, "body": {"resourceType": "Bundle", "type": "history", "entry": [{"resource": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "1"}}}]}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient/1/_history", "status": 200, "body": {"resourceType": "Bundle", "type": "history", "entry": [{"resource": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "1"}}}]}}, {"request": "GET Patient/1/_history?_count=1", "status": 200, "body": {"resourceType": "Bundle", "type": "history"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let [whole, .., paged] = subject.steps else { return Evidence::nothing("the whole history was not asked for first") };
    let ended = subject.pages().last().is_some_and(|page| page.link("next").is_none());
    if paged.len() >= subject.page_limit && !ended {
        return Evidence::nothing(said!("more than {} pages", subject.page_limit));
    }
    let found = entries(paged);
    let found: HashSet<String> = found.iter().filter_map(version).collect();
    let mut evidence = Evidence::default();
    for version in entries(whole).iter().filter_map(version) {
        evidence.examined += 1;
        if !found.contains(&version) {
            evidence.deviation("Bundle.entry of all pages", key(version), "on no page");
        }
    }
    if evidence.examined == 0 {
        evidence.note = Some("the history shows no version with a meta.versionId".into());
    }
    evidence
}
