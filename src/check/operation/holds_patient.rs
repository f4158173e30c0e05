//! `operation.holds-patient`

use crate::check::outcome::Evidence;
use crate::check::said::{code, key};
use crate::check::{Check, Subject};
use crate::fhir::bundle::Bundle;
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "operation.holds-patient",
    summary: "$everything brings a searchset with the patient in it",
    why: "R4 patient-operation-everything.html: the response is a bundle of type searchset; at a minimum the patient resource itself is returned.",
    accepts: r#"{"sample": {"resourceType": "Patient", "id": "1"}, "steps": [{"request": "GET Patient/1/$everything", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": {"resourceType": "Patient", "id": "1"}}]}}]}"#,
    rejects: r#"{"sample": {"resourceType": "Patient", "id": "1"}, "steps": [{"request": "GET Patient/1/$everything", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(wanted) = subject.binding.sample.as_deref().and_then(resource::key_of) else {
        return Evidence::nothing("there is no patient to ask for");
    };
    if subject.response().is_none_or(|response| response.status != 200) {
        return Evidence::nothing("$everything was refused");
    }
    let pages = subject.pages();
    let Some(first) = pages.first() else { return Evidence::wrong("body", "a Bundle of type searchset", "no Bundle") };
    let mut evidence = Evidence::fine();
    if first.kind() != Some("searchset") {
        evidence.deviation("Bundle.type", "searchset", code(first.kind().unwrap_or("missing")));
    }
    let holds = |page: &Bundle<'_>| {
        page.entries().filter_map(|entry| entry.resource()).any(|held| resource::key_of(held).as_deref() == Some(&wanted))
    };
    if !pages.iter().any(holds) {
        evidence.deviation("Bundle.entry of all pages", key(wanted), "on no page");
    }
    evidence
}
