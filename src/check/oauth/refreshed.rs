//! `oauth.refreshed`

use crate::check::outcome::Evidence;
use crate::check::said::said;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "oauth.refreshed",
    summary: "a refresh token gives a new access token",
    why: "RFC 6749 section 6; SMART App Launch, Refresh access token: a refresh token that was issued is exchanged for an access token.",
    accepts: r#"{"steps": [{"request": "POST token", "body": {"access_token": "***"}}]}"#,
    rejects: r#"{"steps": [{"request": "POST token", "status": 400, "body": {"error": "invalid_grant"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(response) = subject.response() else { return Evidence::nothing("there was no response") };
    let has_token = subject.resource().is_some_and(|document| document.get("access_token").is_some());
    if response.status == 200 && has_token {
        return Evidence::fine();
    }
    Evidence::wrong("token response", "an access token", said!("status {}", response.status))
}
