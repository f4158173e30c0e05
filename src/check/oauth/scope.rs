//! `oauth.scope`

use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};
use crate::fhir::json::Value;

/// The check.
pub const CHECK: Check = Check {
    id: "oauth.scope",
    summary: "a token response says what was granted",
    why: "SMART App Launch 2.2, Obtain access token: scope is required in the token response, and can be different from the scopes that the app asked for.",
    accepts: r#"{"steps": [{"request": "POST token", "body": {"access_token": "***", "scope": "patient/*.rs"}}]}"#,
    rejects: r#"{"steps": [{"request": "POST token", "body": {"access_token": "***"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some((_, document)) = super::token_document(subject) else { return Evidence::nothing("there was no token response") };
    match document.get("scope").and_then(Value::as_str) {
        Some(_) => Evidence::fine(),
        None => Evidence::wrong("scope", "the scopes that were granted", "missing"),
    }
}
