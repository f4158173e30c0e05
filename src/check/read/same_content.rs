//! `read.same-content`

use crate::check::copies::compare;
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
        evidence.note = Some("no included resource was harvested by other means".into());
    }
    evidence
}
