//! `http.charset`

use crate::check::outcome::Evidence;
use crate::check::said::code;
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "http.charset",
    summary: "the Content-Type of a resource says that it is UTF-8",
    why: "R4 http.html#mime-type: FHIR is UTF-8 throughout, and responses SHALL say so by the charset parameter of the Content-Type header.",
    accepts: r#"{"steps": [{"request": "GET Patient/1", "status": 200, "headers": {"content-type": "application/fhir+json; charset=UTF-8"}, "body": {"resourceType": "Patient"}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient/1", "status": 200, "headers": {"content-type": "application/fhir+json"}, "body": {"resourceType": "Patient"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let mut evidence = Evidence::default();
    for response in subject.steps.iter().flatten().filter_map(|exchange| exchange.response()) {
        let is_resource = response.resource().is_some_and(|body| resource::type_of(body).is_some());
        let Some(label) = response.header("content-type").filter(|_| is_resource) else { continue };
        evidence.examined += 1;
        let charset =
            label.split(';').skip(1).filter_map(|part| part.split_once('=')).find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
        if !charset.is_some_and(|(_, value)| value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")) {
            evidence.deviation("header content-type", "charset=utf-8", code(label));
        }
    }
    if evidence.examined == 0 {
        evidence.note = Some("no answer was a resource with a content-type header".into());
    }
    evidence
}
