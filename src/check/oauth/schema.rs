//! `oauth.schema`

use std::sync::LazyLock;

use jsonschema::Validator;

use crate::check::outcome::Evidence;
use crate::check::said::{code, said, words};
use crate::check::{Check, Subject};

/// Findings at most.
const MOST_FINDINGS: usize = 10;

static SCHEMA: LazyLock<Option<Validator>> = LazyLock::new(|| {
    let schema = serde_json::from_str(include_str!("smart-configuration.schema.json")).ok()?;
    jsonschema::validator_for(&schema).ok()
});

/// The check.
pub const CHECK: Check = Check {
    id: "oauth.schema",
    summary: "what the SMART configuration holds has the types that programs read",
    why: "SMART App Launch 2.2, Conformance: endpoints are URLs, and capabilities, scopes, methods and grant types are lists of texts.",
    accepts: r#"{"steps": [{"request": "GET .well-known/smart-configuration", "status": 200, "body": {"token_endpoint": "https://a.example/token", "capabilities": ["launch-standalone"]}}]}"#,
    rejects: r#"{"steps": [{"request": "GET .well-known/smart-configuration", "status": 200, "body": {"token_endpoint": "/token", "capabilities": "launch-standalone"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(document) = super::configuration::document(subject) else { return Evidence::nothing("there was no SMART configuration") };
    let Some(schema) = SCHEMA.as_ref() else { return Evidence::nothing("the schema cannot be used") };
    let mut evidence = Evidence::fine();
    for error in schema.iter_errors(&document.clone().into()).take(MOST_FINDINGS) {
        let at = error.instance_path().to_string();
        let place = if at.is_empty() { words("the whole document") } else { code(at) };
        let wanted = error.schema_path().to_string();
        evidence.deviation(place, said!("what the schema asks at {}", code(wanted)), "something else, or nothing");
    }
    evidence
}
