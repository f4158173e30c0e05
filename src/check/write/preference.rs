//! `write.preference`

use super::{is_done, writes};
use crate::check::exchange::Body;
use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "write.preference",
    summary: "a write that is asked to say little brings no resource back",
    why: "R4 http.html#ops: with Prefer: return=minimal no body is to be returned; servers SHOULD honor this header.",
    accepts: r#"{"steps": [{"request": "POST Patient", "status": 201}]}"#,
    rejects: r#"{"steps": [{"request": "POST Patient", "status": 201, "body": {"resourceType": "Patient", "id": "1"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let sent = writes(subject);
    let Some(exchange) = sent.last().filter(|exchange| is_done(exchange)) else { return Evidence::nothing("nothing was written") };
    match exchange.response().map(|response| &response.body) {
        Some(Body::Empty) => Evidence::fine(),
        Some(_) => Evidence::wrong("body", "none, as Prefer: return=minimal asks", "a body"),
        None => Evidence::nothing("there was no response"),
    }
}
