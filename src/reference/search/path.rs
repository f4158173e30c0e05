//! Paths into a resource: names joined by full stops, each step over every entry of an array; `telecom[system=phone]` keeps entries that have
//! the value.

use crate::fhir::json::Value;

/// The elements at a path. An empty path is the owner itself.
pub fn elements<'a>(owner: &'a Value, path: &str) -> Vec<&'a Value> {
    let mut found = vec![owner];
    for step in path.split('.').filter(|step| !step.is_empty()) {
        let (name, condition) =
            step.trim_end_matches(']').split_once('[').map_or((step, None), |(name, rest)| (name, rest.split_once('=')));
        found = found.into_iter().filter_map(|element| element.get(name)).flat_map(entries).collect();
        if let Some((field, wanted)) = condition {
            found.retain(|element| element.get(field).and_then(Value::as_str) == Some(wanted));
        }
    }
    found
}

/// The entries of an array; of anything else, itself.
pub fn entries(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(entries) => entries.iter().collect(),
        Value::Null => Vec::new(),
        other => vec![other],
    }
}

/// The text of a field.
pub fn text<'a>(owner: &'a Value, name: &str) -> Option<&'a str> {
    owner.get(name).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {

    use super::elements;
    use crate::fhir::json::json;

    #[test]
    fn a_path_runs_through_arrays_and_conditions() {
        let patient = json!({
            "name": [{ "given": ["Ana", "Eva"] }, { "given": ["Ada"] }],
            "telecom": [{ "system": "phone", "value": "1" }, { "system": "email", "value": "2" }],
        });
        assert_eq!(elements(&patient, "name.given"), ["Ana", "Eva", "Ada"]);
        assert_eq!(elements(&patient, "telecom[system=email].value"), ["2"]);
        assert_eq!(elements(&patient, ""), [&patient]);
        assert!(elements(&patient, "photo.url").is_empty());
    }
}
