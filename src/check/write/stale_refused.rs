//! `write.stale-refused`

use super::{is_done, said, version_of, writes};
use crate::check::outcome::Evidence;
use crate::check::said::code;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "write.stale-refused",
    summary: "a change of a version that is no longer current is refused",
    why: "R4 http.html#concurrency: if the version in If-Match is not the current one, the server returns 412 Precondition Failed instead of updating, and #update names 409/412 for version conflicts; versioning is declared versioned-update.",
    accepts: r#"{"made": {"type": "Patient", "id": "1", "version": "1"}, "steps": [{"request": "PUT Patient/1", "status": 200, "headers": {"etag": "W/\"2\""}}, {"request": "PUT Patient/1", "status": 412}]}"#,
    rejects: r#"{"made": {"type": "Patient", "id": "1", "version": "1"}, "steps": [{"request": "PUT Patient/1", "status": 200, "headers": {"etag": "W/\"2\""}}, {"request": "PUT Patient/1", "status": 200, "headers": {"etag": "W/\"3\""}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let made = subject.binding.made.as_ref().and_then(|made| made.version.as_ref());
    let (Some(made), [.., current, stale]) = (made, &*writes(subject)) else {
        return Evidence::nothing("the server did not tell the version of what was made");
    };
    let moved = current.response().filter(|_| is_done(current)).is_some_and(|response| version_of(response).as_ref() != Some(made));
    let Some(response) = stale.response().filter(|_| moved) else {
        return Evidence::nothing("the first update did not move the version, so that none is stale");
    };
    if matches!(response.status, 409 | 412) {
        return Evidence::fine();
    }
    Evidence::wrong(said!("{} with a stale If-Match, HTTP status", code(stale.request.method.word())), "412 or 409", said(response))
}
