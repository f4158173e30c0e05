//! `search.full-url`

use std::collections::HashSet;

use crate::check::outcome::Evidence;
use crate::check::said::{self, said};
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "search.full-url",
    summary: "every entry of a searchset has an absolute fullUrl of its own that agrees with its resource's id",
    why: "R4 bundle.html#bundle-unique: fullUrl is an absolute URL consistent with the resource's id not version specific (bdl-8), and the same twice only for different versions (bdl-7); it is how references in a Bundle resolve.",
    accepts: r#"{"steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "entry": [{"fullUrl": "http://example.org/fhir/Patient/1", "resource": {"resourceType": "Patient", "id": "1"}}]}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": {"resourceType": "Patient", "id": "1"}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let mut evidence = Evidence::default();
    for page in subject.pages() {
        let mut seen = HashSet::new();
        for (index, entry) in page.entries().enumerate() {
            let Some((found, key)) = entry.resource().and_then(|found| Some((found, resource::key_of(found)?))) else { continue };
            // What a server says about the search itself can be read nowhere else.
            if entry.full_url().is_none() && entry.mode() == Some("outcome") {
                continue;
            }
            evidence.examined += 1;
            let at = said!("Bundle.entry[{}].fullUrl", index);
            let Some(url) = entry.full_url() else {
                evidence.deviation(at, said!("an absolute URL that ends with {}", said::key(&key)), "missing");
                continue;
            };
            let is_absolute = url.contains("://") && url.ends_with(&format!("/{key}"));
            if !is_absolute && !url.starts_with("urn:uuid:") {
                evidence.deviation(at.clone(), said!("an absolute URL that ends with {}", said::key(&key)), said::url(url));
            }
            if !seen.insert((url, resource::version_of(found))) {
                evidence.deviation(at, "a URL that no other entry of the page has", said!("{} again", said::url(url)));
            }
        }
    }
    if evidence.examined == 0 {
        evidence.note = Some("the searchset has no entries".into());
    }
    evidence
}
