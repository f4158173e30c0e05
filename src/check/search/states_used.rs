//! `search.states-used`

use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "search.states-used",
    summary: "the self link names the criterion that was used",
    why: "R4 search.html#conformance: the server SHALL return the parameters that were actually used, encoded in the self link, so that a client can tell a filtered result from an unfiltered one.",
    accepts: r#"{"about": {"type": "Patient"}, "sample": {"resourceType": "Patient", "id": "1"}, "steps": [{"request": "GET Patient?_id=1", "status": 200, "body": {"resourceType": "Bundle", "link": [{"relation": "self", "url": "http://example.org/fhir/Patient?_id=1"}], "entry": [{"resource": {"resourceType": "Patient", "id": "1"}}]}}]}"#,
    rejects: r#"{"about": {"type": "Patient"}, "sample": {"resourceType": "Patient", "id": "1"}, "steps": [{"request": "GET Patient?_id=1", "status": 200, "body": {"resourceType": "Bundle", "link": [{"relation": "self", "url": "http://example.org/fhir/Patient"}], "entry": [{"resource": {"resourceType": "Patient", "id": "1"}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(wanted) = subject.asked("_id") else { return Evidence::nothing("the search has no criterion to look for") };
    let Some(stated) = subject.stated() else { return Evidence::nothing("there is no self link") };
    let names = |name: &str| stated.iter().any(|(used, _)| used == name);
    let found = subject.matches();
    let only = found.iter().all(|found| resource::id_of(found) == Some(wanted));
    if names("_id") {
        return Evidence::fine();
    }
    if found.is_empty() || !only {
        return Evidence::nothing("nothing shows that the server used the criterion");
    }
    Evidence::wrong("Bundle.link.where(relation = 'self')", "the parameter _id, by which the result is filtered", "no such parameter")
}
