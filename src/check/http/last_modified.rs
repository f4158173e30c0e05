//! `http.last-modified`

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::check::outcome::Evidence;
use crate::check::said::code;
use crate::check::{Check, Subject};
use crate::fhir::json::Value;
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "http.last-modified",
    summary: "a read resource comes with its lastUpdated in the Last-Modified header",
    why: "R4 http.html#read: servers SHOULD return a Last-Modified header; http.html#versioning maps meta.lastUpdated to it.",
    accepts: r#"{"steps": [{"request": "GET Patient/1", "status": 200, "headers": {"last-modified": "Thu, 26 Nov 2026 07:00:00 GMT"}, "body": {"resourceType": "Patient", "meta": {"lastUpdated": "2026-11-26T07:00:00.250Z"}}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient/1", "status": 200, "body": {"resourceType": "Patient", "meta": {"lastUpdated": "2026-11-26T07:00:00Z"}}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(response) = subject.response().filter(|response| response.status == 200) else {
        return Evidence::nothing("the read was not answered with 200");
    };
    let is_other = |sample: &Value| subject.resource().and_then(resource::key_of) != resource::key_of(sample);
    if subject.binding.sample.as_deref().is_some_and(is_other) {
        return Evidence::nothing("the read brought another resource");
    }
    let stated = subject.resource().and_then(|body| body.pointer("/meta/lastUpdated")).and_then(Value::as_str);
    let Some(stated) = stated.and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok()) else {
        return Evidence::nothing("the resource has no meta.lastUpdated");
    };
    let expected = "the instant of meta.lastUpdated as an HTTP date";
    match response.header("last-modified") {
        // A header has whole seconds, cut off or rounded.
        Some(header) if super::http_date(header).is_some_and(|date| (date - stated).abs() <= time::Duration::SECOND) => Evidence::fine(),
        Some(header) => Evidence::wrong("header last-modified", expected, code(header)),
        None => Evidence::wrong("header last-modified", expected, "no last-modified header"),
    }
}
