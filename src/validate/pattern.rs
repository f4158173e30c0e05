//! Values against `fixed[x]` and `pattern[x]` (R4 elementdefinition.html).

use crate::fhir::json::{Map, Value};

/// Whether a code system's version in a pattern may be missing in the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Versions {
    /// The pattern as written.
    AsWritten,
    /// A `version` that the pattern has and the data lacks is overlooked.
    MayBeMissing,
}

/// Whether a value is what a `fixed[x]` says: equal in every part.
pub fn is_fixed(value: &Value, fixed: &Value, versions: Versions) -> bool {
    match (value, fixed) {
        (Value::Object(own), Value::Object(given)) => {
            own.keys().all(|name| given.contains_key(name)) && contains_all(own, given, versions, is_fixed)
        }
        (Value::Array(own), Value::Array(given)) => {
            own.len() == given.len() && own.iter().zip(given).all(|(own, given)| is_fixed(own, given, versions))
        }
        _ => value == fixed,
    }
}

/// Whether a value has all that a `pattern[x]` says.
pub fn has_pattern(value: &Value, pattern: &Value, versions: Versions) -> bool {
    match (value, pattern) {
        (Value::Object(own), Value::Object(given)) => contains_all(own, given, versions, has_pattern),
        (Value::Array(own), Value::Array(given)) => given.iter().all(|given| own.iter().any(|own| has_pattern(own, given, versions))),
        _ => value == pattern,
    }
}

type Fits = fn(&Value, &Value, Versions) -> bool;

fn contains_all(own: &Map, given: &Map, versions: Versions, fits: Fits) -> bool {
    given.iter().all(|(name, given)| match own.get(name) {
        Some(own) => fits(own, given, versions),
        None => versions == Versions::MayBeMissing && name == "version",
    })
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::fhir::json::json;

    #[test]
    fn a_pattern_asks_for_its_parts_and_a_fixed_value_for_all() {
        let pattern = json!({"coding": [{"system": "s", "code": "c"}]});
        let more = json!({"coding": [{"system": "x"}, {"system": "s", "code": "c", "display": "d"}], "text": "t"});
        assert!(has_pattern(&more, &pattern, Versions::AsWritten) && !is_fixed(&more, &pattern, Versions::AsWritten));
        assert!(is_fixed(&pattern.clone(), &pattern, Versions::AsWritten));
        assert!(!has_pattern(&json!({"coding": [{"system": "s"}, {"code": "c"}]}), &pattern, Versions::AsWritten));
    }

    #[test]
    fn a_version_may_be_missing_but_not_another_one() {
        let pattern = json!({"system": "s", "version": "1"});
        assert!(has_pattern(&json!({"system": "s"}), &pattern, Versions::MayBeMissing));
        assert!(!has_pattern(&json!({"system": "s"}), &pattern, Versions::AsWritten));
        assert!(!has_pattern(&json!({"system": "s", "version": "2"}), &pattern, Versions::MayBeMissing));
    }
}
