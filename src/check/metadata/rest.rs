//! `metadata.rest`

use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "metadata.rest",
    summary: "the CapabilityStatement describes a RESTful server with at least one resource type",
    why: "R4 capabilitystatement.html: rest with mode server defines the RESTful capabilities; without it nothing is declared.",
    accepts: r#"{"statement": {"resourceType": "CapabilityStatement", "rest": [{"mode": "server", "resource": [{"type": "Patient"}]}]}}"#,
    rejects: r#"{"statement": {"resourceType": "CapabilityStatement"}}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(capability) = &subject.declared.capability else {
        return Evidence::nothing("there is no CapabilityStatement to read");
    };
    if !capability.has_server_rest {
        return Evidence::wrong("CapabilityStatement.rest", "an entry with mode server", "none");
    }
    if capability.resources.is_empty() {
        return Evidence::wrong("CapabilityStatement.rest.resource", "at least one resource type", "none");
    }
    Evidence::fine()
}
