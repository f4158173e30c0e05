//! `search.include`

use std::collections::HashSet;

use crate::check::outcome::Evidence;
use crate::check::relation::Relation;
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

/// Only targets that were harvested are expected: one that cannot be read with this token cannot be included either.
fn run(subject: &Subject<'_>) -> Evidence {
    let value = included(subject);
    let relations = match Relation::promised(subject.catalogue, subject.declared, subject.resource_type(), value) {
        Ok(relations) => relations,
        Err(reason) => return Evidence::nothing(reason),
    };
    let present: HashSet<String> =
        subject.pages().iter().flat_map(|page| page.entries().filter_map(|entry| entry.resource().and_then(resource::key_of))).collect();
    let mut evidence = Evidence { note: Some(format!("no match references a harvested resource by {value}")), ..Evidence::default() };
    for found in subject.matches() {
        for (target_type, target_id) in relations.iter().flat_map(|relation| relation.targets(found, subject.base)) {
            if subject.samples.find(&target_type, &target_id).is_none() {
                continue;
            }
            evidence.examined += 1;
            let target = format!("{target_type}/{target_id}");
            if !present.contains(&target) {
                let from = resource::key_of(found).unwrap_or_default();
                evidence.deviation("Bundle.entry", format!("{target}, which {from} references by {value}"), "not included");
            }
        }
    }
    evidence
}

/// The `_include` value that was asked for; the one that the case is about where that tells more.
pub fn included<'a>(subject: &Subject<'a>) -> &'a str {
    let about = subject.about.value.as_deref();
    subject.asked("_include").filter(|value| *value != "*").or(about).unwrap_or_default()
}
