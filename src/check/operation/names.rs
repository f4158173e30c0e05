//! `operation.names`

use super::{answered, named};
use crate::check::outcome::Evidence;
use crate::check::said::said;
use crate::check::{Check, Subject};
use crate::fhir::json::Value;

/// The check.
pub const CHECK: Check = Check {
    id: "operation.names",
    summary: "$lookup names the code system and tells the code's display",
    why: "R4 codesystem-operation-lookup.html: the answer is Parameters with one `name`, a display name of the code system, and one `display`, the preferred display of the concept.",
    accepts: r#"{"steps": [{"request": "GET CodeSystem/$lookup?system=http://example.org/s&code=a", "status": 200, "body": {"resourceType": "Parameters", "parameter": [{"name": "name", "valueString": "Letters"}, {"name": "display", "valueString": "The letter A"}]}}]}"#,
    rejects: r#"{"steps": [{"request": "GET CodeSystem/$lookup?system=http://example.org/s&code=a", "status": 200, "body": {"resourceType": "Parameters", "parameter": [{"name": "name", "valueString": "Letters"}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let parameters = match answered(subject) {
        Ok(parameters) => parameters,
        Err(evidence) => return evidence,
    };
    let mut evidence = Evidence::default();
    for name in ["name", "display"] {
        evidence.examined += 1;
        let texts: Vec<_> = named(parameters, name).map(|parameter| parameter.get("valueString").and_then(Value::as_str)).collect();
        match texts.as_slice() {
            [Some(text)] if !text.is_empty() => {}
            [] => evidence.deviation("Parameters.parameter", said!("one named {}", name), "none"),
            [_] => evidence.deviation(said!("Parameters.parameter named {}", name), "a valueString", "none"),
            several => evidence.deviation("Parameters.parameter", said!("one named {}", name), several.len()),
        }
    }
    evidence
}
