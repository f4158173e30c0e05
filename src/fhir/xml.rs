//! FHIR XML to the JSON form and back (R4 xml.html, json.html).

mod narrative;
mod pieces;
mod reserved;

use std::panic::{AssertUnwindSafe, catch_unwind};

use fhirbolt::FhirReleases;
use fhirbolt::element::Element;
use fhirbolt::serde::SerializationConfig;

use crate::fhir::json::Value;

/// Elements nested deeper than this are refused; real resources stay below 30, and the JSON reader takes 64.
const MAX_DEPTH: usize = 60;

/// A tag with more attributes is refused: the reader compares each with all before it. Real ones have below 20.
const MAX_ATTRIBUTES: usize = 64;

/// Longer text is refused: the element tree takes many times its size.
const MAX_BYTES: usize = 64 << 20;

/// Sorting elements takes time and helps nobody: their order is judged by the text. Those that repeat come together, as in JSON.
const AS_THEY_CAME: SerializationConfig = SerializationConfig { always_sort: false };

/// Text that is not FHIR in XML, or a resource that cannot be written as such.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    /// Not UTF-8.
    #[error("XML that is not UTF-8")]
    Encoding,
    /// A document type declaration, which FHIR does not allow and which can hide attacks.
    #[error("XML with a document type declaration, which FHIR does not allow")]
    DocumentType,
    /// Elements nested too deep.
    #[error("a resource nested deeper than {MAX_DEPTH} elements")]
    TooDeep,
    /// More attributes in one tag than can be read.
    #[error("a tag with more than {MAX_ATTRIBUTES} attributes")]
    TooManyAttributes,
    /// More text than can be read.
    #[error("XML longer than {MAX_BYTES} bytes")]
    TooLong,
    /// JSON with something that XML has no form for.
    #[error("a resource that cannot be written as XML: {0}")]
    NotWritable(&'static str),
    /// Malformed XML, or no resource of a known FHIR version.
    #[error("XML that is no FHIR resource: {0}")]
    NotFhir(String),
}

/// Reads a resource of FHIR R4, R4B or R5.
///
/// # Errors
/// When the bytes are no such resource.
pub fn to_json(bytes: &[u8]) -> Result<Value, XmlError> {
    if bytes.len() > MAX_BYTES {
        return Err(XmlError::TooLong);
    }
    let text = std::str::from_utf8(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)).map_err(|_| XmlError::Encoding)?;
    let text = root(text)?;
    check_bounds(text)?;
    let text = &reserved::without_reserved(text);
    let first = match release::<{ FhirReleases::R4 }>(text) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    release::<{ FhirReleases::R5 }>(text).or_else(|_| release::<{ FhirReleases::R4B }>(text)).map_err(|_| first)
}

/// Writes an R4 resource. A narrative that XML cannot carry is left out: it never decides whether a resource can be written.
///
/// # Errors
/// When it has elements that R4 does not know or values of the wrong shape.
pub fn from_json(resource: &Value) -> Result<String, XmlError> {
    if super::resource::type_of(resource).is_none() {
        return Err(XmlError::NotWritable("it has no resourceType"));
    }
    check_writable(resource, 0)?;
    let mut resource = resource.clone();
    if !narrative::prepare(&mut resource) {
        return write(resource);
    }
    let with_narrative = write(resource.clone());
    narrative::remove(&mut resource);
    // A malformed narrative breaks the document, and a forged one could add elements to it.
    if let Ok(text) = with_narrative
        && let Ok(mut back) = to_json(text.as_bytes())
    {
        narrative::remove(&mut back);
        if back == resource {
            return Ok(text);
        }
    }
    write(resource)
}

fn write(resource: Value) -> Result<String, XmlError> {
    guarded(|| {
        let element: Element<{ FhirReleases::R4 }> =
            fhirbolt::json::from_json_value(resource.into(), None).map_err(|error| error.to_string())?;
        fhirbolt::xml::to_string(&element, None).map_err(|error| error.to_string())
    })
}

/// Refuses what FHIR does not allow and the library would drop, write malformed, overflow its stack on or panic at.
fn check_writable(value: &Value, depth: usize) -> Result<(), XmlError> {
    if depth > MAX_DEPTH {
        return Err(XmlError::TooDeep);
    }
    match value {
        Value::Object(fields) if fields.is_empty() => Err(XmlError::NotWritable("it has an empty object")),
        Value::Array(items) if items.is_empty() => Err(XmlError::NotWritable("it has an empty array")),
        Value::Object(fields) if fields.values().any(Value::is_null) => Err(XmlError::NotWritable("it has a null outside of an array")),
        Value::Object(fields) => fields.values().try_for_each(|field| check_writable(field, depth + 1)),
        // An array is no element of its own in XML.
        Value::Array(items) => items.iter().try_for_each(|item| match item {
            Value::Array(_) => Err(XmlError::NotWritable("it has an array in an array")),
            item => check_writable(item, depth),
        }),
        Value::String(text) if text.chars().any(is_no_xml) => Err(XmlError::NotWritable("it has a control character")),
        _ => Ok(()),
    }
}

/// Characters that XML 1.0 cannot hold in any form.
fn is_no_xml(character: char) -> bool {
    matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

fn release<const RELEASE: fhirbolt::FhirRelease>(text: &str) -> Result<Value, XmlError> {
    let mut whole: Option<Value> = None;
    for piece in pieces::pieces(text) {
        let next = guarded(|| {
            let element: Element<RELEASE> = fhirbolt::xml::from_str(&piece.text, None).map_err(|error| error.to_string())?;
            let json = fhirbolt::json::to_string(&element, Some(AS_THEY_CAME)).map_err(|error| error.to_string())?;
            // Two trees of it would be the largest thing in memory.
            drop(element);
            serde_json::from_str(&json).map_err(|error| error.to_string())
        })?;
        match &mut whole {
            None => whole = Some(next),
            Some(whole) => {
                if !pieces::join(whole, next, &piece) {
                    return Err(XmlError::NotFhir("an element that may not repeat is repeated".to_owned()));
                }
            }
        }
    }
    whole.ok_or_else(|| XmlError::NotFhir("it is empty".to_owned()))
}

/// The library is known to panic on malformed resources of some kinds.
fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, XmlError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result.map_err(|error| XmlError::NotFhir(without_value(error))),
        Err(_) => Err(XmlError::NotFhir("it cannot be read".to_owned())),
    }
}

/// A library's message without the value that it quotes, which may be member data.
fn without_value(message: String) -> String {
    match message.rsplit_once(", expected ") {
        Some((start, expected)) if start.starts_with("invalid") => format!("a value that is not {expected}"),
        _ => message,
    }
}

/// The text from the root element on, without declaration, comments and processing instructions before it.
fn root(text: &str) -> Result<&str, XmlError> {
    let mut rest = text.trim_start();
    loop {
        let end = if let Some(declaration) = rest.strip_prefix("<?") {
            let end = declaration.find("?>").map(|end| end + 4);
            if let Some(declaration) = declaration.strip_prefix("xml ").zip(end).and_then(|(rest, end)| rest.get(..end.saturating_sub(6)))
                && !is_utf8(declaration)
            {
                return Err(XmlError::Encoding);
            }
            end
        } else if rest.starts_with("<!--") {
            rest.find("-->").map(|end| end + 3)
        } else if rest.starts_with("<!") {
            return Err(XmlError::DocumentType);
        } else {
            return Ok(rest);
        };
        rest = end.and_then(|end| rest.get(end..)).ok_or_else(|| XmlError::NotFhir("it ends before its root".to_owned()))?.trim_start();
    }
}

/// Whether a declaration names no encoding but UTF-8, in any case, or the part of it that is ASCII.
fn is_utf8(declaration: &str) -> bool {
    let declaration = declaration.to_ascii_lowercase();
    !declaration.contains("encoding") || declaration.contains("utf-8") || declaration.contains("utf8") || declaration.contains("us-ascii")
}

/// Refuses what a reader could not bear that calls itself for each element, and compares the attributes of each tag.
fn check_bounds(text: &str) -> Result<(), XmlError> {
    let mut depth = 0_usize;
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let tag = rest.get(start + 1..).unwrap_or_default();
        let end = if tag.starts_with("!--") {
            tag.find("-->")
        } else if tag.starts_with("![CDATA[") {
            tag.find("]]>")
        } else {
            let end = tag_end(tag);
            let inside = end.and_then(|end| tag.get(..end)).unwrap_or(tag);
            if has_many_attributes(inside) {
                return Err(XmlError::TooManyAttributes);
            }
            let is_empty = end.is_some() && inside.ends_with('/');
            if tag.starts_with('/') {
                depth = depth.saturating_sub(1);
            } else if !is_empty && !tag.starts_with(['!', '?']) {
                depth += 1;
            }
            end
        };
        if depth > MAX_DEPTH {
            return Err(XmlError::TooDeep);
        }
        let Some(end) = end else { break };
        rest = tag.get(end..).unwrap_or_default();
    }
    Ok(())
}

/// Whether the inside of a tag has more attributes than real ones have: what stands before a value, that is.
fn has_many_attributes(tag: &str) -> bool {
    let mut quote = None;
    let mut marks = 0_usize;
    for byte in tag.bytes() {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'=') => marks += 1,
            (None, _) => {}
        }
    }
    marks > MAX_ATTRIBUTES
}

/// Where a tag's `>` is, those in attribute values left aside.
fn tag_end(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (index, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'>') => return Some(index),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::fhir::json::json;

    const PATIENT: &str = r#"<Patient xmlns="http://hl7.org/fhir"><id value="1"/><active value="true"/><name><family value="Muñoz &amp; &lt;Söhne>"/></name></Patient>"#;

    #[test]
    fn a_resource_is_read_into_its_json_form() {
        let expected = json!({"resourceType": "Patient", "id": "1", "active": true, "name": [{"family": "Muñoz & <Söhne>"}]});
        for prolog in [
            "",
            "\u{feff}",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
            "<?xml version='1.0' encoding='utf-8'?>",
            "<?xml version=\"1.0\"?><?xml-stylesheet href=\"a\"?><!-- > -->\n",
        ] {
            assert_eq!(to_json(format!("{prolog}{PATIENT}\n").as_bytes()), Ok(expected.clone()), "{prolog}");
        }
    }

    #[test]
    fn elements_stay_in_their_order() {
        let text = r#"<Patient xmlns="http://hl7.org/fhir"><gender value="male"/><active value="true"/><id value="1"/></Patient>"#;
        let read = to_json(text.as_bytes()).unwrap();
        let names: Vec<&str> = read.as_object().unwrap().keys().map(|name| name.as_str()).collect();
        assert_eq!(names, ["resourceType", "gender", "active", "id"]);
    }

    #[test]
    fn a_narrative_may_state_its_language_in_the_way_of_xml() {
        let div = r#"<div xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en"><p>Roe</p></div>"#;
        let text = format!(r#"<Patient xmlns="http://hl7.org/fhir"><text><status value="generated"/>{div}</text></Patient>"#);
        let read = to_json(text.as_bytes()).unwrap();
        assert!(read["text"]["div"].as_str().is_some_and(|div| div.contains("<p>Roe</p>")), "{read}");
    }

    #[test]
    fn decimals_keep_their_digits() {
        let text = r#"<Observation xmlns="http://hl7.org/fhir"><valueQuantity><value value="1.50"/></valueQuantity></Observation>"#;
        assert_eq!(to_json(text.as_bytes()).unwrap()["valueQuantity"]["value"].to_string(), "1.50");
    }

    #[test]
    fn a_statement_of_r5_is_read() {
        let text = r#"<CapabilityStatement xmlns="http://hl7.org/fhir"><versionAlgorithmString value="semver"/><fhirVersion value="5.0.0"/></CapabilityStatement>"#;
        assert_eq!(to_json(text.as_bytes()).unwrap()["fhirVersion"], "5.0.0");
    }

    #[test]
    fn what_comes_back_from_xml_is_what_went_in() {
        let resource = json!({"resourceType": "Coverage", "id": "c", "status": "active", "payor": [{"reference": "Organization/1"}],
            "extension": [{"url": "http://a.example", "valueDecimal": 2}], "_status": {"extension": [{"url": "http://b.example", "valueString": "<&\">"}]}});
        assert_eq!(to_json(from_json(&resource).unwrap().as_bytes()).unwrap(), resource);
        assert!(matches!(from_json(&json!({"resourceType": "Coverage", "nonsense": 1})), Err(XmlError::NotFhir(_))));
    }

    #[test]
    fn a_narrative_never_stands_in_the_way() {
        let with = |div: &str| json!({"resourceType": "Patient", "id": "p", "text": {"status": "generated", "div": div}});
        let div = r#"<div xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en"><p>a&nbsp;b &lt; &#60; &x3c; &copy c</p></div>"#;
        let text = from_json(&with(div)).unwrap();
        assert!(
            text.contains(r#"<div xmlns="http://www.w3.org/1999/xhtml" lang="en">"#)
                && text.contains("a&#160;b &lt; &#60; &amp;x3c; &amp;copy c"),
            "{text}"
        );
        let bare = json!({"resourceType": "Patient", "id": "p"});
        let forged = r#"<div xmlns="http://www.w3.org/1999/xhtml"></div></text><active value="true"/><text>"#.to_owned();
        for div in ["<p>no", "plain", "", "</Patient><x/>", "<div><b></div>", &forged] {
            assert_eq!(to_json(from_json(&with(div)).unwrap().as_bytes()), Ok(bare.clone()), "{div}");
            let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": with(div)}]});
            let expected = json!({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": bare}]});
            assert_eq!(to_json(from_json(&bundle).unwrap().as_bytes()), Ok(expected), "{div}");
        }
    }

    #[test]
    fn json_without_a_form_in_xml_is_refused() {
        let mut deep = json!({"url": "urn:x"});
        for _ in 0..2 * MAX_DEPTH {
            deep = json!({"url": "urn:x", "extension": [deep]});
        }
        assert_eq!(from_json(&json!({"resourceType": "Patient", "extension": [deep]})), Err(XmlError::TooDeep));
        for odd in [
            json!({}),
            json!([]),
            json!("x"),
            json!({"resourceType": 1}),
            json!({"resourceType": "Patient", "name": []}),
            json!({"resourceType": "Patient", "name": [{}]}),
            json!({"resourceType": "Patient", "name": [["x"]]}),
            json!({"resourceType": "Patient", "name": null}),
            json!({"resourceType": "Patient", "_active": {"extension": []}}),
            json!({"resourceType": "Patient", "birthDate": "a\u{1}b"}),
        ] {
            assert!(matches!(from_json(&odd), Err(XmlError::NotWritable(_))), "{odd}");
        }
        let siblings = json!({"resourceType": "Patient", "name": [{"given": ["a", null], "_given": [null, {"id": "x"}]}]});
        assert_eq!(to_json(from_json(&siblings).unwrap().as_bytes()), Ok(siblings));
    }

    #[test]
    fn no_message_quotes_a_value() {
        let text = r#"<Patient xmlns="http://hl7.org/fhir"><active value="Jane"/></Patient>"#;
        assert_eq!(to_json(text.as_bytes()), Err(XmlError::NotFhir("a value that is not a boolean".to_owned())));
    }

    #[test]
    fn hostile_text_is_refused() {
        let nested = |depth: usize| {
            format!(
                r#"<Patient xmlns="http://hl7.org/fhir">{}{}</Patient>"#,
                "<extension url='>'>".repeat(depth),
                "</extension>".repeat(depth)
            )
        };
        assert_eq!(to_json(nested(200_000).as_bytes()), Err(XmlError::TooDeep));
        assert!(to_json(nested(MAX_DEPTH - 1).as_bytes()).is_ok());
        let with = |attributes: &[String]| format!(r#"<Patient xmlns="http://hl7.org/fhir" {}/>"#, attributes.join(" "));
        let names: Vec<String> = (0..300_000).map(|number| format!("a{number}='='")).collect();
        assert_eq!(to_json(with(&names).as_bytes()), Err(XmlError::TooManyAttributes));
        let spaces: Vec<String> = (0..300_000).map(|number| format!("xmlns:a{number}=\"urn:x\"")).collect();
        assert_eq!(to_json(with(&spaces).as_bytes()), Err(XmlError::TooManyAttributes));
        let long = format!("<Patient xmlns='http://hl7.org/fhir'><language value='{}'/></Patient>", "a=".repeat(1000));
        assert!(to_json(long.as_bytes()).is_ok(), "what stands in a value is no attribute");
        assert_eq!(to_json(b"<!DOCTYPE x [<!ENTITY a \"b\">]><x/>"), Err(XmlError::DocumentType));
        assert_eq!(to_json(b"<Patient>\xff</Patient>"), Err(XmlError::Encoding));
        assert_eq!(to_json(b"<?xml version='1.0' encoding='ISO-8859-1'?><Patient/>"), Err(XmlError::Encoding));
        for text in [
            "",
            "<",
            "<?",
            "<?xml",
            "<!--",
            "<Patient",
            "<Patient>",
            "<a><b></a>",
            "<Patient xmlns='http://hl7.org/fhir'>x",
            "<x xmlns=\"urn:x\"/>",
            "plain",
        ] {
            assert!(matches!(to_json(text.as_bytes()), Err(XmlError::NotFhir(_))), "{text}");
        }
    }
}
