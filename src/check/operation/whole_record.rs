//! `operation.whole-record`

use std::collections::HashSet;

use crate::check::outcome::Evidence;
use crate::check::said::{said, url};
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "operation.whole-record",
    summary: "$everything brings all that searches by the patient find",
    why: "R4 patient-operation-everything.html: with the patient come any other resources that the server has that are related to it and that the user may see.",
    accepts: r#"{"sample": {"resourceType": "Coverage", "id": "1"}, "scope": ["patient", "1"], "steps": [{"request": "GET Patient/1/$everything", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": {"resourceType": "Coverage", "id": "1"}}]}}]}"#,
    rejects: r#"{"sample": {"resourceType": "Coverage", "id": "1"}, "scope": ["patient", "1"], "steps": [{"request": "GET Patient/1/$everything", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let pages = subject.pages();
    let Some(last) = pages.last().filter(|_| subject.response().is_some_and(|response| response.status == 200)) else {
        return Evidence::nothing("$everything was refused");
    };
    if pages.len() >= subject.page_limit && last.link("next").is_some() {
        return Evidence::nothing(said!("more than {} pages", subject.page_limit));
    }
    let brought: HashSet<String> = pages
        .iter()
        .flat_map(|page| page.entries().filter_map(|entry| entry.resource()).filter_map(resource::key_of).collect::<Vec<_>>())
        .collect();
    let mut evidence = Evidence::default();
    for (resource_type, _) in subject.samples.counts() {
        // What was found by the member; the rest was found because it is referenced.
        if subject.samples.scope(&resource_type).is_none() {
            continue;
        }
        for key in subject.samples.of(&resource_type).iter().filter_map(|sample| resource::key_of(sample)) {
            evidence.examined += 1;
            if !brought.contains(&key) {
                evidence.deviation("Bundle.entry of all pages", url(key), "on no page");
            }
        }
    }
    if evidence.examined == 0 {
        evidence.note = Some("nothing was harvested by searches of the member".into());
    }
    evidence
}
