//! `write.gone`

use super::{is_done, read_back, said, writes};
use crate::check::exchange::Method;
use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};
use crate::fhir::bundle::Bundle;
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "write.gone",
    summary: "what was deleted is neither read nor found any more",
    why: "R4 http.html#delete: upon successful deletion a read SHALL NOT return the resource (404 or 410), and the resource SHALL no longer be found by a search.",
    accepts: r#"{"made": {"type": "Patient", "id": "1"}, "steps": [{"request": "DELETE Patient/1", "status": 204}, {"request": "GET Patient/1", "status": 410}]}"#,
    rejects: r#"{"made": {"type": "Patient", "id": "1"}, "steps": [{"request": "DELETE Patient/1", "status": 204}, {"request": "GET Patient/1", "status": 200, "body": {"resourceType": "Patient", "id": "1"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(made) = &subject.binding.made else { return Evidence::nothing("nothing was made to be deleted") };
    let deleted = writes(subject).last().is_some_and(|exchange| exchange.request.method == Method::Delete && is_done(exchange));
    if !deleted {
        return Evidence::nothing("nothing was deleted");
    }
    let Some(response) = read_back(subject).and_then(|exchange| exchange.response()) else {
        return Evidence::nothing("nothing was read after the deletion");
    };
    if let Some(page) = response.resource().and_then(|body| Bundle::in_document(body)) {
        let found = page.matches().any(|found| resource::id_of(found) == Some(&made.id));
        return if found { Evidence::wrong("Bundle.entry", "no match", "the deleted resource") } else { Evidence::fine() };
    }
    if matches!(response.status, 404 | 410) {
        return Evidence::fine();
    }
    Evidence::wrong("GET after DELETE, HTTP status", "404 or 410", said(response))
}
