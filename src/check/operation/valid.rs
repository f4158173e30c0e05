//! `operation.valid`

use std::sync::Arc;

use super::{answered, truth};
use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "operation.valid",
    summary: "$validate-code holds what the server itself looked up or listed for valid",
    why: "R4 codesystem-operation-validate-code.html and valueset-operation-validate-code.html: `result` is true when the code is in the code system or value set, and the server has just said that it is.",
    accepts: r#"{"steps": [{"request": "GET CodeSystem/$lookup?system=http://example.org/s&code=a", "status": 200, "body": {"resourceType": "Parameters"}}, {"request": "GET CodeSystem/$validate-code?url=http://example.org/s&code=a", "status": 200, "body": {"resourceType": "Parameters", "parameter": [{"name": "result", "valueBoolean": true}]}}]}"#,
    rejects: r#"{"steps": [{"request": "GET CodeSystem/$lookup?system=http://example.org/s&code=a", "status": 200, "body": {"resourceType": "Parameters"}}, {"request": "GET CodeSystem/$validate-code?url=http://example.org/s&code=a", "status": 200, "body": {"resourceType": "Parameters", "parameter": [{"name": "result", "valueBoolean": false}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let first = subject.steps.first().and_then(|exchanges| exchanges.first()).map(Arc::as_ref);
    if first.and_then(|exchange| exchange.status()) != Some(200) {
        return Evidence::nothing("the server does not say that it knows the code");
    }
    match answered(subject).map(truth) {
        Ok(Some(true)) => Evidence::fine(),
        Ok(Some(false)) => Evidence::wrong("Parameters.parameter named result", "true, since the server knows the code", "false"),
        Ok(None) => Evidence::nothing("the answer has no result"),
        Err(evidence) => evidence,
    }
}
