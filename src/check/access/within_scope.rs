//! `access.within-scope`

use super::shown;
use crate::check::compartment::Compartment;
use crate::check::outcome::Evidence;
use crate::check::said::{code, said};
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// What the narrowed token is good for.
const GRANTED: &str = "Patient";
/// Statuses of an answer within the scope, and of a refusal for want of it.
const ANSWERED: [u16; 3] = [200, 401, 403];

/// The check.
pub const CHECK: Check = Check {
    id: "access.within-scope",
    summary: "a token for the Patient alone brings no other type of the member's record",
    why: "SMART App Launch 2.2 scopes-and-launch-context.html: a scope names the types that the token opens; what comes along with them is no exception.",
    accepts: r#"{"steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": {"resourceType": "Patient", "id": "1"}}]}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": {"resourceType": "Coverage", "id": "1"}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let compartment = Compartment::of_patient(subject.catalogue);
    let mut evidence = Evidence::default();
    for exchange in subject.steps.last().into_iter().flatten() {
        let types: Vec<&str> = shown(exchange).into_iter().filter_map(|(_, found)| resource::type_of(found)).collect();
        let is_answered = exchange.status().is_some_and(|status| ANSWERED.contains(&status));
        evidence.examined += types.len().max(usize::from(is_answered));
        if let Some(response) = exchange.response().filter(|_| !is_answered) {
            evidence.note = Some(said!("the answer says nothing of the scope: status {}", response.status));
        }
        let more = types.iter().filter(|found| **found != GRANTED && compartment.holds(found));
        let mut told: Vec<&str> = more.copied().collect();
        told.sort_unstable();
        told.dedup();
        for found in told {
            evidence.deviation("Bundle.entry", "nothing but what the scope opens", said!("a {}", code(found)));
        }
    }
    evidence
}
