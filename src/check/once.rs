//! What the records of several members share, such as a payer's Organization, is counted once.

use std::collections::HashSet;

use crate::fhir::json::Value;
use crate::fhir::resource;

/// Resources that were counted before.
#[derive(Debug, Default)]
pub struct Once(HashSet<String>);

impl Once {
    /// Whether this is the first sight of a resource; one without an id is always new.
    pub fn is_new(&mut self, resource: &Value) -> bool {
        resource::key_of(resource).is_none_or(|key| self.0.insert(key))
    }
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::fhir::json::json;

    #[test]
    fn a_resource_is_new_once() {
        let mut once = Once::default();
        let organization = json!({"resourceType": "Organization", "id": "1"});
        assert_eq!(
            [&organization, &json!({"resourceType": "Coverage", "id": "1"}), &organization].map(|one| once.is_new(one)),
            [true, true, false]
        );
        assert!(once.is_new(&json!({"resourceType": "Coverage"})) && once.is_new(&json!({"resourceType": "Coverage"})));
    }
}
