//! `http.challenge`

use crate::check::outcome::Evidence;
use crate::check::said::said;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "http.challenge",
    summary: "a refusal for want of credentials says how to present them",
    why: "RFC 9110 section 15.5.2: a server generating a 401 response MUST send a WWW-Authenticate header field; RFC 6750 section 3.",
    accepts: r#"{"steps": [{"request": "GET Patient/1", "status": 401, "headers": {"www-authenticate": "Bearer"}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient/1", "status": 401}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(response) = subject.response() else { return Evidence::nothing("there was no response") };
    if response.status != 401 {
        return Evidence::nothing(said!("the request was answered with status {}, not 401", response.status));
    }
    match response.header("www-authenticate") {
        Some(challenge) if !challenge.trim().is_empty() => Evidence::fine(),
        _ => Evidence::wrong("header www-authenticate", "a challenge, such as Bearer", "missing"),
    }
}
