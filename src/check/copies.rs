//! Two copies of one version of a resource, compared.

use crate::check::said::{code, said};

use super::outcome::Evidence;
use crate::fhir::json::Value;
use crate::fhir::resource;

/// The code of the tag that marks an incomplete resource (R4 search.html#summary).
const SUBSETTED: &str = "SUBSETTED";

/// Compares two copies of one version; copies of different versions are passed over. `meta` and `text` may legitimately differ between
/// interactions (tags such as SUBSETTED, generated narrative).
pub fn compare(one: &Value, other: &Value, evidence: &mut Evidence) {
    if !same_version(one, other) {
        return;
    }
    evidence.examined += 1;
    // The same text was read only once.
    if std::ptr::eq(one, other) {
        return;
    }
    let (Some(one_fields), Some(other_fields)) = (one.as_object(), other.as_object()) else { return };
    for name in one_fields.keys().chain(other_fields.keys().filter(|name| !one_fields.contains_key(name))) {
        if name != "meta" && name != "text" && one_fields.get(name) != other_fields.get(name) {
            let at = said!("{}.{}", code(resource::type_of(one).unwrap_or("Resource")), code(name));
            evidence.deviation(at, "the same as in the harvested copy", difference(one_fields.get(name), other_fields.get(name)));
        }
    }
}

/// Whether both are the same version of the same resource.
pub fn same_version(one: &Value, other: &Value) -> bool {
    resource::key_of(one) == resource::key_of(other) && resource::version_of(one) == resource::version_of(other)
}

/// Whether a resource is tagged as incomplete.
pub fn is_subsetted(resource: &Value) -> bool {
    let tags = resource.pointer("/meta/tag").and_then(Value::as_array).into_iter().flatten();
    tags.into_iter().any(|tag| tag.get("code").and_then(Value::as_str) == Some(SUBSETTED))
}

fn difference(one: Option<&Value>, other: Option<&Value>) -> &'static str {
    match (one, other) {
        (Some(_), None) => "missing here",
        (None, Some(_)) => "only here",
        _ => "different here",
    }
}
