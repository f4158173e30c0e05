//! `oauth.inactive`

use serde_json::Value;

use crate::check::outcome::Evidence;
use crate::check::said::said;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "oauth.inactive",
    summary: "introspection calls an unknown token inactive",
    why: "RFC 7662 section 2.2: for a token that is not known or not active the server MUST answer with active false.",
    accepts: r#"{"steps": [{"request": "POST introspect", "body": {"active": false}}]}"#,
    rejects: r#"{"steps": [{"request": "POST introspect", "body": {"active": true}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(response) = subject.response() else { return Evidence::nothing("there was no response") };
    if matches!(response.status, 401 | 403) {
        return Evidence::nothing("the introspection endpoint is not for this client");
    }
    match subject.resource().and_then(|document| document.get("active")).and_then(Value::as_bool) {
        Some(false) => Evidence::fine(),
        Some(true) => Evidence::wrong("active", "false", "true"),
        None => Evidence::wrong("active", "false", said!("missing, with status {}", response.status)),
    }
}
