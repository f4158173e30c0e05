//! `http.etag`

use crate::check::outcome::Evidence;
use crate::check::said::code;
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "http.etag",
    summary: "a read resource with a versionId comes with the same version in its ETag",
    why: "R4 http.html#read: servers SHOULD return an ETag header with the versionId of the resource, as a weak ETag.",
    accepts: r#"{"steps": [{"request": "GET Patient/1", "status": 200, "headers": {"etag": "W/\"3\""}, "body": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "3"}}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient/1", "status": 200, "headers": {"etag": "W/\"2\""}, "body": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "3"}}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(response) = subject.response() else { return Evidence::nothing("there was no response") };
    let Some(version) = subject.resource().and_then(resource::version_of) else {
        return Evidence::nothing("the resource has no meta.versionId");
    };
    let expected = format!("W/\"{version}\"");
    match response.header("etag") {
        Some(etag) if etag.trim() == expected => Evidence::fine(),
        Some(etag) => Evidence::wrong("header etag", code(expected), code(etag)),
        None => Evidence::wrong("header etag", code(expected), "no etag header"),
    }
}
