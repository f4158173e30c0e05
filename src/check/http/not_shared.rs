//! `http.not-shared`

use crate::check::outcome::Evidence;
use crate::check::said::code;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "http.not-shared",
    summary: "member data is not marked as fit for shared caches",
    why: "RFC 9111 section 3.5: public and s-maxage let a shared cache reuse the answer to a request with credentials for anybody else.",
    accepts: r#"{"steps": [{"request": "GET Patient/1", "status": 200, "headers": {"cache-control": "private, max-age=60"}, "body": {"resourceType": "Patient"}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient/1", "status": 200, "headers": {"cache-control": "public, max-age=60"}, "body": {"resourceType": "Patient"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(response) = subject.response().filter(|response| response.status == 200) else {
        return Evidence::nothing("there was no answer with member data");
    };
    let value = response.header("cache-control").unwrap_or_default();
    let directives: Vec<String> = super::listed(value).collect();
    let is_kept_back = directives.iter().any(|directive| matches!(directive.as_str(), "private" | "no-store"));
    let is_shared = directives.iter().any(|directive| directive == "public" || directive.starts_with("s-maxage="));
    if is_shared && !is_kept_back {
        Evidence::wrong("header cache-control", "neither public nor s-maxage", code(value))
    } else {
        Evidence::fine()
    }
}
