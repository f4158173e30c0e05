//! `http.coding`

use crate::check::outcome::Evidence;
use crate::check::said::{code, said};
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "http.coding",
    summary: "an answer is compressed only in a way that the request takes",
    why: "RFC 9110 section 12.5.3: a Content-Encoding that Accept-Encoding does not list cannot be read by who asked.",
    accepts: r#"{"steps": [{"request": "GET Patient/1", "asked": {"Accept-Encoding": "gzip"}, "status": 200, "headers": {"content-encoding": "gzip"}, "body": {"resourceType": "Patient"}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient/1", "asked": {"Accept-Encoding": "identity"}, "status": 200, "headers": {"content-encoding": "gzip"}, "body": {"resourceType": "Patient"}}]}"#,
    run,
};

/// What a request takes that does not say.
const OWN: &str = "gzip";

fn run(subject: &Subject<'_>) -> Evidence {
    let mut evidence = Evidence::default();
    for exchange in subject.steps.iter().flatten() {
        let Some(response) = exchange.response().filter(|response| !response.bytes.is_empty()) else { continue };
        evidence.examined += 1;
        let taken = exchange.request.header_value("accept-encoding").unwrap_or(OWN);
        for coding in response.header("content-encoding").map(super::listed).into_iter().flatten() {
            if coding != "identity" && !super::listed(taken).any(|taken| taken == coding || (taken == "gzip" && coding == "x-gzip")) {
                evidence.deviation("header content-encoding", said!("one of: {}", code(taken)), code(coding));
            }
        }
    }
    evidence
}
