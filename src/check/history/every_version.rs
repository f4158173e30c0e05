//! `history.every-version`

use super::{entries, version};
use crate::check::outcome::Evidence;
use crate::check::said::key;
use crate::check::write::{version_of, writes};
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "history.every-version",
    summary: "a history holds the version that a write made, and the ones before it",
    why: "R4 http.html#history: the history interaction retrieves the history of a resource, which is all of its versions; http.html#update: each update makes a new one.",
    accepts: r#"{"made": {"type": "Patient", "id": "1", "version": "1"}, "steps": [{"request": "PUT Patient/1", "status": 200, "headers": {"etag": "W/\"2\""}}, {"request": "GET Patient/1/_history", "status": 200, "body": {"resourceType": "Bundle", "type": "history", "entry": [{"resource": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "2"}}}, {"resource": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "1"}}}]}}]}"#,
    rejects: r#"{"made": {"type": "Patient", "id": "1", "version": "1"}, "steps": [{"request": "PUT Patient/1", "status": 200, "headers": {"etag": "W/\"2\""}}, {"request": "GET Patient/1/_history", "status": 200, "body": {"resourceType": "Bundle", "type": "history", "entry": [{"resource": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "2"}}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(made) = &subject.binding.made else { return Evidence::nothing("nothing was made") };
    let [.., history] = subject.steps else { return Evidence::nothing("nothing was sent") };
    if subject.response().is_none_or(|response| response.status != 200) {
        return Evidence::nothing("the history was refused");
    }
    let written = writes(subject).into_iter().filter_map(|exchange| exchange.response()).filter_map(version_of);
    let mut wanted: Vec<String> = made.version.clone().into_iter().chain(written).collect();
    wanted.dedup();
    let found = entries(history);
    let found: Vec<String> = found.iter().filter_map(version).collect();
    let mut evidence = Evidence::default();
    for number in wanted {
        evidence.examined += 1;
        let version = format!("{}/{}/_history/{number}", made.resource_type, made.id);
        if !found.contains(&version) {
            evidence.deviation("Bundle.entry", key(version), "not in it");
        }
    }
    if evidence.examined == 0 {
        evidence.note = Some("the server told no version of what was written".into());
    }
    evidence
}
