//! `oauth.configuration`

use crate::check::outcome::Evidence;
use crate::check::said::{code, said};
use crate::check::{Check, Subject};
use crate::fhir::json::Value;

/// Where the document is, below the base.
const PATH: &str = ".well-known/smart-configuration";

/// The check.
pub const CHECK: Check = Check {
    id: "oauth.configuration",
    summary: "a SMART configuration is there and says what it must",
    why: "SMART App Launch 2.2, Conformance: a server SHALL serve .well-known/smart-configuration as JSON with authorization_endpoint, token_endpoint, grant_types_supported, capabilities and code_challenge_methods_supported, which SHALL include S256 and SHALL NOT include plain.",
    accepts: r#"{"steps": [{"request": "GET .well-known/smart-configuration", "headers": {"content-type": "application/json"}, "body": {"authorization_endpoint": "https://a.example/authorize", "token_endpoint": "https://a.example/token", "grant_types_supported": ["authorization_code"], "capabilities": ["launch-standalone"], "code_challenge_methods_supported": ["S256"]}}]}"#,
    rejects: r#"{"steps": [{"request": "GET .well-known/smart-configuration", "headers": {"content-type": "application/json"}, "body": {"token_endpoint": "https://a.example/token", "code_challenge_methods_supported": ["plain"]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(response) = subject.response() else { return Evidence::nothing("the SMART configuration was not asked for") };
    let Some(document) = subject.resource().filter(|_| response.status == 200) else {
        return Evidence::wrong(PATH, "200 with a JSON object", said!("status {}", response.status));
    };
    let mut evidence = Evidence::fine();
    let label = response.header("content-type").unwrap_or_default();
    if !label.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
        evidence.deviation("header content-type", "application/json", code(label));
    }
    for name in ["authorization_endpoint", "token_endpoint"] {
        if document.get(name).and_then(Value::as_str).is_none_or(str::is_empty) {
            evidence.deviation(name, "a URL", "missing");
        }
    }
    for name in ["grant_types_supported", "capabilities", "code_challenge_methods_supported"] {
        if document.get(name).and_then(Value::as_array).is_none_or(Vec::is_empty) {
            evidence.deviation(name, "a list", "missing");
        }
    }
    if let Some(methods) = document.get("code_challenge_methods_supported").and_then(Value::as_array).filter(|methods| !methods.is_empty())
    {
        let offers = |wanted: &str| methods.iter().any(|method| method == wanted);
        if !offers("S256") {
            evidence.deviation("code_challenge_methods_supported", "S256 among them", "it is not");
        }
        if offers("plain") {
            evidence.deviation("code_challenge_methods_supported", "no plain", "plain");
        }
    }
    evidence
}

/// The document that the last step brought, when it is one.
pub fn document<'a>(subject: &Subject<'a>) -> Option<&'a Value> {
    let is_there = subject.response().is_some_and(|response| response.status == 200);
    subject.resource().filter(|document| is_there && document.is_object())
}

/// The texts of a list in the document; none where there is no such list.
pub fn listed<'a>(subject: &Subject<'a>, name: &str) -> Option<Vec<&'a str>> {
    let list = document(subject)?.get(name).and_then(Value::as_array).into_iter().flatten();
    Some(list.filter_map(Value::as_str).collect())
}
