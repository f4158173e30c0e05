//! `search.subsetted`

use crate::check::copies::is_subsetted;
use crate::check::outcome::Evidence;
use crate::check::said::{code, said, url};
use crate::check::subset::with_copies;
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "search.subsetted",
    summary: "an incomplete resource is tagged SUBSETTED",
    why: "R4 search.html#summary, #elements: servers SHOULD tag what they cut down, so that it is not used to overwrite the complete resource.",
    accepts: r#"{"about": {"type": "Patient"}, "sample": {"resourceType": "Patient", "id": "1", "gender": "male", "photo": [{"title": "a"}]}, "steps": [{"request": "GET Patient?_summary=true", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "1", "meta": {"tag": [{"code": "SUBSETTED"}]}, "gender": "male"}}]}}]}"#,
    rejects: r#"{"about": {"type": "Patient"}, "sample": {"resourceType": "Patient", "id": "1", "gender": "male", "photo": [{"title": "a"}]}, "steps": [{"request": "GET Patient?_summary=true", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "1", "gender": "male"}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let mut evidence = Evidence { note: Some("no match lacks anything that its harvested copy has".into()), ..Evidence::default() };
    for (found, whole) in with_copies(subject) {
        let lost = whole.as_object().into_iter().flatten().map(|(key, _)| key).find(|key| found.get(key).is_none());
        let Some(lost) = lost else { continue };
        evidence.examined += 1;
        if !is_subsetted(found) {
            let key = resource::key_of(found).unwrap_or_default();
            evidence.deviation(
                said!("{}.meta.tag", code(subject.resource_type())),
                "SUBSETTED",
                said!("missing from {}, which lacks {}", url(key), code(lost)),
            );
        }
    }
    evidence
}
