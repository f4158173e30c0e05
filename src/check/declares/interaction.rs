//! `declares.interaction`

use crate::check::outcome::Evidence;
use crate::check::said::{code, said};
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "declares.interaction",
    summary: "the CapabilityStatement lists the interaction that the guide expects",
    why: "R4 capabilitystatement.html: rest.resource.interaction lists what the server does with a type; the guide's CapabilityStatement sets what it must do.",
    accepts: r#"{"about": {"type": "Coverage", "interaction": "read"}, "statement": {"rest": [{"mode": "server", "resource": [{"type": "Coverage", "interaction": [{"code": "read"}]}]}]}}"#,
    rejects: r#"{"about": {"type": "Coverage", "interaction": "read"}, "statement": {"rest": [{"mode": "server", "resource": [{"type": "Coverage", "interaction": [{"code": "vread"}]}]}]}}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let resource_type = subject.resource_type();
    let Some(statement) = subject.declared.capability.as_ref().and_then(|capability| capability.resources.get(resource_type)) else {
        return Evidence::nothing(said!("{} is not declared at all", code(resource_type)));
    };
    let wanted = subject.about.interaction.as_deref().unwrap_or_default();
    if statement.interaction(wanted).is_some() {
        return Evidence::fine();
    }
    let listed: Vec<&str> = statement.interactions.iter().map(|stated| stated.value.as_str()).collect();
    Evidence::wrong(
        said!("CapabilityStatement.rest.resource.where(type = '{}').interaction", code(resource_type)),
        code(wanted),
        said!("not listed (listed: {})", code(listed.join(", "))),
    )
}
