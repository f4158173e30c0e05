//! `search.include-iterate`

use super::brought::Brought;
use crate::check::outcome::Evidence;
use crate::check::relation::Relation;
use crate::check::said::{code, said, words};
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "search.include-iterate",
    summary: "_include:iterate brings what the included resources reference",
    why: "R4 search.html#include: with iterate the join is applied to what was included too; how deep is the server's choice, so that one step is asked for.",
    accepts: r#"{"about": {"type": "Patient"}, "sample": {"resourceType": "Organization", "id": "o"}, "steps": [{"request": "GET Patient?_include:iterate=PractitionerRole:organization", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"search": {"mode": "include"}, "resource": {"resourceType": "Organization", "id": "o"}}, {"search": {"mode": "include"}, "resource": {"resourceType": "PractitionerRole", "id": "r", "organization": {"reference": "Organization/o"}}}]}}]}"#,
    rejects: r#"{"about": {"type": "Patient"}, "sample": {"resourceType": "Organization", "id": "o"}, "steps": [{"request": "GET Patient?_include:iterate=PractitionerRole:organization", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"search": {"mode": "include"}, "resource": {"resourceType": "PractitionerRole", "id": "r", "organization": {"reference": "Organization/o"}}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(value) = subject.asked("_include:iterate") else { return Evidence::nothing("the search does not iterate") };
    let source_type = value.split(':').next().unwrap_or_default();
    let relation = match Relation::new(subject.catalogue, source_type, value) {
        Ok(relation) => [relation],
        Err(reason) => return Evidence::nothing(words(reason)),
    };
    let mut evidence =
        Evidence { note: Some(said!("nothing included references a harvested resource by {}", code(value))), ..Evidence::default() };
    for page in subject.pages() {
        let present = page.entries().filter_map(|entry| entry.resource().and_then(resource::key_of)).collect();
        let brought = Brought { value, present, at: "Bundle.entry".into() };
        for source in page.included().filter(|source| resource::type_of(source) == Some(source_type)) {
            brought.judge(subject, &relation, source, &mut evidence);
        }
    }
    evidence
}
