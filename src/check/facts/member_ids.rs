//! `facts.member-ids`

use std::collections::BTreeSet;

use super::{entries, has_code};
use crate::check::outcome::Evidence;
use crate::check::said::{code, key, said};
use crate::check::{Check, Subject};
use crate::fhir::json::Value;
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "facts.member-ids",
    summary: "a Patient has the member's numbers by contract and the one that is the same everywhere, each as what it is",
    why: "CARIN BB C4BB Patient, notes on .identifier: the member id is assigned for a contract and may differ between lines of business; the unique member id is the same in all of them.",
    accepts: r#"{"about": {"type": "Patient"}, "patient": "1", "facts": {"member": [{"patient": "1", "member-ids": ["M1", "M2"], "unique-member-id": "U1"}]}, "sample": {"resourceType": "Patient", "id": "1", "identifier": [{"type": {"coding": [{"code": "MB"}]}, "value": "M2"}, {"type": {"coding": [{"code": "MB"}]}, "value": "M1"}, {"type": {"coding": [{"code": "um"}]}, "value": "U1"}]}}"#,
    rejects: r#"{"about": {"type": "Patient"}, "patient": "1", "facts": {"member": [{"member-ids": ["M1"], "unique-member-id": "U1"}]}, "sample": {"resourceType": "Patient", "id": "1", "identifier": [{"type": {"coding": [{"code": "MB"}]}, "value": "U1"}, {"type": {"coding": [{"code": "um"}]}, "value": "M1"}]}}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let patient = subject.samples.patient.as_deref();
    let Some(known) = subject.declared.facts.member(patient) else {
        return Evidence::nothing("the payer's facts say nothing of this member");
    };
    let mut evidence = Evidence { note: Some(subject.samples.why_none("Patient")), ..Evidence::default() };
    let own = subject.samples.of("Patient").iter().filter(|sample| patient.is_none() || resource::id_of(sample) == patient);
    for sample in own {
        let unique: Vec<String> = known.unique_member_id.iter().cloned().collect();
        for (name, expected) in [("MB", &known.member_ids), ("um", &unique)] {
            if expected.is_empty() {
                continue;
            }
            evidence.examined += 1;
            let expected: BTreeSet<&str> = expected.iter().map(String::as_str).collect();
            let actual = numbers(sample, name);
            if actual != expected {
                let of = resource::key_of(sample).unwrap_or_default();
                let told = if actual.is_empty() {
                    "none"
                } else if actual.is_subset(&expected) {
                    "not all of them"
                } else {
                    "another one"
                };
                evidence.deviation(
                    said!("{}: identifier of type {}", key(of), code(name)),
                    "the numbers of [[facts.member]], and no other",
                    told,
                );
            }
        }
    }
    evidence
}

fn numbers<'a>(patient: &'a Value, kind: &str) -> BTreeSet<&'a str> {
    let of_kind = entries(patient, "identifier").iter().filter(|identifier| has_code(identifier.get("type"), kind));
    of_kind.filter_map(|identifier| identifier.get("value")?.as_str()).collect()
}
