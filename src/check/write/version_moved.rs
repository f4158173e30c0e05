//! `write.version-moved`

use super::{is_done, read_back, version_of, writes};
use crate::check::outcome::Evidence;
use crate::check::said::{code, said};
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "write.version-moved",
    summary: "a change gives the resource a new version",
    why: "R4 http.html#update: a server that keeps versions creates a new one with each change, with a new meta.versionId.",
    accepts: r#"{"made": {"type": "Patient", "id": "1", "version": "1"}, "steps": [{"request": "PUT Patient/1", "status": 200}, {"request": "GET Patient/1", "status": 200, "body": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "2"}}}]}"#,
    rejects: r#"{"made": {"type": "Patient", "id": "1", "version": "1"}, "steps": [{"request": "PUT Patient/1", "status": 200}, {"request": "GET Patient/1", "status": 200, "body": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "1"}}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(first) = subject.binding.made.as_ref().and_then(|made| made.version.as_deref()) else {
        return Evidence::nothing("the server did not tell the version of what was made");
    };
    if !writes(subject).last().is_some_and(|exchange| is_done(exchange)) {
        return Evidence::nothing("nothing was changed");
    }
    let Some(response) = read_back(subject).and_then(|exchange| exchange.response()).filter(|response| response.status == 200) else {
        return Evidence::nothing("what was changed could not be read");
    };
    match version_of(response) {
        Some(version) if version != first => Evidence::fine(),
        Some(_) => Evidence::wrong("meta.versionId", "a version after the first", said!("still {}", code(first))),
        None => Evidence::wrong("meta.versionId", "a version after the first", "missing"),
    }
}
