//! `history.each-once`

use std::collections::HashSet;

use super::{entries, version};
use crate::check::outcome::Evidence;
use crate::check::said::{key, said};
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "history.each-once",
    summary: "a version stands in a history once",
    why: "R4 http.html#history: a history lists the versions of a resource; resource.html#metadata: each change of a resource makes one version with a versionId of its own.",
    accepts: r#"{"steps": [{"request": "GET Patient/1/_history", "status": 200, "body": {"resourceType": "Bundle", "type": "history", "entry": [{"resource": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "1"}}}]}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient/1/_history", "status": 200, "body": {"resourceType": "Bundle", "type": "history", "entry": [{"resource": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "1"}}}, {"resource": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "1"}}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(last) = subject.steps.last() else { return Evidence::nothing("nothing was sent") };
    let mut evidence = Evidence::default();
    let mut seen = HashSet::new();
    for version in entries(last).iter().filter_map(version) {
        evidence.examined += 1;
        if !seen.insert(version.clone()) {
            evidence.deviation("Bundle.entry", "each version once", said!("{} again", key(version)));
        }
    }
    if evidence.examined == 0 {
        evidence.note = Some("the history shows no version with a meta.versionId".into());
    }
    evidence
}
