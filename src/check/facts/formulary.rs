//! `facts.formulary`

use serde_json::Value;

use super::entries;
use crate::check::outcome::Evidence;
use crate::check::said::{code, said};
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "facts.formulary",
    summary: "the drug formulary is a FHIR R4 API that everybody may read, with plans and drugs",
    why: "42 CFR 422.119(b)(2), 431.60(b)(4), 457.730(b)(4): formulary data or preferred drug lists, one business day after they take effect. The types are those of the Da Vinci drug formulary guide 2.0.1, which CMS recommends.",
    accepts: r#"{"steps": [{"request": "GET metadata", "status": 200, "body": {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1", "rest": [{"mode": "server", "resource": [{"type": "InsurancePlan"}, {"type": "Basic"}, {"type": "MedicationKnowledge"}]}]}}]}"#,
    rejects: r#"{"steps": [{"request": "GET metadata", "status": 200, "body": {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1", "rest": [{"mode": "server", "resource": [{"type": "Patient"}]}]}}]}"#,
    run,
};

/// The plan, the entry of a drug in its list, and the drug.
const TYPES: [&str; 3] = ["InsurancePlan", "Basic", "MedicationKnowledge"];

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(response) = subject.response() else { return Evidence::nothing("there was no answer") };
    if response.status != 200 {
        return Evidence::wrong("status", 200_usize, usize::from(response.status));
    }
    let statement = subject.resource().filter(|found| found.get("resourceType").is_some_and(|kind| kind == "CapabilityStatement"));
    let Some(statement) = statement else { return Evidence::wrong("body", "a CapabilityStatement", "something else") };
    let mut evidence = Evidence::fine();
    if !statement.get("fhirVersion").and_then(Value::as_str).is_some_and(|version| version.starts_with("4.0")) {
        evidence.deviation("CapabilityStatement.fhirVersion", code("4.0.1"), "another version, or none");
    }
    let declared = entries(statement, "rest").iter().flat_map(|rest| entries(rest, "resource"));
    let declared: Vec<&str> = declared.filter_map(|resource| resource.get("type")?.as_str()).collect();
    for missing in TYPES.iter().filter(|name| !declared.contains(name)) {
        evidence.deviation("CapabilityStatement.rest.resource", said!("{} is declared", code(missing)), "it is not");
    }
    evidence
}
