//! `data.no-unknown-reason`

use std::sync::Arc;

use serde_json::Value;

use super::{each, entries, wrong};
use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};
use crate::fhir::resource;
use crate::guide::profile::Profile;

/// The check.
pub const CHECK: Check = Check {
    id: "data.no-unknown-reason",
    summary: "an optional element that is missing for an unknown reason is left out",
    why: "CARIN BB Conformance Requirements, missing data: where an element that may be left out has no value and the reason is unknown, it is not included; a mandatory one carries the data-absent-reason extension. Elements that no definition at hand names are not judged.",
    accepts: r#"{"about": {"type": "Patient"}, "sample": {"resourceType": "Patient", "id": "1", "communication": [{"language": {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]}}]}}"#,
    rejects: r#"{"about": {"type": "Patient"}, "sample": {"resourceType": "Patient", "id": "1", "_birthDate": {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]}}}"#,
    run,
};

const REASON: &str = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";

fn run(subject: &Subject<'_>) -> Evidence {
    let definition = subject.catalogue.type_definition(subject.resource_type());
    each(subject, "nothing was harvested of the type", |sample, evidence| {
        evidence.examined += 1;
        let mut unexplained = Vec::new();
        collect(sample, subject.resource_type(), &mut unexplained);
        if unexplained.is_empty() {
            return;
        }
        let named = sample.get("meta").map_or(&[][..], |meta| entries(meta, "profile")).iter().filter_map(Value::as_str);
        let profiles: Vec<Arc<Profile>> = named.filter_map(|canonical| subject.catalogue.profile(canonical)).collect();
        for path in unexplained {
            let is_known = definition.as_ref().is_some_and(|definition| definition.elements.iter().any(|element| element.path == path));
            let is_mandatory = |profile: &Arc<Profile>| profile.elements.iter().any(|element| element.path == path && element.min > 0);
            if is_known && !definition.iter().chain(&profiles).any(is_mandatory) {
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
