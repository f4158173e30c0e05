//! `history.newest-first`

use super::{entries, made, version};
use crate::check::outcome::Evidence;
use crate::check::said::{key, said};
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "history.newest-first",
    summary: "the versions of a history come newest first",
    why: "R4 http.html#history: the versions are sorted with the oldest last.",
    accepts: r#"{"steps": [{"request": "GET Patient/1/_history", "status": 200, "body": {"resourceType": "Bundle", "type": "history", "entry": [{"resource": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "2", "lastUpdated": "2024-02-01T00:00:00Z"}}}, {"resource": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "1", "lastUpdated": "2024-01-01T00:00:00Z"}}}]}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient/1/_history", "status": 200, "body": {"resourceType": "Bundle", "type": "history", "entry": [{"resource": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "1", "lastUpdated": "2024-01-01T00:00:00Z"}}}, {"resource": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "2", "lastUpdated": "2024-02-01T00:00:00Z"}}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(last) = subject.steps.last() else { return Evidence::nothing("nothing was sent") };
    let entries = entries(last);
    let dated: Vec<_> = entries.iter().filter_map(|entry| Some((version(entry)?, made(entry)?))).collect();
    let mut evidence = Evidence::default();
    for pair in dated.windows(2) {
        let [(newer, newer_made), (older, older_made)] = pair else { continue };
        evidence.examined += 1;
        if newer_made.high < older_made.low {
            evidence.deviation("Bundle.entry", said!("{} before {}, which was made earlier", key(older), key(newer)), "after it");
        }
    }
    if evidence.examined == 0 {
        evidence.note = Some("the history shows fewer than two versions with meta.lastUpdated".into());
    }
    evidence
}
