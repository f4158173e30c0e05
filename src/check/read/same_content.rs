//! `read.same-content`

use serde_json::Value;

use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "read.same-content",
    summary: "a resource has the same content however it is fetched",
    why: "R4 http.html: search, read and _include return the same resource; CARIN BB CapabilityStatement c4bb: payers SHALL return the same content by _include and by read.",
    accepts: r#"{"sample": {"resourceType": "Patient", "id": "1", "gender": "male"}, "steps": [{"request": "GET Patient/1", "status": 200, "body": {"resourceType": "Patient", "id": "1", "gender": "male"}}]}"#,
    rejects: r#"{"sample": {"resourceType": "Patient", "id": "1", "gender": "male"}, "steps": [{"request": "GET Patient/1", "status": 200, "body": {"resourceType": "Patient", "id": "1", "gender": "female"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(body) = subject.resource() else { return Evidence::nothing("there was no resource in the response") };
    if resource::type_of(body) == Some("Bundle") {
        return included_copies(subject);
    }
    let Some(sample) = subject.binding.sample.as_deref() else {
        return Evidence::nothing("there is no harvested copy to compare with");
    };
    let mut evidence = Evidence::default();
    compare(sample, body, &mut evidence);
    evidence
}

fn included_copies(subject: &Subject<'_>) -> Evidence {
    let mut evidence = Evidence::default();
    for page in subject.pages() {
        for copy in page.included() {
            let (Some(resource_type), Some(id)) = (resource::type_of(copy), resource::id_of(copy)) else { continue };
            if let Some(sample) = subject.samples.find(resource_type, id) {
                compare(sample, copy, &mut evidence);
            }
        }
    }
    if evidence.examined == 0 {
        evidence.note = Some("no included resource was harvested by other means".to_owned());
    }
    evidence
}

/// Compares two copies of one version. `meta` and `text` may legitimately differ between interactions (tags such as SUBSETTED, generated narrative).
pub fn compare(one: &Value, other: &Value, evidence: &mut Evidence) {
    if resource::key_of(one) != resource::key_of(other) || resource::version_of(one) != resource::version_of(other) {
        return;
    }
    evidence.examined += 1;
    // The same text was read only once.
    if std::ptr::eq(one, other) {
        return;
    }
    let (Some(one_fields), Some(other_fields)) = (one.as_object(), other.as_object()) else { return };
    for name in one_fields.keys().chain(other_fields.keys().filter(|name| !one_fields.contains_key(*name))) {
        if name != "meta" && name != "text" && one_fields.get(name) != other_fields.get(name) {
            let at = format!("{}.{name}", resource::type_of(one).unwrap_or("Resource"));
            evidence.deviation(at, "the same as in the harvested copy", difference(one_fields.get(name), other_fields.get(name)));
        }
    }
}

fn difference(one: Option<&Value>, other: Option<&Value>) -> String {
    match (one, other) {
        (Some(_), None) => "missing here".to_owned(),
        (None, Some(_)) => "only here".to_owned(),
        _ => "different here".to_owned(),
    }
}
