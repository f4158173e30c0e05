//! `metadata.formats`

use crate::check::outcome::Evidence;
use crate::check::said::code;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "metadata.formats",
    summary: "the CapabilityStatement lists JSON among its formats",
    why: "CARIN BB CapabilityStatement c4bb: format json SHALL be supported; 42 CFR 431.60(c)(1) by 45 CFR 170.215.",
    accepts: r#"{"statement": {"resourceType": "CapabilityStatement", "format": ["application/fhir+json"]}}"#,
    rejects: r#"{"statement": {"resourceType": "CapabilityStatement", "format": ["xml"]}}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(capability) = &subject.declared.capability else {
        return Evidence::nothing("there is no CapabilityStatement to read");
    };
    let formats: Vec<&str> = capability.formats.iter().map(|stated| stated.value.as_str()).collect();
    if formats.iter().any(|format| format.to_ascii_lowercase().contains("json")) {
        return Evidence::fine();
    }
    Evidence::wrong("CapabilityStatement.format", "json", if formats.is_empty() { "none".into() } else { code(formats.join(", ")) })
}
