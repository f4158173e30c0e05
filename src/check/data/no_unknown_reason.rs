//! `data.no-unknown-reason`

use super::{each, entries, wrong};
use crate::check::claims::Claims;
use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};
use crate::fhir::json::Value;
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "data.no-unknown-reason",
    summary: "an optional element that is missing for an unknown reason is left out",
    why: "CARIN BB Conformance Requirements, missing data: where an element that may be left out has no value and the reason is unknown, it is not included; a mandatory one carries the data-absent-reason extension. A resource that claims no profile may be of any that the guide has for its type. Elements that no definition at hand names are not judged.",
    accepts: r#"{"about": {"type": "Patient"}, "sample": {"resourceType": "Patient", "id": "1", "communication": [{"language": {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]}}]}}"#,
    rejects: r#"{"about": {"type": "Patient"}, "sample": {"resourceType": "Patient", "id": "1", "_birthDate": {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]}}}"#,
    run,
};

const REASON: &str = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";

fn run(subject: &Subject<'_>) -> Evidence {
    let definition = subject.catalogue.type_definition(subject.resource_type());
    each(subject, "every resource with an unknown reason claims a profile that is not at hand", |sample, evidence| {
        let mut unexplained = Vec::new();
        collect(sample, subject.resource_type(), &mut unexplained);
        // A profile that is not at hand may make mandatory what no other does.
        let claims = Claims::of(subject.catalogue, sample);
        if !unexplained.is_empty() && !claims.are_known() {
            return;
        }
        evidence.examined += 1;
        for path in unexplained {
            let mut defined =
                definition.iter().flat_map(|definition| &definition.elements).filter(|element| element.path == path).peekable();
            let is_known = defined.peek().is_some();
            if is_known && !defined.chain(claims.elements(&path)).any(|element| element.min > 0) {
                wrong(evidence, sample, &path, "no element at all", "an element whose value is absent for an unknown reason");
            }
        }
    })
}

/// The paths of elements that say that their value is absent for an unknown reason.
fn collect(value: &Value, path: &str, found: &mut Vec<String>) {
    let Some(fields) = value.as_object() else { return };
    for (name, field) in fields {
        let path = format!("{path}.{}", name.trim_start_matches('_'));
        for entry in field.as_array().map_or(std::slice::from_ref(field), Vec::as_slice) {
            if entries(entry, "extension").iter().any(is_unknown) {
                found.push(path.clone());
            }
            // What is contained is a resource of its own.
            if resource::type_of(entry).is_none() {
                collect(entry, &path, found);
            }
        }
    }
}

fn is_unknown(extension: &Value) -> bool {
    extension.get("url").is_some_and(|url| url == REASON) && extension.get("valueCode").is_some_and(|code| code == "unknown")
}
