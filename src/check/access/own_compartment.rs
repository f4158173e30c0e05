//! `access.own-compartment`

use super::{note_silence, says_what_is_seen, shown};
use crate::check::compartment::Standing;
use crate::check::exchange::{Exchange, Identity};
use crate::check::outcome::Evidence;
use crate::check::said::{self, code, said, url};
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// Findings of one exchange at most.
const MOST_FINDINGS: usize = 5;

/// The check.
pub const CHECK: Check = Check {
    id: "access.own-compartment",
    summary: "what a member's token brings belongs to that member, and to no other patient",
    why: "SMART App Launch scopes-and-launch-context.html: a patient-level scope gives access to the data of one patient; R4 compartmentdefinition-patient.html says which those are. What the member's own resources refer to may come along, unless it is the record of a member who was named as another.",
    accepts: r#"{"sample": {"resourceType": "Patient", "id": "1"}, "members": ["1"], "steps": [{"request": "GET Coverage", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": {"resourceType": "Coverage", "id": "a", "beneficiary": {"reference": "Patient/1"}}}]}}]}"#,
    rejects: r#"{"sample": {"resourceType": "Patient", "id": "1"}, "members": ["1"], "steps": [{"request": "GET Coverage", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": {"resourceType": "Coverage", "id": "b", "beneficiary": {"reference": "Patient/2"}}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let rights = subject.rights;
    if rights.members().is_empty() {
        return Evidence::nothing("whose token it is is not known: name the member with --patient");
    }
    let mut evidence = Evidence::default();
    let of_member = |exchange: &&Exchange| exchange.request.identity == Identity::Member;
    for exchange in subject.steps.iter().flatten().map(AsRef::as_ref).filter(of_member) {
        let shown = shown(exchange);
        let before = evidence.findings.len();
        for (way, found) in &shown {
            evidence.examined += 1;
            let Standing::Outside { path, patient } = rights.standing(subject.catalogue, found) else { continue };
            if rights.may_come_along(found, &patient) || evidence.findings.len() >= before + MOST_FINDINGS {
                continue;
            }
            let key = resource::key_of(found).unwrap_or_default();
            let asked = said!("{} {}", exchange.request.method.word(), url(&exchange.request.path));
            evidence.deviation(
                said!("{} ({})", code(path), *way),
                "of the token's own member, or of one named with --patient",
                said!("{} of {}, by {}", said::key(&key), said::key(format!("Patient/{patient}")), asked),
            );
        }
        // What shows nothing shows nothing of anybody.
        evidence.examined += usize::from(shown.is_empty() && says_what_is_seen(exchange));
        note_silence(exchange, &mut evidence);
    }
    evidence
}
