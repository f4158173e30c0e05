//! `profile.resource-type`

use super::deviations;
use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "profile.resource-type",
    summary: "every resource is a valid instance of its type",
    why: "R4 conformance-rules.html: a resource has only the elements of its type, with their cardinalities, data types, required bindings and invariants.",
    accepts: r#"{"about": {"type": "Patient"}, "sample": {"resourceType": "Patient", "id": "1", "gender": "male"}}"#,
    rejects: r#"{"about": {"type": "Patient"}, "sample": {"resourceType": "Patient", "id": "1", "gender": "unheard-of", "sex": "male"}}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let resource_type = subject.resource_type();
    let verdicts = subject.verdicts.of(resource_type, subject.samples, subject.base);
    if verdicts.is_empty() {
        return Evidence::nothing(subject.samples.why_none(resource_type));
    }
    let mut evidence = Evidence { examined: verdicts.len(), ..Evidence::default() };
    let findings = verdicts.iter().flat_map(|verdict| verdict.findings.iter().map(|finding| (verdict.resource.as_str(), finding)));
    deviations(findings.filter(|(_, finding)| finding.profile.is_none()), &mut evidence);
    evidence
}
