//! `error.valid-outcome`

use crate::check::outcome::Evidence;
use crate::check::profile::deviations;
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "error.valid-outcome",
    summary: "an OperationOutcome is valid FHIR R4",
    why: "R4 operationoutcome.html: it has at least one issue, each with a severity and a code of the value sets issue-severity and issue-type.",
    accepts: r#"{"steps": [{"request": "GET Patient/none", "status": 404, "body": {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "not-found"}]}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient/none", "status": 404, "body": {"resourceType": "OperationOutcome", "issue": [{"severity": "grave", "code": "not-found"}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let outcome = subject.resource().filter(|body| resource::type_of(body) == Some("OperationOutcome"));
    let Some(outcome) = outcome else { return Evidence::nothing("there was no OperationOutcome") };
    let verdict = subject.verdicts.of_answer(outcome, subject.samples, subject.base);
    let mut evidence = Evidence::fine();
    deviations(verdict.findings.iter().map(|finding| (verdict.resource.as_str(), finding)), &mut evidence);
    evidence
}
