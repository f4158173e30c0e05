//! `oauth.stays-here`

use crate::check::exchange::Body;
use crate::check::outcome::Evidence;
use crate::check::said::words;
use crate::check::sign_in::SIGN_IN_PAGE;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "oauth.stays-here",
    summary: "nobody is sent to an address that the app did not register",
    why: "RFC 6749 section 4.1.2.1: if the redirect URI is missing, invalid or mismatching, the server MUST NOT send the browser to it; section 10.15 on open redirectors.",
    accepts: r#"{"steps": [{"request": "GET authorize?redirect_uri=https://app.payerspec.invalid/callback", "status": 400}]}"#,
    rejects: r#"{"steps": [{"request": "GET authorize?redirect_uri=https://app.payerspec.invalid/callback", "status": 302, "headers": {"location": "https://app.payerspec.invalid/callback?error=invalid_request"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let (Some(exchange), Some(response)) = (subject.exchange(), subject.response()) else {
        return Evidence::nothing("there was no response");
    };
    let asked = exchange.request.query.iter().find(|(name, _)| name == "redirect_uri").map_or("", |(_, value)| value);
    let leads_there = |location: &str| !asked.is_empty() && location.starts_with(asked);
    match &response.body {
        _ if response.header("location").is_some_and(leads_there) => {
            Evidence::wrong("header location", "no redirect to an unregistered address", "a redirect to it")
        }
        Body::Unreadable(page) if page == SIGN_IN_PAGE => {
            Evidence::wrong("authorization response", "a refusal, since the redirect URI is not registered", words(SIGN_IN_PAGE))
        }
        _ => Evidence::fine(),
    }
}
