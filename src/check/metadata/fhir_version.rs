//! `metadata.fhir-version`

use crate::check::outcome::Evidence;
use crate::check::said::code;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "metadata.fhir-version",
    summary: "the CapabilityStatement says FHIR 4.0.1",
    why: "45 CFR 170.215(a)(1) by 42 CFR 431.60(c): the Patient Access API is FHIR Release 4.0.1; R4 capabilitystatement.html: fhirVersion is mandatory.",
    accepts: r#"{"statement": {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"}}"#,
    rejects: r#"{"statement": {"resourceType": "CapabilityStatement", "fhirVersion": "5.0.0"}}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(capability) = &subject.declared.capability else {
        return Evidence::wrong("CapabilityStatement.fhirVersion", "4.0.1", "there is no CapabilityStatement");
    };
    match capability.fhir_version.as_deref() {
        Some("4.0.1") => Evidence::fine(),
        Some(other) => Evidence::wrong("CapabilityStatement.fhirVersion", "4.0.1", code(other)),
        None => Evidence::wrong("CapabilityStatement.fhirVersion", "4.0.1", "missing"),
    }
}
