//! `search.included-only`

use std::collections::HashSet;

use super::include::included;
use crate::check::outcome::Evidence;
use crate::check::relation::Relation;
use crate::check::said::{code, said, url, words};
use crate::check::{Check, Subject};
use crate::fhir::json::Value;
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "search.included-only",
    summary: "what comes along is marked include and is related to a match as asked",
    why: "R4 search.html#include: included resources are related to the matches by the named parameter, and are marked with search.mode = include.",
    accepts: r#"{"about": {"type": "Patient", "value": "Patient:general-practitioner"}, "steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"search": {"mode": "match"}, "resource": {"resourceType": "Patient", "id": "1", "generalPractitioner": [{"reference": "Practitioner/p"}]}}, {"search": {"mode": "include"}, "resource": {"resourceType": "Practitioner", "id": "p"}}]}}]}"#,
    rejects: r#"{"about": {"type": "Patient", "value": "Patient:general-practitioner"}, "steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"search": {"mode": "match"}, "resource": {"resourceType": "Patient", "id": "1", "generalPractitioner": [{"reference": "Practitioner/p"}]}}, {"search": {"mode": "match"}, "resource": {"resourceType": "Practitioner", "id": "p"}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let reversed = subject.asked("_revinclude");
    let value = reversed.unwrap_or_else(|| included(subject));
    let wanted = subject.resource_type();
    let source_type = if reversed.is_some() { value.split(':').next().unwrap_or_default() } else { wanted };
    let relation = match Relation::new(subject.catalogue, source_type, value) {
        Ok(relation) => relation,
        Err(reason) => return Evidence::nothing(words(reason)),
    };
    let targets = |source: &Value| relation.targets(source, subject.base).into_iter().map(|(target, id)| format!("{target}/{id}"));
    let matches = subject.matches();
    let matched: HashSet<String> = matches.iter().filter_map(|found| resource::key_of(found)).collect();
    let referenced: HashSet<String> = matches.iter().flat_map(|found| targets(found)).collect();
    let related = |found: &Value, key: &str| match reversed {
        Some(_) => targets(found).any(|target| matched.contains(&target)),
        None => referenced.contains(key),
    };
    let mut evidence = Evidence { note: Some("nothing came along".into()), ..Evidence::default() };
    for page in subject.pages() {
        for (index, entry) in page.entries().enumerate() {
            let Some((found, key)) = entry.resource().and_then(|found| Some((found, resource::key_of(found)?))) else { continue };
            let foreign = resource::type_of(found) != Some(wanted);
            match entry.mode() {
                Some("include") => {
                    evidence.examined += 1;
                    if !related(found, &key) {
                        let expected = said!("a resource that is related to a match by {}", code(value));
                        evidence.deviation(said!("Bundle.entry[{}]", index), expected, url(key));
                    }
                }
                None | Some("match") if foreign => {
                    evidence.examined += 1;
                    evidence.deviation(
                        said!("Bundle.entry[{}].search.mode", index),
                        "include",
                        said!("{} for {}", code(entry.mode().unwrap_or("missing")), url(key)),
                    );
                }
                _ => {}
            }
        }
    }
    evidence
}
