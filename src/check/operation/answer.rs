//! `operation.answer`

use crate::check::outcome::Evidence;
use crate::check::said::{code, said};
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "operation.answer",
    summary: "an operation is answered with what its definition says",
    why: "R4 operations.html#response: with a single out parameter named return that is a resource the response is that resource, else a Parameters resource.",
    accepts: r#"{"about": {"type": "Patient", "operation": {"url": "http://example.org/o", "code": "o", "out": [{"name": "return", "type": "Bundle"}]}}, "steps": [{"request": "GET Patient/1/$o", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset"}}]}"#,
    rejects: r#"{"about": {"type": "Patient", "operation": {"url": "http://example.org/o", "code": "o", "out": [{"name": "return", "type": "Bundle"}]}}, "steps": [{"request": "GET Patient/1/$o", "status": 200, "body": {"resourceType": "Parameters"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let (Some(operation), Some(response)) = (&subject.about.operation, subject.response()) else {
        return Evidence::nothing("there was no response");
    };
    let optional = operation.input.iter().any(|input| !input.required);
    if (400..500).contains(&response.status) && optional {
        return Evidence::nothing(said!(
            "${} was refused with status {}: it may need what its definition leaves optional",
            code(&operation.code),
            response.status
        ));
    }
    if response.status != 200 {
        return Evidence::wrong("HTTP status", "200", response.status);
    }
    let Some(body) = response.resource() else { return Evidence::wrong("body", "a resource", "none that can be read") };
    let actual = resource::type_of(body).unwrap_or("JSON without resourceType");
    let wanted = match operation.output.as_slice() {
        [] => None,
        [only] if only.name == "return" => match only.kind.as_deref() {
            Some("Any" | "Resource") | None => None,
            Some(kind) if subject.catalogue.is_resource_type(kind) => Some(kind),
            Some(_) => Some("Parameters"),
        },
        _ => Some("Parameters"),
    };
    match wanted {
        Some(wanted) if wanted != actual => Evidence::wrong("body", code(wanted), code(actual)),
        _ => Evidence::fine(),
    }
}
