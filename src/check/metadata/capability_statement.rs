//! `metadata.capability-statement`

use crate::check::outcome::Evidence;
use crate::check::said::{code, said, words};
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "metadata.capability-statement",
    summary: "/metadata answers with a CapabilityStatement that has its mandatory elements",
    why: "R4 http.html#capabilities: the capabilities interaction returns a CapabilityStatement; status, date, kind, fhirVersion and format are mandatory in it.",
    accepts: r#"{"statement": {"resourceType": "CapabilityStatement", "status": "active", "date": "2026-01-01", "kind": "instance", "fhirVersion": "4.0.1", "format": ["json"]}}"#,
    rejects: r#"{"statement": {"resourceType": "Bundle", "type": "searchset"}}"#,
    run,
};

const MANDATORY: [&str; 4] = ["status", "date", "kind", "format"];

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(statement) = &subject.declared.statement else {
        let problem = subject.declared.problem.clone().unwrap_or_else(|| "nothing that can be read".to_owned());
        return Evidence::wrong("/metadata", "a CapabilityStatement", words(problem));
    };
    let resource_type = resource::type_of(statement).unwrap_or("no resourceType");
    if resource_type != "CapabilityStatement" {
        return Evidence::wrong("resourceType", "CapabilityStatement", code(resource_type));
    }
    let mut evidence = Evidence::default();
    for element in MANDATORY {
        evidence.examined += 1;
        if statement.get(element).is_none() {
            evidence.deviation(said!("CapabilityStatement.{}", code(element)), "present (minimum 1)", "missing");
        }
    }
    evidence
}
