//! `search.include-per-page`

use super::brought::Brought;
use super::include::included;
use crate::check::outcome::Evidence;
use crate::check::relation::Relation;
use crate::check::said::{code, said, words};
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "search.include-per-page",
    summary: "each page brings what its own matches reference",
    why: "R4 search.html#Paging: what is included for the matches of a page SHOULD come with that page, even if an earlier one brought it, so that each page stands alone.",
    accepts: r#"{"about": {"type": "Patient", "value": "Patient:general-practitioner"}, "sample": {"resourceType": "Practitioner", "id": "p"}, "steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"search": {"mode": "match"}, "resource": {"resourceType": "Patient", "id": "1", "generalPractitioner": [{"reference": "Practitioner/p"}]}}, {"search": {"mode": "include"}, "resource": {"resourceType": "Practitioner", "id": "p"}}]}}]}"#,
    rejects: r#"{"about": {"type": "Patient", "value": "Patient:general-practitioner"}, "sample": {"resourceType": "Practitioner", "id": "p"}, "steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"search": {"mode": "match"}, "resource": {"resourceType": "Patient", "id": "1", "generalPractitioner": [{"reference": "Practitioner/p"}]}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let value = included(subject);
    let relations = match Relation::promised(subject.catalogue, subject.declared, subject.resource_type(), value) {
        Ok(relations) => relations,
        Err(reason) => return Evidence::nothing(words(reason)),
    };
    let mut evidence = Evidence { note: Some(said!("no match references a harvested resource by {}", code(value))), ..Evidence::default() };
    for (index, page) in subject.pages().iter().enumerate() {
        let present = page.entries().filter_map(|entry| entry.resource().and_then(resource::key_of)).collect();
        let brought = Brought { value, present, at: said!("Bundle.entry of page {}", index + 1) };
        for found in page.matches() {
            brought.judge(subject, &relations, found, &mut evidence);
        }
    }
    evidence
}
