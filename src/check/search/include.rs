//! `search.include`

use super::brought::Brought;
use crate::check::outcome::Evidence;
use crate::check::relation::Relation;
use crate::check::said::{code, said, words};
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "search.include",
    summary: "_include brings every resource that the matches reference by it",
    why: "R4 search.html#include: the referenced resources are added to the Bundle, so that the client need not fetch them one by one.",
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
    let pages = subject.pages();
    let present = pages.iter().flat_map(|page| page.entries().filter_map(|entry| entry.resource().and_then(resource::key_of)));
    let brought = Brought { value, present: present.collect(), at: "Bundle.entry".into() };
    let mut evidence = Evidence { note: Some(said!("no match references a harvested resource by {}", code(value))), ..Evidence::default() };
    for found in subject.matches() {
        brought.judge(subject, &relations, found, &mut evidence);
    }
    evidence
}

/// The `_include` value that was asked for; the one that the case is about where that tells more.
pub fn included<'a>(subject: &Subject<'a>) -> &'a str {
    let about = subject.about.value.as_deref();
    subject.asked("_include").filter(|value| *value != "*").or(about).unwrap_or_default()
}
