//! `operation.own-record`

use crate::check::criterion::Criterion;
use crate::check::outcome::Evidence;
use crate::check::said::{said, url};
use crate::check::{Check, Subject};
use crate::fhir::resource;
use crate::fhir::search::Answer;

/// The check.
pub const CHECK: Check = Check {
    id: "operation.own-record",
    summary: "$everything brings nothing of another patient",
    why: "R4 patient-operation-everything.html: the operation returns the information about the patient that it is called for.",
    accepts: r#"{"sample": {"resourceType": "Patient", "id": "1"}, "steps": [{"request": "GET Patient/1/$everything", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": {"resourceType": "Coverage", "id": "1", "beneficiary": {"reference": "Patient/1"}}}]}}]}"#,
    rejects: r#"{"sample": {"resourceType": "Patient", "id": "1"}, "steps": [{"request": "GET Patient/1/$everything", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": {"resourceType": "Coverage", "id": "1", "beneficiary": {"reference": "Patient/2"}}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(patient) = subject.binding.sample.as_deref().and_then(resource::key_of) else {
        return Evidence::nothing("there is no patient to ask for");
    };
    let mut evidence = Evidence::default();
    for page in subject.pages() {
        for held in page.entries().filter_map(|entry| entry.resource()) {
            let (Some(resource_type), Some(key)) = (resource::type_of(held), resource::key_of(held)) else { continue };
            // A type of the patient's compartment says by this parameter whose it is; the other types are shared.
            let Ok(criterion) = Criterion::new(subject.catalogue, resource_type, "patient") else { continue };
            if resource_type == "Patient" {
                continue;
            }
            evidence.examined += 1;
            if matches!(criterion.matches(held, &patient, subject.base), Answer::No) {
                evidence.deviation("Bundle.entry", said!("only resources of {}", url(&patient)), said!("{} is not", url(key)));
            }
        }
    }
    if evidence.examined == 0 {
        evidence.note = Some("$everything brought nothing that says whose it is".into());
    }
    evidence
}
