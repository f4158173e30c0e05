//! `declares.what-works`

use crate::check::outcome::Evidence;
use crate::check::said::{code, said};
use crate::check::{Check, Subject};
use crate::fhir::bundle::Bundle;
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "declares.what-works",
    summary: "an interaction that works is declared",
    why: "R4 http.html#capabilities: servers SHALL provide a CapabilityStatement that says which interactions and resources they support; what works beside it is supported and not said.",
    accepts: r#"{"about": {"type": "Patient", "interaction": "read"}, "steps": [{"request": "GET Patient/1", "status": 405}]}"#,
    rejects: r#"{"about": {"type": "Patient", "interaction": "read"}, "steps": [{"request": "GET Patient/1", "status": 200, "body": {"resourceType": "Patient", "id": "1"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(response) = subject.response() else { return Evidence::nothing("there was no response") };
    let interaction = subject.about.interaction.as_deref().unwrap_or_default();
    let kind = match interaction {
        "history-type" | "history-instance" => Some("history"),
        "search-type" => Some("searchset"),
        _ => None,
    };
    let works = response.resource().is_some_and(|body| match kind {
        Some(kind) => Bundle::in_document(body).is_some_and(|bundle| bundle.kind() == Some(kind)),
        None => resource::type_of(body) == subject.about.resource_type.as_deref(),
    });
    if response.status != 200 || !works {
        return Evidence::fine();
    }
    let at = said!("CapabilityStatement.rest.resource.where(type = '{}').interaction", code(subject.resource_type()));
    Evidence::wrong(at, said!("{}, which works", code(interaction)), "not listed")
}
