//! `history.since`

use super::{asked, entries, made, version};
use crate::check::outcome::Evidence;
use crate::check::said::{key, said, url};
use crate::check::{Check, Subject};
use crate::fhir::date::Interval;

/// The check.
pub const CHECK: Check = Check {
    id: "history.since",
    summary: "a history with _since holds the versions that were made then or later, and no others",
    why: "R4 http.html#history: _since includes only versions that were created at or after the given instant.",
    accepts: r#"{"steps": [{"request": "GET Patient/1/_history", "status": 200, "body": {"resourceType": "Bundle", "type": "history", "entry": [{"resource": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "2", "lastUpdated": "2024-02-01T00:00:00Z"}}}, {"resource": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "1", "lastUpdated": "2024-01-01T00:00:00Z"}}}]}}, {"request": "GET Patient/1/_history?_since=2024-02-01T00:00:00Z", "status": 200, "body": {"resourceType": "Bundle", "type": "history", "entry": [{"resource": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "2", "lastUpdated": "2024-02-01T00:00:00Z"}}}]}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient/1/_history", "status": 200, "body": {"resourceType": "Bundle", "type": "history", "entry": [{"resource": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "1", "lastUpdated": "2024-01-01T00:00:00Z"}}}]}}, {"request": "GET Patient/1/_history?_since=2024-02-01T00:00:00Z", "status": 200, "body": {"resourceType": "Bundle", "type": "history", "entry": [{"resource": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "1", "lastUpdated": "2024-01-01T00:00:00Z"}}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let [whole, .., narrowed] = subject.steps else { return Evidence::nothing("the whole history was not asked for first") };
    let Some(since) = asked(narrowed, "_since").and_then(Interval::parse) else {
        return Evidence::nothing("there was no instant to ask by");
    };
    if subject.response().is_none_or(|response| response.status != 200) {
        return Evidence::nothing("the history with _since was refused");
    }
    let mut evidence = Evidence::default();
    let found = entries(narrowed);
    for entry in &found {
        let Some(at) = made(entry) else { continue };
        evidence.examined += 1;
        if at.high < since.low {
            evidence.deviation(
                "Bundle.entry",
                "versions made at or after _since",
                said!("{}, which is older", key(version(entry).unwrap_or_default())),
            );
        }
    }
    let shown: Vec<String> = found.iter().filter_map(version).collect();
    for entry in &entries(whole) {
        let (Some(key), Some(at)) = (version(entry), made(entry)) else { continue };
        evidence.examined += 1;
        if at.low >= since.high && !shown.contains(&key) {
            evidence.deviation("Bundle.entry", said!("{}, which was made then or later", url(key)), "not in it");
        }
    }
    if evidence.examined == 0 {
        evidence.note = Some("the history shows no version with meta.lastUpdated".into());
    }
    evidence
}
