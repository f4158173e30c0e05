//! `oauth.no-store`

use crate::check::outcome::Evidence;
use crate::check::said::code;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "oauth.no-store",
    summary: "a token response is not kept by caches",
    why: "RFC 6749 section 5.1: the server MUST include Cache-Control with no-store in any response with tokens; SMART App Launch, Obtain access token.",
    accepts: r#"{"steps": [{"request": "POST token", "headers": {"cache-control": "no-store"}, "body": {"access_token": "***"}}]}"#,
    rejects: r#"{"steps": [{"request": "POST token", "body": {"access_token": "***"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some((response, _)) = super::token_document(subject) else { return Evidence::nothing("there was no token response") };
    let values: Vec<&str> = response.headers.iter().filter(|(name, _)| name == "cache-control").map(|(_, value)| value.as_str()).collect();
    let says = values.iter().flat_map(|value| value.split(',')).any(|word| word.trim().eq_ignore_ascii_case("no-store"));
    if says {
        return Evidence::fine();
    }
    let actual = if values.is_empty() { "missing".into() } else { code(values.join(", ")) };
    Evidence::wrong("header cache-control", "no-store", actual)
}
