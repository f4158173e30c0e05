//! `search.rev-include`

use std::collections::HashSet;

use crate::check::outcome::Evidence;
use crate::check::relation::Relation;
use crate::check::said::{code, said, url, words};
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "search.rev-include",
    summary: "_revinclude brings every harvested resource that references the matches by it",
    why: "R4 search.html#revinclude: resources that reference the matches by the named parameter are added to the Bundle.",
    accepts: r#"{"about": {"type": "Practitioner", "value": "Patient:general-practitioner"}, "sample": {"resourceType": "Patient", "id": "1", "generalPractitioner": [{"reference": "Practitioner/p"}]}, "steps": [{"request": "GET Practitioner", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"search": {"mode": "match"}, "resource": {"resourceType": "Practitioner", "id": "p"}}, {"search": {"mode": "include"}, "resource": {"resourceType": "Patient", "id": "1"}}]}}]}"#,
    rejects: r#"{"about": {"type": "Practitioner", "value": "Patient:general-practitioner"}, "sample": {"resourceType": "Patient", "id": "1", "generalPractitioner": [{"reference": "Practitioner/p"}]}, "steps": [{"request": "GET Practitioner", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"search": {"mode": "match"}, "resource": {"resourceType": "Practitioner", "id": "p"}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let value = subject.about.value.as_deref().unwrap_or_default();
    let source_type = value.split(':').next().unwrap_or_default();
    let relation = match Relation::new(subject.catalogue, source_type, value) {
        Ok(relation) => relation,
        Err(reason) => return Evidence::nothing(words(reason)),
    };
    let matched: HashSet<String> = subject.matches().into_iter().filter_map(resource::key_of).collect();
    let present: HashSet<String> =
        subject.pages().iter().flat_map(|page| page.entries().filter_map(|entry| entry.resource().and_then(resource::key_of))).collect();
    let mut evidence =
        Evidence { note: Some(said!("no harvested {} references a match by {}", code(source_type), code(value))), ..Evidence::default() };
    for sample in subject.samples.of(source_type) {
        let relates =
            relation.targets(sample, subject.base).iter().any(|(target_type, id)| matched.contains(&format!("{target_type}/{id}")));
        if let (true, Some(key)) = (relates, resource::key_of(sample)) {
            evidence.examined += 1;
            if !present.contains(&key) {
                evidence.deviation("Bundle.entry", said!("{}, which references a match by {}", url(key), code(value)), "not included");
            }
        }
    }
    evidence
}
