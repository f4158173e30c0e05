//! `declares.search-param`

use crate::check::outcome::Evidence;
use crate::check::said::{code, said};
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "declares.search-param",
    summary: "the CapabilityStatement lists the search parameter that the guide expects",
    why: "R4 capabilitystatement.html: rest.resource.searchParam lists the parameters that the server supports; the guide's CapabilityStatement sets which it must.",
    accepts: r#"{"about": {"type": "Coverage", "param": "_id"}, "statement": {"rest": [{"mode": "server", "resource": [{"type": "Coverage", "searchParam": [{"name": "_id", "type": "token"}]}]}]}}"#,
    rejects: r#"{"about": {"type": "Coverage", "param": "_id"}, "statement": {"rest": [{"mode": "server", "resource": [{"type": "Coverage", "searchParam": [{"name": "patient", "type": "reference"}]}]}]}}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let resource_type = subject.resource_type();
    let Some(capability) = &subject.declared.capability else {
        return Evidence::nothing("there is no CapabilityStatement to read");
    };
    let Some(statement) = capability.resources.get(resource_type) else {
        return Evidence::nothing(said!("{} is not declared at all", code(resource_type)));
    };
    let wanted = subject.about.param.as_deref().unwrap_or_default();
    if statement.search_param(wanted).is_some() || capability.system_search_params.iter().any(|stated| stated.value.name == wanted) {
        return Evidence::fine();
    }
    Evidence::wrong(
        said!("CapabilityStatement.rest.resource.where(type = '{}').searchParam", code(resource_type)),
        code(wanted),
        "not listed",
    )
}
