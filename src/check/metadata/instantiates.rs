//! `metadata.instantiates`

use crate::check::outcome::Evidence;
use crate::check::said::code;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "metadata.instantiates",
    summary: "the CapabilityStatement names the guide's own in instantiates",
    why: "CARIN BB conformance requirements: a conformant server's CapabilityStatement.instantiates SHALL hold the canonical URL of the guide's CapabilityStatement.",
    accepts: r#"{"about": {"value": "http://example.org/CapabilityStatement/g"}, "statement": {"instantiates": ["http://example.org/CapabilityStatement/g|2.0.0"]}}"#,
    rejects: r#"{"about": {"value": "http://example.org/CapabilityStatement/g"}, "statement": {"instantiates": ["http://example.org/CapabilityStatement/h"]}}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(capability) = &subject.declared.capability else {
        return Evidence::nothing("there is no CapabilityStatement to read");
    };
    let wanted = subject.about.value.as_deref().unwrap_or_default();
    let listed = &capability.instantiates;
    if listed.iter().any(|canonical| canonical.split('|').next() == Some(wanted)) {
        return Evidence::fine();
    }
    let actual = if listed.is_empty() { "none".into() } else { code(listed.join(", ")) };
    Evidence::wrong("CapabilityStatement.instantiates", code(wanted), actual)
}
