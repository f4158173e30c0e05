//! A file with one JSON or XML document: a resource, or a Bundle with its entries.

use std::fs::File;
use std::io::{self, Read};

use super::inputs::Input;
use super::judged::Judged;
use crate::fhir::json::{Locator, ParseError, Value, parse};
use crate::fhir::{resource, xml};
use crate::validate::{Neighbours, Validator};

/// Largest document that is read, in bytes; larger data comes as NDJSON.
const MOST_BYTES: u64 = 1024 * 1024 * 1024;

/// Judges a file. Every resource goes to `write`.
pub fn judge(input: &Input, validator: &Validator, write: &mut dyn FnMut(Judged)) -> io::Result<()> {
    let Some(path) = &input.path else { return Ok(()) };
    let mut text = Vec::new();
    File::open(path)?.take(MOST_BYTES + 1).read_to_end(&mut text)?;
    if text.len() as u64 > MOST_BYTES {
        return Err(io::Error::other("it is larger than 1 GiB; give large data as NDJSON, one resource a line"));
    }
    judge_text(&input.name, None, &text, validator, write);
    Ok(())
}

/// Judges a text, which begins on a line of the file.
pub fn judge_text(file: &str, line: Option<usize>, text: &[u8], validator: &Validator, write: &mut dyn FnMut(Judged)) {
    let first = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text).iter().find(|byte| !byte.is_ascii_whitespace());
    if first == Some(&b'<') {
        match xml::to_json(text) {
            Ok(value) => judge_value(file, line, &value, None, validator, write, Vec::new()),
            Err(error) => write(Judged::unreadable(file, line, &ParseError { line: 0, column: 0, message: error.to_string() })),
        }
        return;
    }
    match parse(text) {
        Ok(parsed) => judge_value(file, line, &parsed.value, Some(text), validator, write, parsed.duplicate_keys),
        Err(error) => write(Judged::unreadable(file, line, &error)),
    }
}

fn judge_value(
    file: &str,
    line: Option<usize>,
    value: &Value,
    text: Option<&[u8]>,
    validator: &Validator,
    write: &mut dyn FnMut(Judged),
    duplicates: Vec<crate::fhir::json::DuplicateKey>,
) {
    let neighbours = Neighbours::in_bundle(value);
    let locator = text.map(Locator::new);
    let mut judged = Judged::new(file, line, validator.validate(value, &neighbours), locator, None);
    judged.add_duplicates(duplicates);
    write(judged);
    if resource::type_of(value) != Some("Bundle") {
        return;
    }
    // Found for all entries at once: a walk from the beginning for each would take the square of the Bundle's length.
    let places = locator.map(|locator| locator.items("entry", "resource")).unwrap_or_default();
    for (index, entry) in value.get("entry").and_then(Value::as_array).into_iter().flatten().enumerate() {
        if let Some(resource) = entry.get("resource") {
            let verdict = validator.validate(resource, &neighbours);
            let locator = places.get(index).copied().flatten();
            write(Judged::new(file, line, verdict, locator, Some(&format!("Bundle.entry[{index}].resource"))));
        }
    }
}
