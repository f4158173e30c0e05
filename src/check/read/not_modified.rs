//! `read.not-modified`

use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "read.not-modified",
    summary: "a read with the current ETag in If-None-Match is answered 304 without a body",
    why: "R4 http.html#cread: where the resource has not changed, the server returns 304 Not Modified rather than the content; conditionalRead is declared.",
    accepts: r#"{"steps": [{"request": "GET Patient/1", "status": 200, "headers": {"etag": "W/\"1\""}}, {"request": "GET Patient/1", "status": 304}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient/1", "status": 200, "headers": {"etag": "W/\"1\""}}, {"request": "GET Patient/1", "status": 200, "body": {"resourceType": "Patient", "id": "1"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let first = subject.steps.first().and_then(|exchanges| exchanges.first()).and_then(|exchange| exchange.response());
    if !first.is_some_and(|response| response.status == 200 && response.header("etag").is_some()) {
        return Evidence::nothing("the first read brought no ETag");
    }
    let Some(response) = subject.response() else { return Evidence::nothing("there was no response") };
    if response.status == 304 { Evidence::fine() } else { Evidence::wrong("HTTP status", "304", response.status) }
}
