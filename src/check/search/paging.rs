//! `search.paging`

use std::collections::HashSet;

use crate::check::outcome::Evidence;
use crate::check::said::{self, said};
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "search.paging",
    summary: "following every next link ends, and brings the whole result",
    why: "R4 http.html#paging: a client follows the next links to the last page, which has none, and has then seen every match.",
    accepts: r#"{"about": {"type": "Patient"}, "scope": ["_id", "1"], "sample": {"resourceType": "Patient", "id": "1"}, "steps": [{"request": "GET Patient?_count=2", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "1"}}]}}]}"#,
    rejects: r#"{"about": {"type": "Patient"}, "scope": ["_id", "1"], "sample": {"resourceType": "Patient", "id": "1"}, "steps": [{"request": "GET Patient?_count=2", "status": 200, "body": {"resourceType": "Bundle", "link": [{"relation": "next", "url": "http://example.org/fhir/Patient?_count=2"}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let pages = subject.pages();
    let Some(last) = pages.last() else { return Evidence::nothing("there was no Bundle") };
    let mut evidence = Evidence::default();
    if let Some(next) = last.link("next") {
        evidence.examined += 1;
        if pages.len() >= subject.page_limit {
            return Evidence::nothing(said!("the search has more than {} pages, and no more were asked for", subject.page_limit));
        }
        let seen = subject.steps.iter().flatten().any(|exchange| exchange.url == next);
        let actual =
            if seen { "a next link to a page that was already read" } else { "a next link that does not lead on, or not on this server" };
        evidence.deviation(said!("Bundle.link.where(relation = 'next') on page {}", pages.len()), "the pages end", actual);
        return evidence;
    }
    let found: HashSet<String> = subject.matches().into_iter().filter_map(resource::key_of).collect();
    let known = subject.samples.of(subject.resource_type());
    if known.is_empty() {
        return Evidence::nothing(subject.samples.why_none(subject.resource_type()));
    }
    for key in known.iter().filter_map(|sample| resource::key_of(sample)) {
        evidence.examined += 1;
        if !found.contains(&key) {
            evidence.deviation("Bundle.entry of all pages", said::key(key), "not on any page");
        }
    }
    evidence
}
