//! `oauth.expires-in`

use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};
use crate::fhir::json::Value;

/// The check.
pub const CHECK: Check = Check {
    id: "oauth.expires-in",
    summary: "a token response says how long the token lasts",
    why: "RFC 6749 section 5.1: expires_in is RECOMMENDED, in seconds; SMART App Launch, Obtain access token: it should be there, as a number.",
    accepts: r#"{"steps": [{"request": "POST token", "body": {"access_token": "***", "expires_in": 3600}}]}"#,
    rejects: r#"{"steps": [{"request": "POST token", "body": {"access_token": "***", "expires_in": "3600"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some((_, document)) = super::token_document(subject) else { return Evidence::nothing("there was no token response") };
    match document.get("expires_in") {
        Some(Value::Number(_)) => Evidence::fine(),
        Some(_) => Evidence::wrong("expires_in", "a number of seconds", "something else"),
        None => Evidence::wrong("expires_in", "a number of seconds", "missing"),
    }
}
