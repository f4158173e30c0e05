//! `operation.result`

use super::{answered, named};
use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "operation.result",
    summary: "$validate-code says whether the code is valid",
    why: "R4 codesystem-operation-validate-code.html and valueset-operation-validate-code.html: the answer is Parameters with one `result`, a boolean.",
    accepts: r#"{"steps": [{"request": "GET CodeSystem/$validate-code?url=http://example.org/s&code=a", "status": 200, "body": {"resourceType": "Parameters", "parameter": [{"name": "result", "valueBoolean": true}]}}]}"#,
    rejects: r#"{"steps": [{"request": "GET CodeSystem/$validate-code?url=http://example.org/s&code=a", "status": 200, "body": {"resourceType": "Parameters", "parameter": [{"name": "result", "valueString": "yes"}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let parameters = match answered(subject) {
        Ok(parameters) => parameters,
        Err(evidence) => return evidence,
    };
    let truths: Vec<bool> =
        named(parameters, "result").map(|parameter| parameter.get("valueBoolean").is_some_and(|truth| truth.is_boolean())).collect();
    match truths.as_slice() {
        [true] => Evidence::fine(),
        [false] => Evidence::wrong("Parameters.parameter named result", "a valueBoolean", "none"),
        several => Evidence::wrong("Parameters.parameter", "one named result", several.len()),
    }
}
