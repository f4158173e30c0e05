//! `search.kept-elements`

use crate::check::outcome::Evidence;
use crate::check::said::{code, said, url, words};
use crate::check::subset::{Part, Subset, with_copies};
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "search.kept-elements",
    summary: "what _summary or _elements asks for is there, and what is mandatory",
    why: "R4 search.html#summary, #elements: the summary holds the elements that are marked so, text the narrative and mandatory elements, data all but the narrative, and _elements names what is returned; servers SHOULD return mandatory elements whether they are requested or not.",
    accepts: r#"{"about": {"type": "Patient"}, "sample": {"resourceType": "Patient", "id": "1", "gender": "male", "photo": [{"title": "a"}]}, "steps": [{"request": "GET Patient?_elements=gender", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "1", "gender": "male"}}]}}]}"#,
    rejects: r#"{"about": {"type": "Patient"}, "sample": {"resourceType": "Patient", "id": "1", "gender": "male", "photo": [{"title": "a"}]}, "steps": [{"request": "GET Patient?_elements=gender", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "1"}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let (subset, name) = match Subset::asked(subject) {
        Ok(asked) => asked,
        Err(reason) => return Evidence::nothing(words(reason)),
    };
    let note = said!("no match whose harvested copy has what {} asks for", code(name));
    let mut evidence = Evidence { note: Some(note), ..Evidence::default() };
    for (found, whole) in with_copies(subject) {
        for (key, value) in whole.as_object().into_iter().flatten().filter(|(key, _)| subset.is_due(key)) {
            evidence.examined += 1;
            let sent = found.get(key);
            // A summary may also leave out what lies deeper, and servers make narratives anew.
            let may_differ = matches!(subset.part, Part::Summary | Part::Text) || !subset.is_asked_for(key);
            if sent.is_none() || (!may_differ && sent != Some(value)) {
                let at = said!("{}.{}", code(subject.resource_type()), code(key));
                let actual = if sent.is_none() { "missing from" } else { "different in" };
                let from = resource::key_of(found).unwrap_or_default();
                evidence.deviation(at, "as in the harvested copy", said!("{} {}", actual, url(from)));
            }
        }
    }
    evidence
}
