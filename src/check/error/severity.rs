//! `error.severity`

use crate::check::outcome::Evidence;
use crate::check::said::code;
use crate::check::{Check, Subject};
use crate::fhir::json::Value;
use crate::fhir::outcome::OperationOutcome;

/// The check.
pub const CHECK: Check = Check {
    id: "error.severity",
    summary: "the OperationOutcome of a refusal has an issue that is an error",
    why: "R4 valueset-issue-severity.html: error and fatal are the severities of what made an action fail; warning and information are of what went through.",
    accepts: r#"{"steps": [{"request": "GET Patient/none", "status": 404, "body": {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "not-found"}]}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient/none", "status": 404, "body": {"resourceType": "OperationOutcome", "issue": [{"severity": "information", "code": "not-found"}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(response) = subject.response().filter(|response| response.status >= 400) else {
        return Evidence::nothing("the request was not refused");
    };
    let outcome = response.resource().and_then(|body| OperationOutcome::of(body));
    let Some(outcome) = outcome.filter(|outcome| outcome.is_well_formed()) else {
        return Evidence::nothing("there was no OperationOutcome with an issue");
    };
    let severities: Vec<&str> = outcome.issues().filter_map(|issue| issue.get("severity").and_then(Value::as_str)).collect();
    if severities.iter().any(|severity| !matches!(*severity, "warning" | "information")) {
        return Evidence::fine();
    }
    Evidence::wrong("OperationOutcome.issue.severity", "error or fatal in one of them", code(severities.join(", ")))
}
