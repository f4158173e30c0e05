//! Reference search (R4 search.html#reference).

use serde_json::Value;

use super::{Answer, Context, decided, unescape};
use crate::fhir::reference::{Reference, same_target, split_canonical};
use crate::fhir::resource;

/// Whether a Reference or a canonical meets `id`, `Type/id` or a URL.
pub fn matches(value: &str, node: &Value, context: &Context<'_>) -> Answer {
    let wanted = unescape(value);
    if let Some(canonical) = node.as_str() {
        let ((wanted_url, wanted_version), (url, version)) = (split_canonical(&wanted), split_canonical(canonical));
        return decided(wanted_url == url && (wanted_version.is_none() || wanted_version == version));
    }
    let Some(own) = node.get("reference").and_then(Value::as_str) else { return Answer::No };
    if wanted.contains('/') {
        return decided(same_target(own, &wanted, context.base));
    }
    // A bare id names a resource of this server of any type that the parameter allows.
    let is_local = match Reference::parse(own) {
        Reference::Relative { id, .. } => id == wanted,
        Reference::Absolute { base, id, .. } => base == context.base.trim_end_matches('/') && id == wanted,
        _ => false,
    };
    decided(resource::is_valid_id(&wanted) && is_local)
}
