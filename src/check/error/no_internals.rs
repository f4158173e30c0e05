//! `error.no-internals`

use crate::check::outcome::Evidence;
use crate::check::said::{said, words};
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "error.no-internals",
    summary: "a refusal shows no stack trace",
    why: "R4 allows a stack dump in OperationOutcome.issue.diagnostics; towards an app of a third party it tells of the server's inside and of nothing that the app could do.",
    accepts: r#"{"steps": [{"request": "GET Patient/none", "status": 404, "body": {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "not-found", "diagnostics": "Patient/none is not known"}]}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient/none", "status": 500, "body": {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception", "diagnostics": "java.lang.NullPointerException\n\tat org.payer.Reader.read(Reader.java:42)"}]}}]}"#,
    run,
};

/// How traces of common platforms look, line breaks and tabs escaped or not.
const TRACES: [&str; 9] = [
    "\tat ",
    "\\tat ",
    "   at System.",
    ".java:",
    ".cs:line ",
    "Traceback (most recent call last)",
    "stack backtrace:",
    "Stack trace:",
    "node_modules/",
];

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(response) = subject.response().filter(|response| response.status >= 400) else {
        return Evidence::nothing("the request was not refused");
    };
    if response.bytes.is_empty() {
        return Evidence::nothing("the refusal has no body");
    }
    let text = String::from_utf8_lossy(&response.bytes);
    match TRACES.iter().find(|trace| text.contains(**trace)) {
        Some(trace) => {
            Evidence::wrong("body", "what is wrong and what to do", said!("a stack trace, which has \"{}\"", words(trace.trim())))
        }
        None => Evidence::fine(),
    }
}
