//! `oauth.rotated`

use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "oauth.rotated",
    summary: "a refresh gives another refresh token",
    why: "RFC 9700 (OAuth 2.0 Security) section 4.14.2: refresh tokens of public clients are bound to the client or rotated at each use, so that a stolen one is found out.",
    accepts: r#"{"sign-in": {"rotated": true}, "steps": [{"request": "POST token", "body": {"access_token": "***", "refresh_token": "***"}}]}"#,
    rejects: r#"{"sign-in": {"rotated": false}, "steps": [{"request": "POST token", "body": {"access_token": "***", "refresh_token": "***"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    match subject.declared.sign_in.as_ref().and_then(|sign_in| sign_in.rotated) {
        Some(true) => Evidence::fine(),
        Some(false) => Evidence::wrong("refresh_token", "another one than before", "the same, or none"),
        None => Evidence::nothing("no token came by refresh"),
    }
}
