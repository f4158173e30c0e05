//! `http.same-answer`

use super::compare::compare;
use crate::check::exchange::{Body, Exchange};
use crate::check::outcome::Evidence;
use crate::check::said::{Said, said, words};
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "http.same-answer",
    summary: "one question asked in two ways has one answer",
    why: "R4 http.html#mime-type, xml.html, json.html: JSON and XML, compressed or not, indented or not, are forms of the same content.",
    accepts: r#"{"steps": [{"request": "GET Patient/1", "status": 200, "body": {"resourceType": "Patient", "id": "1"}}, {"request": "GET Patient/1", "status": 200, "xml": "<Patient xmlns=\"http://hl7.org/fhir\"><id value=\"1\"/></Patient>"}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient/1", "status": 200, "body": {"resourceType": "Patient", "id": "1", "active": true}}, {"request": "GET Patient/1", "status": 200, "xml": "<Patient xmlns=\"http://hl7.org/fhir\"><id value=\"1\"/></Patient>"}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let answer = |at: usize| subject.steps.get(at).and_then(|exchanges| exchanges.first()).map(AsRef::as_ref);
    let (Some(first), Some(second)) = (answer(0), answer(1)) else { return Evidence::nothing("the case does not ask twice") };
    let Some((first_body, status)) = first.resource().zip(first.status()) else {
        return Evidence::nothing("the first answer is no resource that another could be compared with");
    };
    let Some(actual) = second.response() else { return Evidence::nothing("there was no second response") };
    if actual.status != status {
        return Evidence::wrong("HTTP status", said!("{} as before", status), actual.status);
    }
    match second.resource() {
        Some(second_body) => compare(first_body, second_body),
        None => Evidence::wrong("body", "the same resource as before", described(second)),
    }
}

fn described(exchange: &Exchange) -> Said {
    match exchange.response().map(|response| &response.body) {
        Some(Body::Unreadable(reason)) => words(reason),
        _ => "an empty body".into(),
    }
}
