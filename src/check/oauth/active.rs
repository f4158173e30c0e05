//! `oauth.active`

use super::introspected;
use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};
use crate::fhir::json::Value;

/// The check.
pub const CHECK: Check = Check {
    id: "oauth.active",
    summary: "introspection calls a token that opens the record active, and says what it is good for",
    why: "RFC 7662 section 2.2: active is true for a token that was issued and is good; SMART App Launch, Token introspection: scope and the launch context, such as patient, come with it.",
    accepts: r#"{"steps": [{"request": "POST introspect", "body": {"active": true, "scope": "patient/*.rs", "patient": "1"}}]}"#,
    rejects: r#"{"steps": [{"request": "POST introspect", "body": {"active": false}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let is_active = |document: &Value| document.get("active") == Some(&Value::Bool(true));
    match subject.resource() {
        Some(document) if is_active(document) && document.get("scope").and_then(Value::as_str).is_none() => {
            Evidence::wrong("scope", "the scope that was granted", "missing")
        }
        _ => introspected(subject, "true"),
    }
}
