//! `oauth.inactive`

use super::introspected;
use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "oauth.inactive",
    summary: "introspection calls an unknown token inactive",
    why: "RFC 7662 section 2.2: for a token that is not known or not active the server MUST answer with active false.",
    accepts: r#"{"steps": [{"request": "POST introspect", "body": {"active": false}}]}"#,
    rejects: r#"{"steps": [{"request": "POST introspect", "body": {"active": true}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    introspected(subject, "false")
}
