//! `facts.formulary`

use url::Url;

use crate::check::outcome::Evidence;
use crate::check::said::code;
use crate::check::{Check, Subject};
use crate::fhir::json::Value;

/// The check.
pub const CHECK: Check = Check {
    id: "facts.formulary",
    summary: "the drug formulary is a FHIR R4 API",
    why: "42 CFR 422.119(b)(2), 431.60(b)(4), 457.730(b)(4): formulary data or preferred drug lists can be had by the API. One on another origin may want a sign-in of its own, which says nothing.",
    accepts: r#"{"steps": [{"request": "GET metadata", "status": 200, "body": {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"}}]}"#,
    rejects: r#"{"steps": [{"request": "GET metadata", "status": 401, "body": {"resourceType": "OperationOutcome"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(exchange) = subject.exchange() else { return Evidence::nothing("nothing was asked") };
    let Some(response) = exchange.response() else { return Evidence::nothing("there was no answer") };
    if matches!(response.status, 401 | 403) && !is_of_origin(&exchange.url, subject.base) {
        return Evidence::nothing("it wants a sign-in of its own: leave formulary out of [facts]");
    }
    if response.status != 200 {
        return Evidence::wrong("status", 200_usize, usize::from(response.status));
    }
    let statement = subject.resource().filter(|found| found.get("resourceType").is_some_and(|kind| kind == "CapabilityStatement"));
    let Some(statement) = statement else { return Evidence::wrong("body", "a CapabilityStatement", "something else") };
    let mut evidence = Evidence::fine();
    if !statement.get("fhirVersion").and_then(Value::as_str).is_some_and(|version| version.starts_with("4.0")) {
        evidence.deviation("CapabilityStatement.fhirVersion", code("4.0.1"), "another version, or none");
    }
    evidence
}

/// Whether an address is where the API under test is; one that is relative to it is.
fn is_of_origin(address: &str, base: &str) -> bool {
    let origin = |text: &str| Url::parse(text).map(|url| url.origin());
    origin(address).map_or(true, |address| origin(base).is_ok_and(|base| address == base))
}
