//! `search.include-version`

use crate::check::outcome::Evidence;
use crate::check::said::{code, said, url};
use crate::check::{Check, Subject};
use crate::fhir::reference::Reference;
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "search.include-version",
    summary: "a versioned reference is included by the version that it names",
    why: "R4 references.html#literal: a version specific reference means that version of its target; search.html#include: the resources that meet the join are added.",
    accepts: r#"{"about": {"type": "Patient"}, "steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"search": {"mode": "match"}, "resource": {"resourceType": "Patient", "id": "1", "generalPractitioner": [{"reference": "Practitioner/p/_history/1"}]}}, {"search": {"mode": "include"}, "resource": {"resourceType": "Practitioner", "id": "p", "meta": {"versionId": "1"}}}]}}]}"#,
    rejects: r#"{"about": {"type": "Patient"}, "steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"search": {"mode": "match"}, "resource": {"resourceType": "Patient", "id": "1", "generalPractitioner": [{"reference": "Practitioner/p/_history/1"}]}}, {"search": {"mode": "include"}, "resource": {"resourceType": "Practitioner", "id": "p", "meta": {"versionId": "2"}}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let mut wanted = Vec::new();
    for found in subject.matches() {
        resource::for_each_reference(found, &mut |text| {
            if let Reference::Relative { resource_type, id, version: Some(version) }
            | Reference::Absolute { resource_type, id, version: Some(version), .. } = Reference::parse(text)
            {
                wanted.push((format!("{resource_type}/{id}"), version));
            }
        });
    }
    let mut evidence = Evidence { note: Some("nothing came along for a versioned reference".into()), ..Evidence::default() };
    for page in subject.pages() {
        let copies: Vec<_> = page.included().filter_map(|copy| Some((resource::key_of(copy)?, resource::version_of(copy)))).collect();
        for (key, version) in &wanted {
            let mut versions = copies.iter().filter(|(copy, _)| copy == key).map(|(_, version)| *version).peekable();
            if versions.peek().is_none() {
                continue;
            }
            evidence.examined += 1;
            let others: Vec<&str> = versions.clone().map(|other| other.unwrap_or("none")).collect();
            if !versions.any(|copy| copy == Some(*version)) {
                evidence.deviation(
                    "Bundle.entry",
                    said!("version {} of {}", code(version), url(key)),
                    said!("version {} only", code(others.join(", "))),
                );
            }
        }
    }
    evidence
}
