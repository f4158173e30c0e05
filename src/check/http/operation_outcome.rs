//! `http.operation-outcome`

use crate::check::exchange::{Body, Response};
use crate::check::outcome::Evidence;
use crate::check::said::{Said, code, said, words};
use crate::check::{Check, Subject};
use crate::fhir::outcome::OperationOutcome;

/// The check.
pub const CHECK: Check = Check {
    id: "http.operation-outcome",
    summary: "a refusal explains itself with an OperationOutcome",
    why: "R4 http.html#Status-Codes: when the server rejects a request it SHOULD return an OperationOutcome with the detail of the error.",
    accepts: r#"{"steps": [{"request": "GET Patient/none", "status": 404, "body": {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "not-found"}]}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient/none", "status": 404, "body": {"detail": "Not Found"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(response) = subject.response() else { return Evidence::nothing("there was no response") };
    if response.status < 400 {
        return Evidence::nothing(said!("the request was not refused (status {})", response.status));
    }
    let Some(outcome) = response.resource().and_then(|body| OperationOutcome::of(body)) else {
        return Evidence::wrong("body", "an OperationOutcome", describe(response));
    };
    if outcome.is_well_formed() {
        Evidence::fine()
    } else {
        Evidence::wrong("OperationOutcome.issue", "at least one issue with severity and code", "none")
    }
}

fn describe(response: &Response) -> Said {
    match &response.body {
        Body::Empty => "an empty body".into(),
        Body::Unreadable(reason) => words(reason),
        Body::Resource(value) => match crate::fhir::resource::type_of(value) {
            Some(resource_type) => said!("a {}", code(resource_type)),
            None => "JSON without a resourceType".into(),
        },
    }
}
