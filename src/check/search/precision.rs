//! `search.precision`

use crate::check::criteria::Criteria;
use crate::check::outcome::Evidence;
use crate::check::said::{said, url, words};
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
    if subject.declined() {
        return Evidence::fine();
    }
    let criteria = match Criteria::of(subject) {
        Ok(criteria) => criteria,
        Err(reason) => return Evidence::nothing(words(reason)),
    };
    if subject.response().is_none_or(|response| response.status != 200) {
        return Evidence::nothing("the search was not answered");
    }
    let world = subject.world();
    let mut evidence = Evidence { note: Some("the search found nothing".into()), ..Evidence::default() };
    let found = subject.matches();
    if found.is_empty() && subject.binding.expects_nothing {
        // None of those that must not be found is there.
        evidence.examined = subject.samples.of(subject.resource_type()).len();
    }
    for found in found {
        match criteria.matches(found, &world) {
            Answer::Yes => evidence.examined += 1,
            Answer::No => {
                evidence.examined += 1;
                let key = resource::key_of(found).unwrap_or_else(|| "a match without id".to_owned());
                evidence.deviation("Bundle.entry", said!("only resources that meet {}", criteria.said()), said!("{} does not", url(key)));
            }
            Answer::Unknown(reason) => evidence.note = Some(words(reason)),
        }
    }
    evidence
}
