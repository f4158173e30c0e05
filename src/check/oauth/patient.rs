//! `oauth.patient`

use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};
use crate::fhir::json::Value;

/// The check.
pub const CHECK: Check = Check {
    id: "oauth.patient",
    summary: "a token response names the member when launch/patient was granted",
    why: "SMART App Launch 2.2, Scopes for requesting context data: with launch/patient the token response has the parameter patient, the id of the Patient resource.",
    accepts: r#"{"steps": [{"request": "POST token", "body": {"access_token": "***", "scope": "launch/patient", "patient": "1"}}]}"#,
    rejects: r#"{"steps": [{"request": "POST token", "body": {"access_token": "***", "scope": "launch/patient"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some((_, document)) = super::token_document(subject) else { return Evidence::nothing("there was no token response") };
    let text = |name: &str| document.get(name).and_then(Value::as_str);
    // A server may grant less than was asked for, and then owes nothing.
    if text("scope").is_some_and(|scope| !scope.split_whitespace().any(|word| word == "launch/patient")) {
        return Evidence::nothing("launch/patient was not granted");
    }
    match text("patient") {
        Some(id) if !id.is_empty() => Evidence::fine(),
        _ => Evidence::wrong("patient", "the id of the member's Patient", "missing"),
    }
}
