//! `write.same-content`

use super::{is_done, read_back, said, writes};
use crate::check::exchange::Payload;
use crate::check::outcome::Evidence;
use crate::check::said::{code, element, words};
use crate::check::{Check, Subject};
use crate::fhir::json::Value;
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "write.same-content",
    summary: "what was written reads back as it was sent",
    why: "R4 http.html#create, #update: the server stores what it is given; it may set id and meta, generate narrative and add what it knows, but not lose or change data.",
    accepts: r#"{"steps": [{"request": "POST Patient", "sent": {"resourceType": "Patient", "gender": "male"}, "status": 201}, {"request": "GET Patient/1", "status": 200, "body": {"resourceType": "Patient", "id": "1", "gender": "male", "active": true}}]}"#,
    rejects: r#"{"steps": [{"request": "POST Patient", "sent": {"resourceType": "Patient", "gender": "male"}, "status": 201}, {"request": "GET Patient/1", "status": 200, "body": {"resourceType": "Patient", "id": "1"}}]}"#,
    run,
};

/// What the server may set itself.
const OF_THE_SERVER: [&str; 3] = ["id", "meta", "text"];
/// How deep two resources are compared.
const DEEPEST: usize = 64;

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(write) = writes(subject).last().copied().filter(|exchange| is_done(exchange)) else {
        return Evidence::nothing("nothing was written");
    };
    let Some(Payload::Json(text)) = &write.request.payload else { return Evidence::nothing("the write carried nothing") };
    let Some(response) = read_back(subject).and_then(|exchange| exchange.response()) else {
        return Evidence::nothing("what was written was not read back");
    };
    let Some(found) = response.resource().filter(|_| response.status == 200) else {
        return Evidence::wrong("the read after the write", "what was written", said(response));
    };
    let mut evidence = Evidence::fine();
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Array(operations)) => operations.iter().for_each(|operation| patched(operation, found, &mut evidence)),
        Ok(sent) => {
            for (name, value) in sent.as_object().into_iter().flatten().filter(|(name, _)| !OF_THE_SERVER.contains(&name.as_str())) {
                compare(name, value, found.get(name.as_str()), subject.base, DEEPEST, &mut evidence);
            }
        }
        Err(error) => return Evidence::nothing(said!("what was sent is no JSON: {}", words(error.to_string()))),
    }
    evidence
}

/// Whether the value that a patch operation put at the top of the resource is there.
fn patched(operation: &Value, found: &Value, evidence: &mut Evidence) {
    let name = operation.get("path").and_then(Value::as_str).unwrap_or_default().trim_start_matches('/');
    if let Some(value) = operation.get("value").filter(|value| found.get(name) != Some(value)) {
        let at = format!("{}.{name}", resource::type_of(found).unwrap_or("Resource"));
        let wanted = value.as_str().map_or_else(|| "the patched value".into(), |value| element(&at, value));
        let actual = found.get(name).and_then(Value::as_str).map_or_else(|| "missing".into(), |value| element(&at, value));
        evidence.deviation(code(name), wanted, actual);
    }
}

/// Everything sent must be there; what is there beyond it is the server's. Values stay out of the findings: they are a member's.
fn compare(at: &str, sent: &Value, found: Option<&Value>, base: &str, depth: usize, evidence: &mut Evidence) {
    let Some(found) = found else { return evidence.deviation(code(at), "as it was sent", "missing") };
    match (sent, found) {
        (Value::Object(fields), Value::Object(_)) if depth > 0 => {
            for (name, value) in fields {
                compare(&format!("{at}.{name}"), value, found.get(name.as_str()), base, depth - 1, evidence);
            }
        }
        (Value::Array(items), Value::Array(others)) if items.len() == others.len() && depth > 0 => {
            for (index, (item, other)) in items.iter().zip(others).enumerate() {
                compare(&format!("{at}[{index}]"), item, Some(other), base, depth - 1, evidence);
            }
        }
        (Value::String(one), Value::String(other)) if at.ends_with(".reference") && relative(one, base) == relative(other, base) => {}
        _ if sent == found => {}
        _ => evidence.deviation(code(at), "as it was sent", "different"),
    }
}

/// A server may make references to itself relative or absolute.
fn relative<'a>(reference: &'a str, base: &str) -> &'a str {
    reference.strip_prefix(base).map_or(reference, |rest| rest.trim_start_matches('/'))
}
