//! `access.none-of-member`

use super::{note_silence, says_what_is_seen, shown};
use crate::check::outcome::Evidence;
use crate::check::said;
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// Findings at most.
const MOST_FINDINGS: usize = 5;

/// The check.
pub const CHECK: Check = Check {
    id: "access.none-of-member",
    summary: "what another member's token brings is not of this member alone",
    why: "R4 security.html#http: who has no right to data must not get it; SMART App Launch scopes-and-launch-context.html: a patient-level scope gives access to the data of one patient. What R4 compartmentdefinition-patient.html counts to both, such as the Coverage of a family, is that patient's too.",
    accepts: r#"{"sample": {"resourceType": "Patient", "id": "1"}, "members": ["1"], "other-patient": "2", "steps": [{"request": "GET Coverage?patient=1", "as": "other-member", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": {"resourceType": "Coverage", "id": "a", "beneficiary": {"reference": "Patient/1"}, "subscriber": {"reference": "Patient/2"}}}]}}]}"#,
    rejects: r#"{"sample": {"resourceType": "Patient", "id": "1"}, "members": ["1"], "other-patient": "2", "steps": [{"request": "GET Coverage?patient=1", "as": "other-member", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": {"resourceType": "Coverage", "id": "a", "beneficiary": {"reference": "Patient/1"}}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    if subject.rights.members().is_empty() {
        return Evidence::nothing("the member is not known: name one with --patient");
    }
    let mut evidence = Evidence::default();
    for exchange in subject.steps.last().into_iter().flatten() {
        let shown = shown(exchange);
        evidence.examined += shown.len().max(usize::from(says_what_is_seen(exchange)));
        note_silence(exchange, &mut evidence);
        for (way, found) in shown.into_iter().filter(|(_, found)| subject.rights.is_closed_to_others(subject.catalogue, found)) {
            if evidence.findings.len() < MOST_FINDINGS {
                let key = resource::key_of(found).unwrap_or_default();
                evidence.deviation(way, "nothing of this member alone", said::key(&key));
            }
        }
    }
    evidence
}
