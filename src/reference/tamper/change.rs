//! Changes to an element that is named by its path.

use crate::fhir::json::{Map, Value};

/// What is done to an element.
#[derive(Clone, Copy, Debug)]
pub enum Change {
    /// It goes.
    Remove,
    /// It gets this value, in JSON.
    Set(&'static str),
    /// Its list gets one more entry, in JSON.
    Append(&'static str),
    /// Its first occurrence stands there once more.
    Repeat,
}

/// A name of a path, with the entries that are meant when a list stands there.
#[derive(Clone, Copy, Debug)]
struct Segment<'a> {
    name: &'a str,
    selector: Option<&'a str>,
}

impl Change {
    /// Makes the change wherever the path leads.
    pub fn make(self, value: &mut Value, path: &str) {
        let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
        let segment = Segment::of(first);
        let Some(fields) = value.as_object_mut() else { return };
        let Some(rest) = rest else { return self.here(fields, segment) };
        match fields.get_mut(segment.name) {
            Some(Value::Array(entries)) => {
                let meant = entries.iter_mut().enumerate().filter(|(place, entry)| segment.takes(*place, entry));
                meant.for_each(|(_, entry)| self.make(entry, rest));
            }
            Some(inner) => self.make(inner, rest),
            None => {}
        }
    }

    fn here(self, fields: &mut Map, segment: Segment<'_>) {
        let Segment { name, selector } = segment;
        match (self, fields.get_mut(name)) {
            (Self::Remove, Some(Value::Array(entries))) if selector.is_some() => {
                let mut place = 0;
                entries.retain(|entry| {
                    place += 1;
                    !segment.takes(place - 1, entry)
                });
                if entries.is_empty() {
                    fields.swap_remove(name);
                }
            }
            (Self::Remove, _) => drop(fields.swap_remove(name)),
            (Self::Set(json), Some(Value::Array(entries))) if selector.is_some() => {
                let meant = entries.iter_mut().enumerate().filter(|(place, entry)| segment.takes(*place, entry));
                meant.for_each(|(_, entry)| *entry = parsed(json));
            }
            (Self::Set(json), _) => drop(fields.insert(name.to_owned(), parsed(json))),
            (Self::Append(json), Some(Value::Array(entries))) => entries.push(parsed(json)),
            (Self::Append(json), _) => drop(fields.insert(name.to_owned(), Value::Array(vec![parsed(json)]))),
            (Self::Repeat, Some(Value::Array(entries))) => {
                let meant = entries.iter().enumerate().find(|(place, entry)| segment.takes(*place, entry));
                let copy = meant.map(|(_, entry)| entry.clone());
                entries.extend(copy);
            }
            (Self::Repeat, Some(only)) => *only = Value::Array(vec![only.clone(), only.clone()]),
            (Self::Repeat, None) => {}
        }
    }
}

impl<'a> Segment<'a> {
    fn of(text: &'a str) -> Self {
        match text.strip_suffix(']').and_then(|text| text.split_once('[')) {
            Some((name, selector)) => Self { name, selector: Some(selector) },
            None => Self { name: text, selector: None },
        }
    }

    fn takes(self, place: usize, entry: &Value) -> bool {
        let Some(selector) = self.selector else { return true };
        match selector.parse::<usize>() {
            Ok(wanted) => wanted == place,
            Err(_) => entry.as_object().is_some_and(|fields| fields.values().any(|concept| has_code(concept, selector))),
        }
    }
}

/// Whether a CodeableConcept has a coding with this code.
pub fn has_code(concept: &Value, code: &str) -> bool {
    let codings = concept.get("coding").and_then(Value::as_array).into_iter().flatten();
    codings.filter_map(|coding| coding.get("code")).any(|found| found == code)
}

/// The tables hold JSON only; a test reads each of them.
fn parsed(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_default()
}

#[cfg(test)]
mod tests {

    use super::super::TABLES;
    use super::Change;
    use crate::fhir::json::json;

    #[test]
    fn a_path_leads_to_fields_entries_and_coded_entries() {
        let of = |code: &str| json!({"type": {"coding": [{"code": code}]}, "value": code});
        let sound = json!({"list": [of("a"), of("b")], "one": {"two": 1}});
        let changed = |change: Change, path: &str| {
            let mut value = sound.clone();
            change.make(&mut value, path);
            value
        };
        assert_eq!(changed(Change::Remove, "list[b]"), json!({"list": [of("a")], "one": {"two": 1}}));
        assert_eq!(changed(Change::Remove, "one.two"), json!({"list": [of("a"), of("b")], "one": {}}));
        assert_eq!(changed(Change::Set("2"), "list[a].value").pointer("/list/0/value"), Some(&json!(2)));
        assert_eq!(changed(Change::Set("3"), "list.value").pointer("/list/1/value"), Some(&json!(3)));
        assert_eq!(changed(Change::Set("4"), "list[1]").pointer("/list/1"), Some(&json!(4)));
        assert_eq!(changed(Change::Append("5"), "list").pointer("/list/2"), Some(&json!(5)));
        assert_eq!(changed(Change::Append("6"), "more").pointer("/more/0"), Some(&json!(6)));
        assert_eq!(changed(Change::Repeat, "list[b]").pointer("/list/2"), Some(&of("b")));
        assert_eq!(changed(Change::Repeat, "one").pointer("/one/1/two"), Some(&json!(1)));
        assert_eq!(changed(Change::Remove, "none.there"), sound);
    }

    #[test]
    fn the_tables_hold_json() {
        for broken in TABLES.into_iter().flatten() {
            if let Change::Set(json) | Change::Append(json) = broken.change {
                assert!(serde_json::from_str::<crate::fhir::json::Value>(json).is_ok(), "{:?}: {json}", broken.breach);
            }
        }
    }
}
