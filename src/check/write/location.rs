//! `write.location`

use super::{is_done, read_back, said, writes};
use crate::check::outcome::Evidence;
use crate::check::said::{code, url};
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "write.location",
    summary: "a create says in Location where the new resource is, and it can be read there",
    why: "R4 http.html#create: the server SHALL return a Location header with the new logical id, [base]/[type]/[id]/_history/[vid], or without history where versions are not kept.",
    accepts: r#"{"about": {"type": "Patient"}, "steps": [{"request": "POST Patient", "status": 201, "headers": {"location": "http://example.org/fhir/Patient/1/_history/1"}}, {"request": "GET Patient/1", "status": 200, "body": {"resourceType": "Patient", "id": "1"}}]}"#,
    rejects: r#"{"about": {"type": "Patient"}, "steps": [{"request": "POST Patient", "status": 201}, {"request": "GET Patient/1", "status": 200, "body": {"resourceType": "Patient", "id": "1"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(create) = writes(subject).first().copied().filter(|exchange| is_done(exchange)) else {
        return Evidence::nothing("nothing was created");
    };
    let resource_type = subject.resource_type();
    let expected = said!("[base]/{}/[id]/_history/[vid]", code(resource_type));
    let Some(location) = create.response().and_then(|response| response.header("location")) else {
        return Evidence::wrong("Location", expected, "missing");
    };
    let Some(id) = id_in(location, resource_type) else {
        return Evidence::wrong("Location", expected, url(location));
    };
    let Some(response) = read_back(subject).and_then(|exchange| exchange.response()) else {
        return Evidence::nothing("the new resource was not read");
    };
    let wanted = format!("{resource_type}/{id}");
    match response.resource().and_then(|body| resource::key_of(body)) {
        Some(key) if response.status == 200 && key == wanted => Evidence::fine(),
        Some(key) if response.status == 200 => Evidence::wrong(said!("GET {}", url(&wanted)), url(&wanted), url(key)),
        _ => Evidence::wrong(said!("GET {}", url(&wanted)), "the new resource", said(response)),
    }
}

/// The id that a Location names for a resource of this type.
pub fn id_in<'a>(location: &'a str, resource_type: &str) -> Option<&'a str> {
    let path = location.split(['?', '#']).next().unwrap_or(location);
    let before = path.split_once("/_history").map_or(path, |(before, _)| before);
    let mut parts = before.rsplit('/');
    let (id, named) = (parts.next()?, parts.next()?);
    (named == resource_type && resource::is_valid_id(id)).then_some(id)
}
