//! `read.same-version`

use crate::check::outcome::Evidence;
use crate::check::said::{code, said};
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "read.same-version",
    summary: "a vread returns the version that was asked for",
    why: "R4 http.html#vread: the returned resource SHALL have an id and a versionId that are the [id] and [vid] asked for.",
    accepts: r#"{"sample": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "2"}}, "steps": [{"request": "GET Patient/1/_history/2", "status": 200, "body": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "2"}}}]}"#,
    rejects: r#"{"sample": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "2"}}, "steps": [{"request": "GET Patient/1/_history/2", "status": 200, "body": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "3"}}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(wanted) = subject.binding.sample.as_deref().and_then(resource::version_of) else {
        return Evidence::nothing("no harvested resource has a meta.versionId");
    };
    let Some(response) = subject.response() else { return Evidence::nothing("there was no response") };
    if response.status != 200 {
        return Evidence::nothing(said!("the vread was answered with status {}", response.status));
    }
    let actual = subject.resource().and_then(resource::version_of);
    if actual == Some(wanted) {
        Evidence::fine()
    } else {
        Evidence::wrong("meta.versionId", code(wanted), code(actual.unwrap_or("missing")))
    }
}
