//! `http.content-type`

use crate::check::outcome::Evidence;
use crate::check::said::code;
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "http.content-type",
    summary: "a FHIR body is labelled as application/fhir+json or application/fhir+xml",
    why: "R4 http.html#mime-type: the formal MIME-types are application/fhir+json and application/fhir+xml; servers SHALL use them.",
    accepts: r#"{"steps": [{"request": "GET Patient/1", "status": 200, "headers": {"content-type": "application/fhir+json;charset=utf-8"}, "body": {"resourceType": "Patient"}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient/1", "status": 200, "headers": {"content-type": "text/html"}, "body": {"resourceType": "Patient"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let mut evidence = Evidence::default();
    for response in subject.steps.iter().flatten().filter_map(|exchange| exchange.response()) {
        // A page that says that something broke is labelled rightly as what it is.
        if response.resource().is_none_or(|body| resource::type_of(body).is_none()) {
            continue;
        }
        evidence.examined += 1;
        let label = response.header("content-type").unwrap_or("no content-type header");
        let media_type = label.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if media_type != "application/fhir+json" && media_type != "application/fhir+xml" {
            evidence.deviation("header content-type", "application/fhir+json or application/fhir+xml", code(label));
        }
    }
    evidence
}
