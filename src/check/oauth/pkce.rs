//! `oauth.pkce`

use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "oauth.pkce",
    summary: "the authorization request carries a code_challenge",
    why: "RFC 7636 section 4.3, and SMART App Launch 2.2, Obtain authorization code: every app uses PKCE with S256. A flow that is documented without it leaves the code to whoever catches the redirect.",
    accepts: r#"{"sign-in": {"asked": {"response_type": "code", "code_challenge": "***", "code_challenge_method": "S256"}}}"#,
    rejects: r#"{"sign-in": {"asked": {"response_type": "code"}}}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let asked = subject.declared.sign_in.as_ref().map_or(&[][..], |sign_in| &sign_in.asked);
    if asked.is_empty() {
        return Evidence::nothing("no authorization request was made");
    }
    let value = |name: &str| asked.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    match (value("code_challenge"), value("code_challenge_method")) {
        (Some(_), Some("S256")) => Evidence::fine(),
        _ => Evidence::wrong("authorization request", "code_challenge with S256", "the flow of this server has no PKCE"),
    }
}
