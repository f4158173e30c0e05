//! `search.only-elements`

use crate::check::outcome::Evidence;
use crate::check::said::{code, said, url, words};
use crate::check::subset::{Subset, with_copies};
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "search.only-elements",
    summary: "a server that states _summary or _elements sends no other elements than these ask for",
    why: "R4 search.html#summary, #elements: the summary consists of the summary elements, text of narrative and mandatory elements, data of all but the narrative, and of _elements only what is listed is returned. Servers need not, but the self link says what was used.",
    accepts: r#"{"about": {"type": "Patient"}, "sample": {"resourceType": "Patient", "id": "1", "gender": "male", "photo": [{"title": "a"}]}, "steps": [{"request": "GET Patient?_summary=true", "status": 200, "body": {"resourceType": "Bundle", "link": [{"relation": "self", "url": "http://example.org/fhir/Patient?_summary=true"}], "entry": [{"resource": {"resourceType": "Patient", "id": "1", "gender": "male"}}]}}]}"#,
    rejects: r#"{"about": {"type": "Patient"}, "sample": {"resourceType": "Patient", "id": "1", "gender": "male", "photo": [{"title": "a"}]}, "steps": [{"request": "GET Patient?_summary=true", "status": 200, "body": {"resourceType": "Bundle", "link": [{"relation": "self", "url": "http://example.org/fhir/Patient?_summary=true"}], "entry": [{"resource": {"resourceType": "Patient", "id": "1", "gender": "male", "photo": [{"title": "a"}]}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let (subset, name) = match Subset::asked(subject) {
        Ok(asked) => asked,
        Err(reason) => return Evidence::nothing(words(reason)),
    };
    if !subject.states(name) {
        return Evidence::nothing(said!("the self link does not say that {} was applied, which is the server's right", code(name)));
    }
    let note = said!("no match whose harvested copy has more than {} asks for", code(name));
    let mut evidence = Evidence { note: Some(note), ..Evidence::default() };
    for (found, whole) in with_copies(subject) {
        let stays = |key: &str| subset.may_stay(whole, key);
        let (Some(fields), Some(all)) = (found.as_object(), whole.as_object()) else { continue };
        evidence.examined += usize::from(!all.keys().all(|key| stays(key)));
        for key in fields.keys().filter(|key| !stays(key)) {
            let from = resource::key_of(found).unwrap_or_default();
            evidence.deviation(
                said!("{}.{}", code(subject.resource_type()), code(key)),
                said!("not there, by {}", code(name)),
                said!("present in {}", url(from)),
            );
        }
    }
    evidence
}
