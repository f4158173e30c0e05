//! `oauth.token-response`

use crate::check::outcome::Evidence;
use crate::check::said::code;
use crate::check::{Check, Subject};
use crate::fhir::json::Value;

/// The check.
pub const CHECK: Check = Check {
    id: "oauth.token-response",
    summary: "a token response has an access token and its type",
    why: "RFC 6749 section 5.1: 200, application/json, access_token and token_type are REQUIRED; SMART App Launch, Obtain access token: token_type is the fixed value Bearer.",
    accepts: r#"{"steps": [{"request": "POST token", "headers": {"content-type": "application/json"}, "body": {"access_token": "***", "token_type": "bearer"}}]}"#,
    rejects: r#"{"steps": [{"request": "POST token", "headers": {"content-type": "application/json"}, "body": {"access_token": "***"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some((response, document)) = super::token_document(subject) else { return Evidence::nothing("there was no token response") };
    let mut evidence = Evidence::fine();
    let label = response.header("content-type").unwrap_or_default();
    if !label.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
        evidence.deviation("header content-type", "application/json", code(label));
    }
    match document.get("token_type").and_then(Value::as_str) {
        Some(kind) if kind.eq_ignore_ascii_case("bearer") => {}
        Some(kind) => evidence.deviation("token_type", "Bearer", code(kind)),
        None => evidence.deviation("token_type", "Bearer", "missing"),
    }
    evidence
}
