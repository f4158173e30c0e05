//! `declares.profile`

use crate::check::outcome::Evidence;
use crate::check::said::{code, said};
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "declares.profile",
    summary: "the CapabilityStatement lists the profile that the guide expects as a supportedProfile",
    why: "R4 capabilitystatement.html: rest.resource.supportedProfile lists the profiles that the server supports; the guide's CapabilityStatement sets which it must.",
    accepts: r#"{"about": {"type": "Coverage", "value": "http://example.org/StructureDefinition/c"}, "statement": {"rest": [{"mode": "server", "resource": [{"type": "Coverage", "supportedProfile": ["http://example.org/StructureDefinition/c|1.0.0"]}]}]}}"#,
    rejects: r#"{"about": {"type": "Coverage", "value": "http://example.org/StructureDefinition/c"}, "statement": {"rest": [{"mode": "server", "resource": [{"type": "Coverage", "supportedProfile": ["http://example.org/StructureDefinition/d"]}]}]}}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let resource_type = subject.resource_type();
    let Some(statement) = subject.declared.capability.as_ref().and_then(|capability| capability.resources.get(resource_type)) else {
        return Evidence::nothing(said!("{} is not declared at all", code(resource_type)));
    };
    let wanted = subject.about.value.as_deref().map(without_version).unwrap_or_default();
    let listed = statement.supported_profiles.iter().map(|stated| stated.value.as_str()).chain(statement.profile.as_deref());
    if listed.map(without_version).any(|url| url == wanted) {
        return Evidence::fine();
    }
    Evidence::wrong(
        said!("CapabilityStatement.rest.resource.where(type = '{}').supportedProfile", code(resource_type)),
        code(wanted),
        "not listed",
    )
}

fn without_version(canonical: &str) -> &str {
    canonical.split_once('|').map_or(canonical, |(url, _)| url)
}
