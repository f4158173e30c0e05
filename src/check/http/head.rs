//! `http.head`

use crate::check::exchange::{Method, Response};
use crate::check::outcome::Evidence;
use crate::check::said::{code, said};
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "http.head",
    summary: "HEAD is answered as GET is, or refused with 405 or 501",
    why: "R4 http.html#head: a HEAD request is allowed wherever a GET is, with the same answer but the body; a server without it refuses with 405 or 501. RFC 9110 section 8.6 for Content-Length.",
    accepts: r#"{"steps": [{"request": "GET Patient/1", "status": 200, "headers": {"etag": "W/\"1\""}}, {"request": "HEAD Patient/1", "status": 200, "headers": {"etag": "W/\"1\""}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient/1", "status": 200}, {"request": "HEAD Patient/1", "status": 404}]}"#,
    run,
};

/// Headers that say the same of one resource, however it is asked for.
const SAME: [&str; 4] = ["content-type", "etag", "last-modified", "content-length"];

fn run(subject: &Subject<'_>) -> Evidence {
    let (Some(by_get), Some(by_head)) = (first(subject, Method::Get), first(subject, Method::Head)) else {
        return Evidence::nothing("there were no two responses");
    };
    if matches!(by_head.status, 405 | 501) {
        return Evidence::fine();
    }
    if by_head.status != by_get.status {
        let expected = said!("{} as by GET, or 405 or 501", by_get.status);
        return Evidence::wrong("HTTP status of HEAD", expected, by_head.status);
    }
    let mut evidence = Evidence::fine();
    let same_coding = by_get.header("content-encoding") == by_head.header("content-encoding");
    for name in SAME.into_iter().filter(|name| *name != "content-length" || same_coding) {
        // What is only known once the body is made may be left out (RFC 9110 section 9.3.2).
        let (Some(expected), Some(actual)) = (by_get.header(name), by_head.header(name)) else { continue };
        if !expected.replace(' ', "").eq_ignore_ascii_case(&actual.replace(' ', "")) {
            evidence.deviation(said!("header {} of HEAD", code(name)), code(expected), code(actual));
        }
    }
    evidence
}

fn first<'a>(subject: &Subject<'a>, method: Method) -> Option<&'a Response> {
    subject.steps.iter().flatten().find(|exchange| exchange.request.method == method)?.response()
}
