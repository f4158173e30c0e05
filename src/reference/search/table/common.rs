//! Parameters of every type (R4 search.html#all).

use super::{Kind, Parameter, Place, core, own, row};

const EVERY: &[Parameter] = &[
    row!("_id" Kind::Token, core!("Resource-id"), "id"),
    row!("_lastUpdated" Kind::Date, core!("Resource-lastUpdated"), "meta.lastUpdated"),
    row!("_profile" Kind::Uri, core!("Resource-profile"), "meta.profile"),
];
const LABELS: &[Parameter] = &[
    row!("_tag" Kind::Token, core!("Resource-tag"), "meta.tag"),
    row!("_security" Kind::Token, core!("Resource-security"), "meta.security"),
    row!("_source" Kind::Uri, own!("resource-source"), "meta.source"),
];
const WORDS: &[Parameter] = &[
    Parameter {
        code: "_text",
        definition: core!("DomainResource-text"),
        kind: Kind::Words { narrative: true },
        place: Place::Paths(&["text.div"]),
    },
    Parameter {
        code: "_content",
        definition: core!("Resource-content"),
        kind: Kind::Words { narrative: false },
        place: Place::Paths(&[""]),
    },
];

/// What can be searched in any type, and, where resources are labelled, by labels and words too.
pub fn of(resource_type: &str) -> impl Iterator<Item = &'static Parameter> {
    let labelled = matches!(resource_type, "Observation" | "RiskAssessment");
    let has_profile = !matches!(resource_type, "RiskAssessment" | "SearchParameter");
    let labels = if labelled { LABELS } else { &[] };
    let words = if labelled { WORDS } else { &[] };
    EVERY.iter().filter(move |parameter| has_profile || parameter.code != "_profile").chain(labels).chain(words)
}
