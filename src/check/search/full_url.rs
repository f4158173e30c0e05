//! `search.full-url`

use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "search.full-url",
    summary: "every entry of a searchset has a fullUrl that agrees with its resource's id",
    why: "R4 bundle.html#bundle-unique: fullUrl is an absolute URL consistent with the resource's id and not version specific (bdl-8); it is how references in a Bundle resolve.",
    accepts: r#"{"steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "entry": [{"fullUrl": "http://example.org/fhir/Patient/1", "resource": {"resourceType": "Patient", "id": "1"}}]}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": {"resourceType": "Patient", "id": "1"}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let mut evidence = Evidence::default();
    for page in subject.pages() {
        for (index, entry) in page.entries().enumerate() {
            let Some(key) = entry.resource().and_then(resource::key_of) else { continue };
            evidence.examined += 1;
            let at = format!("Bundle.entry[{index}].fullUrl");
            match entry.full_url() {
                None => evidence.deviation(at, format!("an absolute URL that ends with {key}"), "missing"),
                Some(url) if url.starts_with("urn:uuid:") || url.ends_with(&format!("/{key}")) => {}
                Some(url) => evidence.deviation(at, format!("an absolute URL that ends with {key}"), url),
            }
        }
    }
    if evidence.examined == 0 {
        evidence.note = Some("the searchset has no entries".to_owned());
    }
    evidence
}
