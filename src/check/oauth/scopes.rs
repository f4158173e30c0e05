//! `oauth.scopes`

use crate::check::outcome::Evidence;
use crate::check::said::code;
use crate::check::{Check, Subject};

/// Scopes that open no resource.
const PLAIN: [&str; 3] = ["openid", "fhirUser", "launch/patient"];
/// For whom resources are opened.
const CONTEXTS: [&str; 2] = ["patient", "user"];
/// The resources.
const TYPES: [&str; 5] = ["ExplanationOfBenefit", "Coverage", "Patient", "Organization", "Practitioner"];

/// The check.
pub const CHECK: Check = Check {
    id: "oauth.scopes",
    summary: "the SMART configuration lists the thirteen scopes that CARIN Blue Button asks for",
    why: "CARIN Blue Button 2.x, Security and Privacy Considerations: a server SHALL support openid, fhirUser, launch/patient, and patient and user scopes to read five types; SMART App Launch 2 spells them .rs, and * stands for every type. Its conformance.html lets a server support scopes that it does not list.",
    accepts: r#"{"steps": [{"request": "GET .well-known/smart-configuration", "status": 200, "body": {"scopes_supported": ["openid", "fhirUser", "launch/patient", "patient/*.rs", "user/*.read"]}}]}"#,
    rejects: r#"{"steps": [{"request": "GET .well-known/smart-configuration", "status": 200, "body": {"scopes_supported": ["openid", "fhirUser", "launch/patient", "patient/*.rs"]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(stated) = super::configuration::listed(subject, "scopes_supported") else {
        return Evidence::nothing("there was no SMART configuration");
    };
    let mut evidence = Evidence { examined: PLAIN.len() + CONTEXTS.len() * TYPES.len(), ..Evidence::default() };
    for wanted in PLAIN.iter().filter(|wanted| !stated.contains(*wanted)) {
        evidence.deviation("scopes_supported", code(wanted), "not among them");
    }
    for context in CONTEXTS {
        for wanted in TYPES.iter().filter(|wanted| !stated.iter().any(|scope| opens(scope, context, wanted))) {
            evidence.deviation("scopes_supported", code(format!("{context}/{wanted}.read or .rs")), "not among them");
        }
    }
    evidence
}

/// Whether a scope lets an app read and search a type.
fn opens(scope: &str, context: &str, resource_type: &str) -> bool {
    let Some((of, actions)) = scope.split_once('/').filter(|(stated, _)| *stated == context).and_then(|(_, rest)| rest.split_once('.'))
    else {
        return false;
    };
    let actions = actions.split('?').next().unwrap_or_default();
    let reads = matches!(actions, "read" | "*") || (actions.contains('r') && actions.chars().all(|letter| "cruds".contains(letter)));
    reads && (of == "*" || of == resource_type)
}
