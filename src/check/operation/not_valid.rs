//! `operation.not-valid`

use super::{answered, truth};
use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "operation.not-valid",
    summary: "$validate-code does not hold a made-up code for valid",
    why: "R4 codesystem-operation-validate-code.html and valueset-operation-validate-code.html: `result` is true only for what is in the code system or value set, and the guides hold all codes of this one.",
    accepts: r#"{"steps": [{"request": "GET CodeSystem/$validate-code?url=http://example.org/s&code=none", "status": 200, "body": {"resourceType": "Parameters", "parameter": [{"name": "result", "valueBoolean": false}]}}]}"#,
    rejects: r#"{"steps": [{"request": "GET CodeSystem/$validate-code?url=http://example.org/s&code=none", "status": 200, "body": {"resourceType": "Parameters", "parameter": [{"name": "result", "valueBoolean": true}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    match answered(subject).map(truth) {
        Ok(Some(false)) => Evidence::fine(),
        Ok(Some(true)) => Evidence::wrong("Parameters.parameter named result", "false: there is no such code", "true"),
        Ok(None) => Evidence::nothing("the answer has no result"),
        Err(evidence) => evidence,
    }
}
