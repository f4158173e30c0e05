//! `history.bundle`

use super::said;
use crate::check::outcome::Evidence;
use crate::check::said::{code, said, url};
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "history.bundle",
    summary: "history returns a Bundle of type history with versions of what was asked for, each with its request and response",
    why: "R4 http.html#history: the return content is a Bundle with type set to history containing the versions; bundle.html bdl-3 and bdl-4: each entry has a request, with method and url, and a response.",
    accepts: r#"{"sample": {"resourceType": "Patient", "id": "1"}, "steps": [{"request": "GET Patient/1/_history", "status": 200, "body": {"resourceType": "Bundle", "type": "history", "entry": [{"resource": {"resourceType": "Patient", "id": "1"}, "request": {"method": "PUT", "url": "Patient/1"}, "response": {"status": "200"}}]}}]}"#,
    rejects: r#"{"sample": {"resourceType": "Patient", "id": "1"}, "steps": [{"request": "GET Patient/1/_history", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    // The history of one resource, of a type, or of the whole system.
    let of_instance = subject.binding.sample.as_deref().and_then(resource::key_of);
    let of_type = subject.about.resource_type.as_ref().map(|resource_type| format!("{resource_type}/"));
    let wanted = of_instance.clone().or(of_type).unwrap_or_default();
    let fits = |key: &str| if of_instance.is_some() { key == wanted } else { key.starts_with(&wanted) };
    if subject.response().is_some_and(|response| response.status != 200) {
        return Evidence::nothing("the history was refused");
    }
    let pages = subject.pages();
    let Some(first) = pages.first() else {
        return Evidence::wrong("body", "a Bundle of type history", "no Bundle");
    };
    let mut evidence = Evidence::fine();
    if first.kind() != Some("history") {
        evidence.deviation("Bundle.type", "history", code(first.kind().unwrap_or("missing")));
    }
    let mut entries = 0;
    for (index, entry) in first.entries().enumerate() {
        entries += 1;
        let at = |part: &str| said!("Bundle.entry[{}].{}", index, code(part));
        if let Some(key) = entry.resource().and_then(resource::key_of).filter(|key| !fits(key)) {
            evidence.deviation(at("resource"), url(&wanted), url(key));
        }
        for field in ["method", "url"] {
            if said(&entry, "request", field).is_none() {
                evidence.deviation(at(&format!("request.{field}")), "present in a history (bdl-3)", "missing");
            }
        }
        if said(&entry, "response", "status").is_none() {
            evidence.deviation(at("response.status"), "present in a history (bdl-4)", "missing");
        }
    }
    if entries == 0 && of_instance.is_some() {
        evidence.deviation("Bundle.entry", "at least the current version", "none");
    }
    evidence
}
