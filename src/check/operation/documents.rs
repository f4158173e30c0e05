//! `operation.documents`

use super::body;
use crate::check::criterion::Criterion;
use crate::check::outcome::Evidence;
use crate::check::said::{code, key, said};
use crate::check::{Check, Subject};
use crate::fhir::resource;
use crate::fhir::search::Answer;

/// The check.
pub const CHECK: Check = Check {
    id: "operation.documents",
    summary: "$docref brings a searchset of DocumentReferences of the patient",
    why: "US Core OperationDefinition-docref: the answer is a Bundle of type searchset with DocumentReference resources for the patient that the operation is called with.",
    accepts: r#"{"steps": [{"request": "GET DocumentReference/$docref?patient=1", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": {"resourceType": "DocumentReference", "id": "d", "subject": {"reference": "Patient/1"}}}, {"resource": {"resourceType": "Binary", "id": "b"}, "search": {"mode": "include"}}]}}]}"#,
    rejects: r#"{"steps": [{"request": "GET DocumentReference/$docref?patient=1", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": {"resourceType": "DocumentReference", "id": "d", "subject": {"reference": "Patient/2"}}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    if let Err(evidence) = body(subject) {
        return evidence;
    }
    let Some(answer) = subject.pages().into_iter().next() else {
        return Evidence::wrong("body", "a Bundle of type searchset", "no Bundle");
    };
    let mut evidence = Evidence::fine();
    if answer.kind() != Some("searchset") {
        evidence.deviation("Bundle.type", "searchset", code(answer.kind().unwrap_or("missing")));
    }
    let query = subject.exchange().map(|exchange| exchange.request.query.as_slice()).unwrap_or_default();
    let Some((_, patient)) = query.iter().find(|(name, _)| name == "patient") else { return evidence };
    let criterion = Criterion::new(subject.catalogue, "DocumentReference", "patient");
    // What goes with the documents may come along, as in any searchset.
    let documents = answer.entries().filter(|entry| entry.mode() != Some("include"));
    for held in documents.filter_map(|entry| entry.resource()) {
        let told = || resource::key_of(held).map_or_else(|| "a DocumentReference".into(), key);
        match resource::type_of(held) {
            Some("DocumentReference") => {
                evidence.examined += 1;
                let matches = criterion.as_ref().map(|criterion| criterion.matches(held, &format!("Patient/{patient}"), subject.base));
                if matches!(matches, Ok(Answer::No)) {
                    evidence.deviation(
                        "Bundle.entry",
                        said!("only documents of {}", key(format!("Patient/{patient}"))),
                        said!("{} is not", told()),
                    );
                }
            }
            Some("OperationOutcome") => {}
            other => evidence.deviation("Bundle.entry", "DocumentReference", code(other.unwrap_or("JSON without resourceType"))),
        }
    }
    evidence
}
