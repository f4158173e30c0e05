//! Reference search (R4 search.html#reference).

use super::{Answer, Context, decided, unescape};
use crate::fhir::json::Value;
use crate::fhir::reference::{Reference, same_target, split_canonical};
use crate::fhir::resource;

/// Whether a Reference or a canonical meets `id`, `Type/id` or a URL.
pub fn matches(value: &str, node: &Value, context: &Context<'_>) -> Answer {
    let wanted = unescape(value);
    if let Some(canonical) = node.as_str() {
        return matches_canonical(&wanted, canonical);
    }
    let Some(own) = node.get("reference").and_then(Value::as_str) else { return Answer::No };
    if own == wanted {
        return Answer::Yes;
    }
    if wanted.contains('/') {
        return matches_literal(&wanted, own, context.base);
    }
    // A bare id names a resource of this server of any type that the parameter allows.
    let is_local = match Reference::parse(own) {
        Reference::Relative { id, .. } => id == wanted,
        Reference::Absolute { base, id, .. } => base == context.base.trim_end_matches('/') && id == wanted,
        _ => false,
    };
    decided(resource::is_valid_id(&wanted) && is_local)
}

fn matches_literal(wanted: &str, own: &str, base: &str) -> Answer {
    if !same_target(own, wanted, base) {
        return Answer::No;
    }
    match version(wanted) {
        Some(version) if self::version(own) != Some(version) => {
            Answer::Unknown("R4 does not say whether a version in the searched value must be that of the reference".to_owned())
        }
        _ => Answer::Yes,
    }
}

fn version(text: &str) -> Option<&str> {
    match Reference::parse(text) {
        Reference::Relative { version, .. } | Reference::Absolute { version, .. } => version,
        _ => None,
    }
}

fn matches_canonical(wanted: &str, own: &str) -> Answer {
    let ((wanted_url, wanted_version), (url, version)) = (split_canonical(wanted), split_canonical(own));
    if wanted_url == url {
        return match (wanted_version, version) {
            (None, _) => Answer::Yes,
            (Some(_), None) => Answer::Unknown("the record names no version of the canonical".to_owned()),
            (Some(wanted), Some(own)) => decided(wanted == own),
        };
    }
    let last = |text: &str| text.rsplit('/').next().unwrap_or_default().to_owned();
    if !wanted_url.contains("://") && !wanted_url.is_empty() && last(wanted_url) == last(url) {
        return Answer::Unknown("the server may know the canonical by this id".to_owned());
    }
    Answer::No
}
