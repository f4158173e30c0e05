//! `oauth.form-encoded`

use crate::check::exchange::Payload;
use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "oauth.form-encoded",
    summary: "the token request is a form",
    why: "RFC 6749 section 4.1.3 (and appendix B): the client sends the parameters in the format application/x-www-form-urlencoded. A token endpoint that wants JSON breaks every standard client.",
    accepts: r#"{"steps": [{"request": "POST token", "form": {"grant_type": "authorization_code"}}]}"#,
    rejects: r#"{"steps": [{"request": "POST token", "sent": {"grant_type": "authorization_code"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    match subject.exchange().and_then(|exchange| exchange.request.payload.as_ref()) {
        Some(Payload::Form(_)) => Evidence::fine(),
        Some(Payload::Json(_)) => {
            Evidence::wrong("token request", "application/x-www-form-urlencoded", "this server is asked with application/json")
        }
        None => Evidence::nothing("no token request was made"),
    }
}
