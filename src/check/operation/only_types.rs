//! `operation.only-types`

use crate::check::outcome::Evidence;
use crate::check::said::{code, key, said};
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "operation.only-types",
    summary: "$everything with _type brings those types only",
    why: "R4 patient-operation-everything.html: _type names the resource types to include; the patient itself is always returned.",
    accepts: r#"{"steps": [{"request": "GET Patient/1/$everything?_type=Coverage", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": {"resourceType": "Coverage", "id": "1"}}]}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient/1/$everything?_type=Coverage", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": {"resourceType": "Goal", "id": "1"}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let query = subject.exchange().map(|exchange| exchange.request.query.as_slice()).unwrap_or_default();
    let Some((_, wanted)) = query.iter().find(|(name, _)| name == "_type") else { return Evidence::nothing("no type was asked for") };
    let mut evidence = Evidence::default();
    for page in subject.pages() {
        for held in page.entries().filter_map(|entry| entry.resource()) {
            let Some(resource_type) = resource::type_of(held) else { continue };
            evidence.examined += 1;
            let known = wanted.split(',').any(|wanted| wanted == resource_type) || matches!(resource_type, "Patient" | "OperationOutcome");
            if !known {
                evidence.deviation(
                    "Bundle.entry",
                    said!("only {}", code(wanted)),
                    key(resource::key_of(held).unwrap_or_else(|| resource_type.to_owned())),
                );
            }
        }
    }
    if evidence.examined == 0 {
        evidence.note = Some("$everything brought nothing of these types".into());
    }
    evidence
}
