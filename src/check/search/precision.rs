//! `search.precision`

use crate::check::criterion::Criterion;
use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};
use crate::fhir::resource;
use crate::fhir::search::Answer;

/// The check.
pub const CHECK: Check = Check {
    id: "search.precision",
    summary: "every match satisfies the search",
    why: "R4 search.html: matches are the resources that meet all the criteria.",
    accepts: r#"{"about": {"type": "Patient", "param": "gender"}, "value": "male", "steps": [{"request": "GET Patient?gender=male", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "1", "gender": "male"}}]}}]}"#,
    rejects: r#"{"about": {"type": "Patient", "param": "gender"}, "value": "male", "steps": [{"request": "GET Patient?gender=male", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "1", "gender": "female"}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let (Some(param), Some(value)) = (subject.about.param.as_deref(), subject.binding.value.as_deref()) else {
        return Evidence::nothing("no harvested resource has a value to search by");
    };
    let criterion = match Criterion::new(subject.catalogue, subject.resource_type(), param) {
        Ok(criterion) => criterion,
        Err(reason) => return Evidence::nothing(reason),
    };
    let mut evidence = Evidence { note: Some("the search found nothing".to_owned()), ..Evidence::default() };
    for found in subject.matches() {
        match criterion.matches(found, value, subject.base) {
            Answer::Yes => evidence.examined += 1,
            Answer::No => {
                evidence.examined += 1;
                let key = resource::key_of(found).unwrap_or_else(|| "a match without id".to_owned());
                evidence.deviation("Bundle.entry", format!("only resources that meet {param}={value}"), format!("{key} does not"));
            }
            Answer::Unknown(reason) => evidence.note = Some(reason),
        }
    }
    evidence
}
