//! `write.once`

use super::{is_done, said, writes};
use crate::check::outcome::Evidence;
use crate::check::write::location::id_in;
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "write.once",
    summary: "a conditional create makes nothing where one resource already meets its condition",
    why: "R4 http.html#ccreate: on one match the server ignores the post and returns 200 OK.",
    accepts: r#"{"about": {"type": "Patient"}, "made": {"type": "Patient", "id": "1"}, "steps": [{"request": "POST Patient", "status": 201}, {"request": "POST Patient", "status": 200}]}"#,
    rejects: r#"{"about": {"type": "Patient"}, "made": {"type": "Patient", "id": "1"}, "steps": [{"request": "POST Patient", "status": 201}, {"request": "POST Patient", "status": 201, "headers": {"location": "Patient/2"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let (Some(made), [first, second, ..]) = (&subject.binding.made, &*writes(subject)) else {
        return Evidence::nothing("nothing was made twice");
    };
    let Some(response) = second.response().filter(|_| is_done(first)) else { return Evidence::nothing("the first was not made") };
    if response.status != 200 {
        return Evidence::wrong("POST with If-None-Exist, HTTP status", "200", said(response));
    }
    let located = response.header("location").and_then(|location| id_in(location, subject.resource_type()));
    let held =
        response.resource().filter(|body| resource::type_of(body) == Some(subject.resource_type())).and_then(|body| resource::id_of(body));
    match located.or(held) {
        Some(id) if id != made.id => Evidence::wrong("POST with If-None-Exist", "the resource that was there", "another one"),
        _ => Evidence::fine(),
    }
}
