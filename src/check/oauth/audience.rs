//! `oauth.audience`

use crate::check::exchange::Body;
use crate::check::outcome::Evidence;
use crate::check::said::words;
use crate::check::sign_in::SIGN_IN_PAGE;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "oauth.audience",
    summary: "an authorization request for another resource server is refused",
    why: "SMART App Launch 2.2, Obtain authorization code: aud names the resource server, to keep a genuine token from a counterfeit one; a server that knows no such resource server has nothing to grant.",
    accepts: r#"{"steps": [{"request": "GET authorize?aud=https://fhir.payerspec.invalid/r4", "status": 302, "headers": {"location": "http://127.0.0.1/callback?error=invalid_request"}}]}"#,
    rejects: r#"{"steps": [{"request": "GET authorize?aud=https://fhir.payerspec.invalid/r4", "status": 302, "headers": {"location": "http://127.0.0.1/callback?code=1"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(response) = subject.response() else { return Evidence::nothing("there was no response") };
    match &response.body {
        Body::Unreadable(page) if page == SIGN_IN_PAGE => {
            Evidence::wrong("authorization response", "a refusal, since aud is another server", words(SIGN_IN_PAGE))
        }
        _ if response.header("location").is_some_and(|location| location.contains("code=")) => {
            Evidence::wrong("header location", "a refusal, since aud is another server", "a code")
        }
        _ => Evidence::fine(),
    }
}
