//! `search.recall`

use std::collections::HashSet;

use crate::check::criteria::Criteria;
use crate::check::outcome::Evidence;
use crate::check::said::{key, said, words};
use crate::check::{Check, Subject};
use crate::fhir::resource;
use crate::fhir::search::Answer;

/// The check.
pub const CHECK: Check = Check {
    id: "search.recall",
    summary: "every resource of the member's record that satisfies the search is found",
    why: "R4 search.html: the result is the set of resources that meet the criteria; one that is missing is lost to the member's app.",
    accepts: r#"{"about": {"type": "Patient", "param": "gender"}, "value": "male", "sample": {"resourceType": "Patient", "id": "1", "gender": "male"}, "steps": [{"request": "GET Patient?gender=male", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "1", "gender": "male"}}]}}]}"#,
    rejects: r#"{"about": {"type": "Patient", "param": "gender"}, "value": "male", "sample": {"resourceType": "Patient", "id": "1", "gender": "male"}, "steps": [{"request": "GET Patient?gender=male", "status": 200, "body": {"resourceType": "Bundle"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    if subject.declined() {
        return Evidence::fine();
    }
    let resource_type = subject.resource_type();
    let criteria = match Criteria::of(subject) {
        Ok(criteria) => criteria,
        Err(reason) => return Evidence::nothing(words(reason)),
    };
    if subject.response().is_none_or(|response| response.status != 200) {
        return Evidence::nothing("the search was not answered");
    }
    if subject.pages().last().is_some_and(|page| page.link("next").is_some()) {
        return Evidence::nothing("not every page could be read");
    }
    let world = subject.world();
    let found: HashSet<&str> = subject.matches().into_iter().filter_map(resource::id_of).collect();
    let mut evidence = Evidence::default();
    for sample in subject.samples.of(resource_type) {
        match criteria.matches(sample, &world) {
            Answer::Yes => {
                evidence.examined += 1;
                let id = resource::id_of(sample).unwrap_or_default();
                if !found.contains(id) {
                    let expected = said!("{}, which meets {}", key(format!("{resource_type}/{id}")), criteria.said());
                    evidence.deviation("Bundle.entry", expected, "not found");
                }
            }
            // Where nothing is to be found, each that is not has been looked at.
            Answer::No => evidence.examined += usize::from(subject.binding.expects_nothing),
            Answer::Unknown(reason) => evidence.note = Some(words(reason)),
        }
    }
    if evidence.examined == 0 && evidence.note.is_none() {
        evidence.note = Some(subject.samples.why_none(resource_type));
    }
    evidence
}
