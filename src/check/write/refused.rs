//! `write.refused`

use super::{read_back, said, writes};
use crate::check::outcome::Evidence;
use crate::check::said::code;
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "write.refused",
    summary: "a write that must not be done is refused, and changes nothing",
    why: "R4 http.html#update, #patch: where the id in the body is missing or differs from the URL, the server SHALL respond with 400; a patch of which one operation fails is not applied.",
    accepts: r#"{"made": {"type": "Patient", "id": "1", "version": "1"}, "steps": [{"request": "PUT Patient/1", "status": 400}, {"request": "GET Patient/1", "status": 200, "body": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "1"}}}]}"#,
    rejects: r#"{"made": {"type": "Patient", "id": "1", "version": "1"}, "steps": [{"request": "PUT Patient/1", "status": 200}, {"request": "GET Patient/1", "status": 200, "body": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "2"}}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(made) = &subject.binding.made else { return Evidence::nothing("nothing was made to be changed") };
    let sent = writes(subject);
    let Some(response) = sent.last().and_then(|exchange| exchange.response()) else { return Evidence::nothing("nothing was sent") };
    let mut evidence = Evidence::fine();
    if !(400..500).contains(&response.status) {
        evidence.deviation("HTTP status", "a status from 400 to 499", said(response));
    }
    let read = read_back(subject).and_then(|exchange| exchange.resource()).and_then(|body| resource::version_of(body));
    if let (Some(before), Some(after)) = (made.version.as_deref(), read) {
        evidence.examined += 1;
        if before != after {
            evidence.deviation("meta.versionId after the refusal", code(before), code(after));
        }
    }
    evidence
}
