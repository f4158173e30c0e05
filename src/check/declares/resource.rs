//! `declares.resource`

use crate::check::outcome::Evidence;
use crate::check::said::code;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "declares.resource",
    summary: "the CapabilityStatement lists the resource type that the guide expects",
    why: "R4 capabilitystatement.html: rest.resource lists the types that the server supports; the guide's CapabilityStatement sets what it must support.",
    accepts: r#"{"about": {"type": "Coverage"}, "statement": {"rest": [{"mode": "server", "resource": [{"type": "Coverage"}]}]}}"#,
    rejects: r#"{"about": {"type": "Coverage"}, "statement": {"rest": [{"mode": "server", "resource": [{"type": "Patient"}]}]}}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(capability) = &subject.declared.capability else {
        return Evidence::nothing("there is no CapabilityStatement to read");
    };
    let wanted = subject.resource_type();
    if capability.resources.contains_key(wanted) {
        return Evidence::fine();
    }
    Evidence::wrong("CapabilityStatement.rest.resource.type", code(wanted), "not listed")
}
