//! `oauth.state`

use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "oauth.state",
    summary: "state is sent, and comes back as it was",
    why: "RFC 6749 section 4.1.2: state is REQUIRED in the response if it was in the request, exactly as received; section 10.12 has clients protect the redirect with it. A flow that is documented without it leaves members open to forged redirects.",
    accepts: r#"{"sign-in": {"asked": {"response_type": "code", "state": "***"}, "state-returned": true}}"#,
    rejects: r#"{"sign-in": {"asked": {"response_type": "code", "state": "***"}, "state-returned": false}}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(sign_in) = subject.declared.sign_in.as_ref().filter(|sign_in| !sign_in.asked.is_empty()) else {
        return Evidence::nothing("no authorization request was made");
    };
    match sign_in.state_returned {
        Some(true) => Evidence::fine(),
        Some(false) => Evidence::wrong("redirect", "state as it was sent", "another one, or none"),
        None => Evidence::wrong("authorization request", "state", "the flow of this server has none"),
    }
}
