//! `oauth.error`

use crate::check::outcome::Evidence;
use crate::check::said::{code, said};
use crate::check::{Check, Subject};
use crate::fhir::json::Value;

/// The codes of the specification.
const CODES: [&str; 6] =
    ["invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope"];

/// The check.
pub const CHECK: Check = Check {
    id: "oauth.error",
    summary: "a refusal of the token endpoint says why, in the way that clients read",
    why: "RFC 6749 section 5.2: 400 (401 for a client that did not show who it is), application/json, and the REQUIRED parameter error with one of its codes.",
    accepts: r#"{"steps": [{"request": "POST token", "status": 400, "body": {"error": "invalid_grant"}}]}"#,
    rejects: r#"{"steps": [{"request": "POST token", "status": 200, "body": {"message": "no"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(response) = subject.response() else { return Evidence::nothing("there was no response") };
    let mut evidence = Evidence::fine();
    if !matches!(response.status, 400 | 401) {
        evidence.deviation("status", "400 or 401", response.status);
    }
    match subject.resource().and_then(|document| document.get("error")).and_then(Value::as_str) {
        Some(error) if CODES.contains(&error) => {}
        Some(error) => evidence.deviation("error", said!("one of {}", code(CODES.join(", "))), code(error)),
        None => evidence.deviation("error", said!("one of {}", code(CODES.join(", "))), "missing"),
    }
    evidence
}
