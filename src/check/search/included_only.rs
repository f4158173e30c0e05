//! `search.included-only`

use std::collections::HashSet;

use super::include::included;
use crate::check::outcome::Evidence;
use crate::check::relation::Relation;
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "search.included-only",
    summary: "what comes along is marked include and is referenced by a match",
    why: "R4 search.html#include: included resources are related to the matches by the named parameter, and are marked with search.mode = include.",
    accepts: r#"{"about": {"type": "Patient", "value": "Patient:general-practitioner"}, "steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"search": {"mode": "match"}, "resource": {"resourceType": "Patient", "id": "1", "generalPractitioner": [{"reference": "Practitioner/p"}]}}, {"search": {"mode": "include"}, "resource": {"resourceType": "Practitioner", "id": "p"}}]}}]}"#,
    rejects: r#"{"about": {"type": "Patient", "value": "Patient:general-practitioner"}, "steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"search": {"mode": "match"}, "resource": {"resourceType": "Patient", "id": "1", "generalPractitioner": [{"reference": "Practitioner/p"}]}}, {"search": {"mode": "match"}, "resource": {"resourceType": "Practitioner", "id": "p"}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let value = included(subject);
    let relation = match Relation::new(subject.catalogue, subject.resource_type(), value) {
        Ok(relation) => relation,
        Err(reason) => return Evidence::nothing(reason),
    };
    let wanted = subject.resource_type();
    let mut related = HashSet::new();
    for found in subject.matches() {
        related.extend(relation.targets(found, subject.base).into_iter().map(|(target_type, id)| format!("{target_type}/{id}")));
    }
    let mut evidence = Evidence { note: Some("nothing came along".to_owned()), ..Evidence::default() };
    for page in subject.pages() {
        for (index, entry) in page.entries().enumerate() {
            let Some(key) = entry.resource().and_then(resource::key_of) else { continue };
            let foreign = entry.resource().and_then(resource::type_of) != Some(wanted);
            match entry.mode() {
                Some("include") => {
                    evidence.examined += 1;
                    if !related.contains(&key) {
                        evidence.deviation(format!("Bundle.entry[{index}]"), format!("a resource that a match references by {value}"), key);
                    }
                }
                None | Some("match") if foreign => {
                    evidence.examined += 1;
                    evidence.deviation(
                        format!("Bundle.entry[{index}].search.mode"),
                        "include",
                        format!("{} for {key}", entry.mode().unwrap_or("missing")),
                    );
                }
                _ => {}
            }
        }
    }
    evidence
}
