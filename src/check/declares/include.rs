//! `declares.include`

use crate::check::outcome::Evidence;
use crate::check::said::{code, said};
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "declares.include",
    summary: "the CapabilityStatement lists the _include that the guide expects",
    why: "R4 capabilitystatement.html: rest.resource.searchInclude lists the _include values that the server supports; the guide's CapabilityStatement sets which it must.",
    accepts: r#"{"about": {"type": "Coverage", "value": "Coverage:payor"}, "statement": {"rest": [{"mode": "server", "resource": [{"type": "Coverage", "searchInclude": ["Coverage:payor"]}]}]}}"#,
    rejects: r#"{"about": {"type": "Coverage", "value": "Coverage:payor"}, "statement": {"rest": [{"mode": "server", "resource": [{"type": "Coverage", "searchInclude": ["Coverage:beneficiary"]}]}]}}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let resource_type = subject.resource_type();
    let Some(statement) = subject.declared.capability.as_ref().and_then(|capability| capability.resources.get(resource_type)) else {
        return Evidence::nothing(said!("{} is not declared at all", code(resource_type)));
    };
    let wanted = subject.about.value.as_deref().unwrap_or_default();
    if statement.include(wanted).is_some() {
        return Evidence::fine();
    }
    Evidence::wrong(
        said!("CapabilityStatement.rest.resource.where(type = '{}').searchInclude", code(resource_type)),
        code(wanted),
        "not listed",
    )
}
