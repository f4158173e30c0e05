//! `read.same-resource`

use crate::check::outcome::Evidence;
use crate::check::said::{code, said, url};
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "read.same-resource",
    summary: "a read returns the resource of the type and id that were asked for",
    why: "R4 http.html#read: the returned resource SHALL have an id element with a value that is the [id].",
    accepts: r#"{"sample": {"resourceType": "Patient", "id": "1"}, "steps": [{"request": "GET Patient/1", "status": 200, "body": {"resourceType": "Patient", "id": "1"}}]}"#,
    rejects: r#"{"sample": {"resourceType": "Patient", "id": "1"}, "steps": [{"request": "GET Patient/1", "status": 200, "body": {"resourceType": "Patient", "id": "2"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(wanted) = subject.binding.sample.as_deref().and_then(resource::key_of) else {
        return Evidence::nothing("there is no harvested resource to read");
    };
    let Some(response) = subject.response() else { return Evidence::nothing("there was no response") };
    if response.status != 200 {
        return Evidence::nothing(said!("the read was answered with status {}", response.status));
    }
    match subject.resource() {
        Some(body) => match resource::key_of(body) {
            Some(key) if key == wanted => Evidence::fine(),
            Some(key) => Evidence::wrong("body", url(wanted), url(key)),
            None => Evidence::wrong(
                "body",
                url(wanted),
                said!("{} without an id", code(resource::type_of(body).unwrap_or("JSON without resourceType"))),
            ),
        },
        None => Evidence::wrong("body", url(wanted), "no readable resource"),
    }
}
