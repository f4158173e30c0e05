//! `http.cache-control`

use crate::check::outcome::Evidence;
use crate::check::said::code;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "http.cache-control",
    summary: "member data comes with a Cache-Control that keeps it private or out of caches",
    why: "RFC 9111 section 5.2.2: private keeps an answer out of shared caches, no-store out of all. No specification asks for it; without it a browser may keep a member's record.",
    accepts: r#"{"steps": [{"request": "GET Patient/1", "status": 200, "headers": {"cache-control": "private, no-store"}, "body": {"resourceType": "Patient"}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient/1", "status": 200, "body": {"resourceType": "Patient"}}]}"#,
    run,
};

/// Each keeps an answer from being reused for others.
const CAREFUL: [&str; 3] = ["private", "no-store", "no-cache"];

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(response) = subject.response().filter(|response| response.status == 200) else {
        return Evidence::nothing("there was no answer with member data");
    };
    let value = response.header("cache-control").unwrap_or_default();
    let is_careful = super::listed(value).any(|directive| CAREFUL.contains(&directive.split('=').next().unwrap_or_default()));
    if is_careful {
        return Evidence::fine();
    }
    let actual = if value.is_empty() { "no cache-control header".into() } else { code(value) };
    Evidence::wrong("header cache-control", "private, no-store or no-cache", actual)
}
