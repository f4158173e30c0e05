//! JSON text into a tree, with what serde_json alone would pass over: duplicate property names.

use std::collections::HashSet;

use super::Value;

/// Duplicates that are named; a text with more is no better known by more.
const MOST_NAMED: usize = 100;

/// A JSON text that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// The tree. Of properties with the same name the last one counts.
    pub value: Value,
    /// Names that an object has more than once.
    pub duplicate_keys: Vec<DuplicateKey>,
}

/// A property name that came before in the same object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DuplicateKey {
    /// Path of the property, such as `Patient.name[0].given`; `$` stands for the root of what has no resourceType.
    pub path: String,
    /// Line of the repeated name, from 1.
    pub line: usize,
    /// Column of the repeated name in characters, from 1.
    pub column: usize,
}

/// Why a text is not JSON that can be judged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct ParseError {
    /// From 1; 0 when the place is not known.
    pub line: usize,
    /// From 1.
    pub column: usize,
    /// What is wrong, and what to do.
    pub message: String,
}

/// Reads a JSON text in UTF-8, with or without a byte order mark. Values nest at most 127 deep.
///
/// # Errors
/// The text is not UTF-8, not JSON, or nests too deeply.
pub fn parse(bytes: &[u8]) -> Result<Parsed, ParseError> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let (line, column) = place(bytes, error.valid_up_to());
        ParseError { line, column, message: "the text is not UTF-8: save it as UTF-8".to_owned() }
    })?;
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or(&message);
        let message = match message {
            "recursion limit exceeded" => "values nest more than 127 deep: no FHIR resource does",
            other => other,
        };
        ParseError { line: error.line(), column: error.column().max(1), message: message.to_owned() }
    })?;
    // A tree with as many properties as the text has colons outside strings has lost none of them.
    let duplicate_keys = if colons(bytes) == properties(&value) { Vec::new() } else { duplicates(text, &value) };
    Ok(Parsed { value, duplicate_keys })
}

/// Line and column in characters, both from 1, of a byte of a text.
pub fn place(bytes: &[u8], at: usize) -> (usize, usize) {
    let before = bytes.get(..at).unwrap_or(bytes);
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = String::from_utf8_lossy(before.get(start..).unwrap_or_default()).chars().count() + 1;
    (line, column)
}

fn colons(bytes: &[u8]) -> usize {
    let (mut count, mut at) = (0, 0);
    while let Some(found) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| matches!(byte, b'"' | b':'))) {
        at += found;
        if bytes.get(at) == Some(&b':') {
            count += 1;
            at += 1;
        } else {
            at = end_of_string(bytes, at);
        }
    }
    count
}

/// The byte after the string that begins at `at`.
fn end_of_string(bytes: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while let Some(found) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| matches!(byte, b'"' | b'\\'))) {
        at += found;
        if bytes.get(at) == Some(&b'"') {
            return at + 1;
        }
        at += 2;
    }
    bytes.len()
}

fn properties(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(properties).sum(),
        Value::Object(fields) => fields.len() + fields.values().map(properties).sum::<usize>(),
        _ => 0,
    }
}

/// One object or array that the search for duplicates is in.
struct Level {
    /// Names so far, for an object.
    names: Option<HashSet<String>>,
    /// The name or index of the value that is being read.
    name: String,
    index: usize,
}

/// Finds the duplicates of a text that is known to be JSON.
fn duplicates(text: &str, value: &Value) -> Vec<DuplicateKey> {
    let bytes = text.as_bytes();
    let root = value.get("resourceType").and_then(Value::as_str).unwrap_or("$");
    let mut levels: Vec<Level> = Vec::new();
    let mut found = Vec::new();
    let mut at = 0;
    let mut expects_name = false;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' | b'[' => {
                let names = (*byte == b'{').then(HashSet::new);
                expects_name = names.is_some();
                levels.push(Level { names, name: String::new(), index: 0 });
            }
            b'}' | b']' => {
                levels.pop();
                expects_name = false;
            }
            b',' => {
                if let Some(level) = levels.last_mut() {
                    level.index += 1;
                    expects_name = level.names.is_some();
                }
            }
            b'"' => {
                let end = end_of_string(bytes, at);
                if expects_name && let Some(level) = levels.last_mut() {
                    let name = text.get(at..end).and_then(|text| serde_json::from_str::<String>(text).ok()).unwrap_or_default();
                    level.name.clone_from(&name);
                    let is_new = level.names.as_mut().is_none_or(|names| names.insert(name));
                    if !is_new && found.len() < MOST_NAMED {
                        let (line, column) = place(bytes, at);
                        found.push(DuplicateKey { path: path(root, &levels), line, column });
                    }
                }
                expects_name = false;
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

fn path(root: &str, levels: &[Level]) -> String {
    let mut path = root.to_owned();
    for level in levels {
        if level.names.is_some() {
            path.push('.');
            path.push_str(&level.name);
        } else {
            path.push_str(&format!("[{}]", level.index));
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duplicate_names_are_found_with_their_places() {
        let text = "{\"resourceType\": \"Patient\",\n \"name\": [{\"given\": [\"a:b\"]}, {\"given\": [\"\\\"\"], \"text\": \"x\",\n  \"given\": []}],\n \"id\": \"1\", \"id\": \"2\"}";
        let parsed = parse(text.as_bytes()).unwrap();
        let places: Vec<(&str, usize, usize)> = parsed.duplicate_keys.iter().map(|key| (key.path.as_str(), key.line, key.column)).collect();
        assert_eq!(places, [("Patient.name[1].given", 3, 3), ("Patient.id", 4, 13)]);
        assert_eq!(parsed.value.get("id").and_then(Value::as_str), Some("2"));
    }

    #[test]
    fn a_text_without_duplicates_has_none() {
        for text in ["{}", "[]", "\"a\"", "{\"a\": {\"a\": [{\"a\": \":\\\\\"}]}}", "\u{feff}{\"ä\": 1.50}"] {
            assert_eq!(parse(text.as_bytes()).unwrap().duplicate_keys, [], "{text}");
        }
    }

    #[test]
    fn names_that_differ_only_in_their_escapes_are_the_same() {
        assert_eq!(parse(b"{\"a\": 1, \"\\u0061\": 2}").unwrap().duplicate_keys.len(), 1);
    }

    #[test]
    fn what_is_not_json_is_refused_with_its_place() {
        let error = parse(b"{\n \"a\": \xff}").unwrap_err();
        assert_eq!((error.line, error.column), (2, 7));
        let error = parse(b"{\n  \"a\": }").unwrap_err();
        assert_eq!(error.line, 2);
        let deep = "[".repeat(1_000_000);
        assert!(parse(deep.as_bytes()).unwrap_err().message.contains("nest"), "{:?}", parse(deep.as_bytes()));
        assert_eq!(parse(b"{\"a\": 1e400}").unwrap().value.get("a").unwrap().to_string(), "1e+400");
    }

    #[test]
    fn a_million_names_are_read_in_one_go() {
        let mut text = String::from("{\"same\": 1");
        for number in 0..200_000 {
            text.push_str(&format!(",\"n{number}\":0"));
        }
        text.push_str(",\"same\": 2}");
        assert_eq!(parse(text.as_bytes()).unwrap().duplicate_keys.len(), 1);
    }
}
