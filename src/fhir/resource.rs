//! A resource seen through its JSON form.

use crate::fhir::json::Value;

/// The `resourceType` of a resource, when it has one.
pub fn type_of(resource: &Value) -> Option<&str> {
    resource.get("resourceType")?.as_str()
}

/// The logical id of a resource, when it has one.
pub fn id_of(resource: &Value) -> Option<&str> {
    resource.get("id")?.as_str()
}

/// `meta.versionId` of a resource, when it has one.
pub fn version_of(resource: &Value) -> Option<&str> {
    resource.get("meta")?.get("versionId")?.as_str()
}

/// `Type/id` of a resource, when it has both.
pub fn key_of(resource: &Value) -> Option<String> {
    Some(format!("{}/{}", type_of(resource)?, id_of(resource)?))
}

/// Calls `visit` with every `Reference.reference` text in a resource, depth first, contained resources included.
pub fn for_each_reference<'a>(value: &'a Value, visit: &mut dyn FnMut(&'a str)) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("reference") {
                visit(reference);
            }
            for child in fields.values() {
                for_each_reference(child, visit);
            }
        }
        Value::Array(items) => {
            for child in items {
                for_each_reference(child, visit);
            }
        }
        _ => {}
    }
}

/// Whether `id` is a valid FHIR id: 1 to 64 characters of `A-Z a-z 0-9 - .` (R4 datatypes.html#id).
pub fn is_valid_id(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
}
