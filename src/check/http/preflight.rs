//! `http.preflight`

use super::cors::judge_origin;
use super::listed;
use crate::check::outcome::Evidence;
use crate::check::said::code;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "http.preflight",
    summary: "a browser's question whether an app may send its token is answered with yes",
    why: "R4 http.html#security: servers SHOULD support cross-origin resource sharing. A browser asks by OPTIONS, without credentials, before it sends an Authorization header (Fetch standard, CORS preflight).",
    accepts: r#"{"steps": [{"request": "OPTIONS Patient/1", "asked": {"Origin": "https://app.example"}, "status": 204, "headers": {"access-control-allow-origin": "https://app.example", "access-control-allow-headers": "Authorization"}}]}"#,
    rejects: r#"{"steps": [{"request": "OPTIONS Patient/1", "asked": {"Origin": "https://app.example"}, "status": 401}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let (Some(exchange), Some(response)) = (subject.exchange(), subject.response()) else {
        return Evidence::nothing("there was no response");
    };
    if !(200..300).contains(&response.status) {
        return Evidence::wrong("HTTP status of OPTIONS", "200 or 204", response.status);
    }
    let mut evidence = Evidence::fine();
    judge_origin(exchange, response, &mut evidence);
    let headers = response.header("access-control-allow-headers").unwrap_or_default();
    if !listed(headers).any(|name| name == "authorization" || name == "*") {
        let actual = if headers.is_empty() { "no such header".into() } else { code(headers) };
        evidence.deviation("header access-control-allow-headers", "authorization among them", actual);
    }
    evidence
}
