//! `oauth.refreshed`

use crate::check::outcome::Evidence;
use crate::check::said::{id, said};
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "oauth.refreshed",
    summary: "a refresh token gives a new access token, for the same member",
    why: "RFC 6749 section 6; SMART App Launch, Refresh access token: a refresh token that was issued is exchanged for an access token, in the same context.",
    accepts: r#"{"steps": [{"request": "POST token", "body": {"access_token": "***"}}]}"#,
    rejects: r#"{"steps": [{"request": "POST token", "body": {"access_token": "***", "patient": "1"}}, {"request": "POST token", "body": {"access_token": "***", "patient": "2"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(response) = subject.response() else { return Evidence::nothing("there was no response") };
    let has_token = subject.resource().is_some_and(|document| document.get("access_token").is_some());
    if response.status == 200 && has_token {
        let steps = subject.steps.iter().flatten().filter_map(|exchange| exchange.resource());
        let patients: Vec<&str> = steps.filter_map(|document| document.get("patient")?.as_str()).collect();
        return match patients.as_slice() {
            [first, .., last] if first != last => Evidence::wrong("patient", said!("{}, as before", id(first)), id(last)),
            _ => Evidence::fine(),
        };
    }
    Evidence::wrong("token response", "an access token", said!("status {}", response.status))
}
