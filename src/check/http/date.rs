//! `http.date`

use crate::check::outcome::Evidence;
use crate::check::said::code;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "http.date",
    summary: "an answer says when it was made",
    why: "RFC 9110 section 6.6.1: a server with a clock has to send a Date header with every answer; R4 http.html: its zone is the one that date searches default to.",
    accepts: r#"{"steps": [{"request": "GET metadata", "status": 200, "headers": {"date": "Thu, 26 Nov 2026 07:00:00 GMT"}}]}"#,
    rejects: r#"{"steps": [{"request": "GET metadata", "status": 200, "headers": {"date": "2026-11-26"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(response) = subject.response() else { return Evidence::nothing("there was no response") };
    let expected = "a date such as Thu, 26 Nov 2026 07:00:00 GMT";
    match response.header("date") {
        Some(date) if super::http_date(date).is_some() => Evidence::fine(),
        Some(date) => Evidence::wrong("header date", expected, code(date)),
        None => Evidence::wrong("header date", expected, "no date header"),
    }
}
