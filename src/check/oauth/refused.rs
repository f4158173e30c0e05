//! `oauth.refused`

use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "oauth.refused",
    summary: "the token endpoint gives no token",
    why: "RFC 6749 sections 4.1.3, 5.2 and 10.5; RFC 7636 section 4.6: a code is redeemed once, by the client and with the redirect URI and the verifier that it belongs to; all else is refused with 400 or 401.",
    accepts: r#"{"steps": [{"request": "POST token", "status": 400, "body": {"error": "invalid_grant"}}]}"#,
    rejects: r#"{"steps": [{"request": "POST token", "body": {"access_token": "***"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(response) = subject.response() else { return Evidence::nothing("there was no response") };
    if subject.resource().is_some_and(|document| document.get("access_token").is_some()) {
        return Evidence::wrong("token response", "an error", "an access token");
    }
    match response.status {
        400..=499 => Evidence::fine(),
        status => Evidence::wrong("status", "400 or 401", status),
    }
}
