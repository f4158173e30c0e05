//! `history.same-as-vread`

use super::entries;
use crate::check::copies::compare;
use crate::check::outcome::Evidence;
use crate::check::said::{key, said};
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "history.same-as-vread",
    summary: "a version in a history equals the same version read by itself",
    why: "R4 http.html#history, #vread: both return the version of the resource as it was.",
    accepts: r#"{"steps": [{"request": "GET Patient/1/_history", "status": 200, "body": {"resourceType": "Bundle", "type": "history", "entry": [{"resource": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "1"}, "gender": "male"}}]}}, {"request": "GET Patient/1/_history/1", "status": 200, "body": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "1"}, "gender": "male"}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient/1/_history", "status": 200, "body": {"resourceType": "Bundle", "type": "history", "entry": [{"resource": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "1"}, "gender": "male"}}]}}, {"request": "GET Patient/1/_history/1", "status": 200, "body": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "1"}, "gender": "female"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let ([history, ..], Some(body)) = (subject.steps, subject.resource()) else { return Evidence::nothing("there was no version to read") };
    let mut evidence = Evidence::default();
    for held in entries(history).iter().filter_map(|entry| entry.resource()) {
        compare(held, body, &mut evidence);
    }
    if evidence.examined == 0 {
        let read = resource::version_of(body).unwrap_or("without a version");
        evidence.note = Some(said!("the version that was read, {}, is not in the history", key(read)));
    }
    evidence
}
