//! Bytes to a body: JSON or XML whatever the label says, or the reason why it is neither.

use std::sync::Arc;

use crate::check::exchange::Body;
use crate::fhir::document::{Document, Interner};

/// Reads bytes by their first character; the media type only words the reason. No reason quotes the body, which may hold member data.
pub(super) fn read(content_type: Option<&str>, bytes: &[u8], interner: &Interner) -> Body {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    match text {
        [] if bytes.is_empty() => Body::Empty,
        [b'{', ..] => json(text, interner),
        [b'<', ..] if !is_html(text) => xml(text),
        _ => Body::Unreadable(format!("{}, not a FHIR resource", label(content_type, text))),
    }
}

/// Whether there are more values than so many: in JSON whatever follows an opening bracket, a comma or a colon, in XML each tag.
pub(super) fn has_more_values(bytes: &[u8], most: usize) -> bool {
    // Each value takes a byte at least.
    if bytes.len() <= most {
        return false;
    }
    let is_xml = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<');
    let (mut count, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in bytes {
        match byte {
            b'<' if is_xml => count += 1,
            _ if is_xml => {}
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b',' | b'[' | b'{' if !in_text => count += 1,
            _ => {}
        }
        if count > most {
            return true;
        }
    }
    false
}

fn json(text: &[u8], interner: &Interner) -> Body {
    match Document::parse(text, interner) {
        Ok(document) => Body::Resource(Arc::new(document)),
        Err(error) if error.is_eof() => Body::Unreadable(format!("JSON that ends too early: {error}")),
        Err(error) if std::str::from_utf8(text).is_err() => Body::Unreadable(format!("JSON that is not UTF-8: {error}")),
        Err(error) => Body::Unreadable(format!("malformed JSON: {error}")),
    }
}

fn xml(text: &[u8]) -> Body {
    match crate::fhir::xml::to_json(text) {
        Ok(value) => Body::Resource(Arc::new(Document::from(value))),
        Err(error) => Body::Unreadable(error.to_string()),
    }
}

fn is_html(text: &[u8]) -> bool {
    let start = text.get(..text.len().min(256)).unwrap_or(text).to_ascii_lowercase();
    [b"<!doctype html".as_slice(), b"<html", b"<head", b"<body"].iter().any(|tag| start.windows(tag.len()).any(|window| window == *tag))
}

/// What the body claims to be, else what it looks like.
fn label(content_type: Option<&str>, text: &[u8]) -> String {
    match content_type.map(|label| label.split(';').next().unwrap_or(label).trim()) {
        Some(label) if !label.is_empty() && label.len() <= 100 => label.to_owned(),
        _ if is_html(text) => "HTML".to_owned(),
        _ => "a body without a media type".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fhir::json::json;

    fn reason(content_type: Option<&str>, bytes: &[u8]) -> String {
        match read(content_type, bytes, &Interner::default()) {
            Body::Unreadable(reason) => reason,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn json_is_read_under_any_label() {
        for label in [None, Some("application/fhir+json"), Some("application/json; charset=utf-8"), Some("text/plain")] {
            let Body::Resource(value) = read(label, b"\xEF\xBB\xBF \n{\"resourceType\":\"Patient\"}", &Interner::default()) else {
                panic!("{label:?}")
            };
            assert_eq!(value["resourceType"], "Patient");
        }
        assert_eq!(read(Some("application/json"), b"", &Interner::default()), Body::Empty);
    }

    #[test]
    fn what_is_no_resource_gets_a_reason_without_an_excerpt() {
        assert_eq!(reason(Some("text/html; charset=utf-8"), b"<!DOCTYPE html><p>Jane Doe"), "text/html, not a FHIR resource");
        assert_eq!(reason(None, b"<HTML>Jane Doe"), "HTML, not a FHIR resource");
        assert_eq!(reason(Some("text/plain"), b"Jane Doe"), "text/plain, not a FHIR resource");
        assert_eq!(reason(Some("application/json"), b"[1]"), "application/json, not a FHIR resource");
        assert!(reason(None, b"{\"name\":\"Jane Doe").starts_with("JSON that ends too early"));
        assert!(reason(None, b"{\"name\":\"J\xffne\"}").starts_with("JSON that is not UTF-8"));
        assert!(reason(None, b"{\"name\" \"Jane Doe\"}").starts_with("malformed JSON"));
        assert!(!reason(None, b"{\"name\" \"Jane Doe\"}").contains("Jane"));
    }

    #[test]
    fn xml_is_read_into_the_same_form() {
        let text = br#"<?xml version="1.0" encoding="utf-8"?><Patient xmlns="http://hl7.org/fhir"><id value="1"/></Patient>"#;
        let Body::Resource(value) = read(Some("application/fhir+xml"), text, &Interner::default()) else { panic!("not read") };
        assert_eq!(**value.tree(), json!({"resourceType": "Patient", "id": "1"}));
        assert!(reason(Some("application/xml"), b"<Patient><name>Jane</Patient>").starts_with("XML that is no FHIR resource"));
    }

    #[test]
    fn values_are_counted_outside_texts() {
        for (text, values) in [(r#"{"a":[1,2,{"b":",,[{\\\",,"}]}"#, 5), ("<a><b/><c>,,</c></a>", 5), ("[[[[[[[[", 8)] {
            assert!(has_more_values(text.as_bytes(), values - 1), "{text}");
            assert!(!has_more_values(text.as_bytes(), values), "{text}");
        }
    }

    #[test]
    fn deep_nesting_is_refused_not_followed() {
        let deep = format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
        assert!(reason(None, deep.as_bytes()).contains("recursion limit"));
    }
}
