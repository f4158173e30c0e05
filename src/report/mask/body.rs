//! Requests and answers in full, as far as they may be shown: of a resource every value is treated by the element that it is of.

use std::collections::HashMap;

use super::treatment::{Form, Treatment, of_known_element};
use super::value::{MASK, Piece, cut};
use super::{Mask, Of, place, plain};
use crate::check::exchange::{Body, Payload as SentPayload, Request, Response};
use crate::fhir::document::Document;
use crate::fhir::json::Value;
use crate::fhir::resource;
use crate::report::clean::shorten;
use crate::report::recorded::{Got, Payload, Sent};

/// Bytes of one body that are shown.
const MOST_BODY: usize = 16 * 1024;
/// Characters of one header.
const MOST_HEADER: usize = 1024;

/// Headers of answers that hold nothing of a member. Where they lead to a resource they are masked as URLs.
const OPEN_HEADERS: [&str; 21] = [
    "accept-patch",
    "access-control-allow-credentials",
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "access-control-max-age",
    "age",
    "allow",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "etag",
    "expires",
    "retry-after",
    "strict-transport-security",
    "transfer-encoding",
    "vary",
];
const URL_HEADERS: [&str; 2] = ["location", "content-location"];

/// Types of resources that say what a server and its guides are, and nothing of a member.
const CONFORMANCE: [&str; 6] =
    ["CapabilityStatement", "StructureDefinition", "SearchParameter", "OperationDefinition", "ValueSet", "CodeSystem"];

/// Shows bodies; what is done with each element is looked up once.
#[derive(Default)]
pub struct Bodies {
    /// By path; none of what no definition has.
    known: HashMap<String, Option<(Treatment, Form)>>,
}

/// A JSON text that may come to no more than a number of bytes.
struct Bounded {
    text: String,
    most: usize,
}

/// There is no more room.
struct Full;

impl Bodies {
    /// A request beyond its method and URL; `room` is how many bytes of bodies may still be shown.
    pub fn sent(&mut self, mask: &Mask, request: &Request, room: &mut usize) -> Sent {
        let header =
            |(name, value): &(String, String)| (name.clone(), shorten(&mask.plain(&mask.cut_header(request, name, value)), MOST_HEADER));
        let mut sent = Sent { identity: request.identity, headers: request.headers.iter().map(header).collect(), form: None, body: None };
        match &request.payload {
            Some(SentPayload::Form(pairs)) => {
                let field = |(name, value): &(String, String)| {
                    (name.clone(), shorten(&mask.plain(&mask.cut_parameter(request, name, value)), MOST_HEADER))
                };
                sent.form = Some(pairs.iter().map(field).collect());
            }
            Some(SentPayload::Json(text)) => {
                let document = serde_json::from_str::<Value>(text).ok().map(Document::from);
                sent.body = Some(self.payload(mask, text.as_bytes(), document.as_ref(), room));
            }
            None => {}
        }
        sent
    }

    /// An answer beyond its status.
    pub fn got(&mut self, mask: &Mask, response: &Response, room: &mut usize) -> Got {
        let header = |(name, value): &(String, String)| (name.clone(), shorten(&header(mask, name, value), MOST_HEADER));
        let document = match &response.body {
            Body::Resource(document) => Some(&**document),
            Body::Empty | Body::Unreadable(_) => None,
        };
        let body = (!response.bytes.is_empty()).then(|| self.payload(mask, &response.bytes, document, room));
        Got { headers: response.headers.iter().map(header).collect(), body }
    }

    fn payload(&mut self, mask: &Mask, bytes: &[u8], document: Option<&Document>, room: &mut usize) -> Payload {
        let most = MOST_BODY.min(*room);
        if most == 0 {
            return told(String::new(), "left out: enough other bodies are shown");
        }
        let payload = match (&mask.0, document) {
            (Some(of), _) if of.show => as_it_came(bytes, most),
            (Some(of), Some(document)) => self.masked(of, document, bytes, most),
            _ => told(MASK.to_owned(), "no FHIR, so that nothing is known to be harmless"),
        };
        *room -= payload.text.len().min(*room);
        payload
    }

    fn masked(&mut self, of: &Of, document: &Document, bytes: &[u8], most: usize) -> Payload {
        let type_name = resource::type_of(document).unwrap_or_default();
        if CONFORMANCE.contains(&type_name) {
            return as_it_came(bytes, most);
        }
        if !of.catalogue.is_resource_type(type_name) {
            return told(MASK.to_owned(), "no FHIR, so that nothing is known to be harmless");
        }
        let mut out = Bounded { text: String::new(), most };
        let written = self.value(of, document, type_name, Some(document), &mut out);
        let is_xml = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<');
        let note = match (written, is_xml) {
            (Err(Full), _) => Some(format!("the first {} bytes", out.text.len())),
            (Ok(()), true) => Some("it came as XML".to_owned()),
            (Ok(()), false) => None,
        };
        Payload { text: out.text, note }
    }

    /// Writes a value at a path of the definitions; the resources of a Bundle's entries are in `document`.
    fn value(&mut self, of: &Of, value: &Value, path: &str, document: Option<&Document>, out: &mut Bounded) -> Result<(), Full> {
        match value {
            Value::Object(_) => self.object(of, value, path, None, document, out),
            Value::Array(items) => {
                out.put("[")?;
                for (place, item) in items.iter().enumerate() {
                    out.comma(place)?;
                    // A resource that stands apart belongs into its entry.
                    let apart = document.filter(|_| path == "Bundle.entry").and_then(|document| document.resource(place));
                    match apart {
                        Some(resource) => self.object(of, item, path, Some(resource), None, out)?,
                        None => self.value(of, item, path, None, out)?,
                    }
                }
                out.put("]")
            }
            Value::Null => out.put("null"),
            Value::String(text) => out.string(&self.leaf(of, path, text)),
            Value::Bool(_) | Value::Number(_) => {
                let form = if value.is_number() { Form::Number } else { Form::Truth };
                let is_open = self.known(of, path) == Some((Treatment::Shown, form));
                if is_open { out.put(&value.to_string()) } else { out.string(MASK) }
            }
        }
    }

    fn object(
        &mut self,
        of: &Of,
        value: &Value,
        path: &str,
        apart: Option<&Value>,
        document: Option<&Document>,
        out: &mut Bounded,
    ) -> Result<(), Full> {
        let type_name = resource::type_of(value).filter(|name| of.catalogue.is_resource_type(name));
        let path = type_name.unwrap_or(path);
        let mut hidden = false;
        let mut place = 0;
        out.put("{")?;
        for (name, child) in value.as_object().into_iter().flatten() {
            if name == "resourceType" && type_name.is_some() {
                out.member(place, name)?;
                out.string(path)?;
                place += 1;
                continue;
            }
            // Extensions of a primitive value stand beside it under its name with a line.
            let child_path = format!("{path}.{}", name.strip_prefix('_').unwrap_or(name));
            if self.known(of, &child_path).is_none() {
                hidden = true;
                continue;
            }
            out.member(place, name)?;
            self.value(of, child, &child_path, document, out)?;
            place += 1;
        }
        if let Some(resource) = apart {
            out.member(place, "resource")?;
            self.value(of, resource, "Bundle.entry.resource", None, out)?;
            place += 1;
        }
        // Names that no definition has can hold anything, as their values can.
        if hidden {
            out.member(place, MASK)?;
            out.string(MASK)?;
        }
        out.put("}")
    }

    fn leaf(&mut self, of: &Of, path: &str, text: &str) -> String {
        let of_reference = path.strip_suffix(".reference").and_then(|parent| self.known(of, parent));
        let mut pieces = match (of_reference, self.known(of, path)) {
            (Some((Treatment::Reference, _)), _) | (_, Some((Treatment::Reference, Form::Link))) => {
                place::cut_url(&of.catalogue, &of.base, text)
            }
            (_, Some((Treatment::Shown, Form::Link))) if leads_to_a_resource(of, text) => place::cut_url(&of.catalogue, &of.base, text),
            (_, Some((treatment, Form::Text | Form::Link))) => cut(&treatment, "value", text),
            _ => return MASK.to_owned(),
        };
        // What is shown as it is may be megabytes, and is not copied.
        if let [Piece::Shown(text)] = pieces.as_mut_slice() {
            return std::mem::take(text);
        }
        plain(&pieces, &|id| of.pseudonym(id))
    }

    /// What is done with the element at a path, and its form, if a definition has it.
    fn known(&mut self, of: &Of, path: &str) -> Option<(Treatment, Form)> {
        if let Some(known) = self.known.get(path) {
            return known.clone();
        }
        let known = of_known_element(&of.catalogue, path);
        self.known.insert(path.to_owned(), known.clone());
        known
    }
}

/// Whether a URI may name a resource: it is relative, of this server, or made for it.
fn leads_to_a_resource(of: &Of, uri: &str) -> bool {
    let is_own = !of.base.is_empty() && uri.starts_with(&of.base);
    is_own || uri.starts_with("urn:uuid:") || !(uri.contains("://") || uri.starts_with("urn:"))
}

impl Bounded {
    fn put(&mut self, text: &str) -> Result<(), Full> {
        if self.text.len() + text.len() > self.most {
            return Err(Full);
        }
        self.text.push_str(text);
        Ok(())
    }

    fn string(&mut self, text: &str) -> Result<(), Full> {
        // Writing makes it no shorter: what is too long need not be written out first.
        if self.text.len() + text.len() > self.most {
            return Err(Full);
        }
        self.put(&Value::from(text).to_string())
    }

    fn comma(&mut self, place: usize) -> Result<(), Full> {
        if place == 0 { Ok(()) } else { self.put(",") }
    }

    fn member(&mut self, place: usize, name: &str) -> Result<(), Full> {
        self.comma(place)?;
        self.string(name)?;
        self.put(":")
    }
}

fn header(mask: &Mask, name: &str, value: &str) -> String {
    if mask.shows() || value == MASK || OPEN_HEADERS.contains(&name) {
        value.to_owned()
    } else if URL_HEADERS.contains(&name) {
        mask.url(value)
    } else {
        MASK.to_owned()
    }
}

/// The first bytes as text.
fn as_it_came(bytes: &[u8], most: usize) -> Payload {
    let head = bytes.get(..most.min(bytes.len())).unwrap_or_default();
    let mut text = String::from_utf8_lossy(head).into_owned();
    if head.len() == bytes.len() {
        return Payload { text, note: None };
    }
    // A character that is cut in two is left out.
    let whole = text.trim_end_matches('\u{fffd}').len();
    text.truncate(whole);
    told(text, &format!("the first {} of {} bytes", head.len(), bytes.len()))
}

fn told(text: String, note: &str) -> Payload {
    Payload { text, note: Some(note.to_owned()) }
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::fhir::json::json;
    use crate::report::mask::tests::{hiding, showing};

    fn shown(mask: &Mask, body: &Value, room: &mut usize) -> Payload {
        let bytes = bytes::Bytes::from(body.to_string());
        let response = Response {
            status: 200,
            headers: Vec::new(),
            body: Body::Resource(std::sync::Arc::new(Document::parse(&bytes, &Default::default()).unwrap())),
            bytes,
            packed: None,
        };
        Bodies::default().got(mask, &response, room).body.unwrap()
    }

    #[test]
    fn every_value_of_a_bundle_is_masked_by_its_element() {
        let body = json!({
            "resourceType": "Bundle",
            "type": "searchset",
            "link": [{ "relation": "self", "url": "https://a.example/fhir/Patient?name=Roe" }],
            "Jane Roe": "Jane Roe",
            "entry": [
                { "fullUrl": "https://a.example/fhir/Patient/jane-1", "resource": {
                    "resourceType": "Patient", "id": "jane-1", "gender": "female", "birthDate": "1970-04-05",
                    "name": [{ "family": "Roe", "_family": { "extension": [{ "url": "http://x.example", "valueString": "Roe" }] } }],
                    "active": true, "multipleBirthInteger": 2, "deceasedBoolean": "Roe", "maritalStatus": "Roe",
                    "meta": { "source": "Patient/jane-1", "profile": ["http://x.example/StructureDefinition/p"] },
                    "extension": [{ "url": "http://x.example", "valueCode": "F" }],
                    "contained": [{ "resourceType": "Organization", "id": "o", "name": "Roe Inc" }],
                } },
                { "resource": {
                    "resourceType": "ExplanationOfBenefit", "created": "2019-02-03",
                    "patient": { "reference": "Patient/jane-1", "display": "Jane Roe" },
                    "total": [{ "amount": { "value": 12.50, "currency": "USD" }, "category": { "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/adjudication", "code": "paid" }] } }],
                } },
            ],
        });
        let jane = hiding().id("jane-1");
        let text = shown(&hiding(), &body, &mut 100_000).text;
        let got: Value = serde_json::from_str(&text).unwrap();
        for (pointer, wanted) in [
            ("/type", json!("searchset")),
            ("/link/0/url", json!("https://a.example/fhir/Patient?name=***")),
            ("/***", json!("***")),
            ("/entry/0/fullUrl", json!(format!("https://a.example/fhir/Patient/{jane}"))),
            ("/entry/0/resource/id", json!(jane)),
            ("/entry/0/resource/gender", json!("female")),
            ("/entry/0/resource/birthDate", json!("***")),
            ("/entry/0/resource/name/0/family", json!("***")),
            ("/entry/0/resource/active", json!(true)),
            ("/entry/0/resource/multipleBirthInteger", json!("***")),
            ("/entry/0/resource/maritalStatus", json!("***")),
            ("/entry/0/resource/deceasedBoolean", json!("***")),
            ("/entry/0/resource/meta/source", json!(format!("Patient/{jane}"))),
            ("/entry/0/resource/meta/profile/0", json!("http://x.example/StructureDefinition/p")),
            ("/entry/0/resource/extension/0/valueCode", json!("F")),
            ("/entry/0/resource/contained/0/name", json!("***")),
            ("/entry/1/resource/created", json!("2019-**-**")),
            ("/entry/1/resource/patient/reference", json!(format!("Patient/{jane}"))),
            ("/entry/1/resource/patient/display", json!("***")),
            ("/entry/1/resource/total/0/category/coding/0/system", json!("http://terminology.hl7.org/CodeSystem/adjudication")),
        ] {
            assert_eq!(got.pointer(pointer), Some(&wanted), "{pointer} in {text}");
        }
        assert!(text.contains("12.5") && !text.contains("Roe") && !text.contains("jane"), "{text}");
        assert!(shown(&showing(), &body, &mut 100_000).text.contains("Roe"));
    }

    #[test]
    fn what_is_long_is_cut_and_what_is_no_fhir_is_not_shown() {
        let long = json!({ "resourceType": "Bundle", "entry": vec![json!({ "resource": { "resourceType": "Patient", "gender": "male" } }); 1000] });
        let mut room = 20_000;
        let first = shown(&hiding(), &long, &mut room);
        assert!(first.text.len() <= MOST_BODY && first.note.is_some() && room == 20_000 - first.text.len());
        let second = shown(&hiding(), &long, &mut room);
        assert!(second.text.len() < 4_000 && room < 100, "{room}");
        let mut none = 0;
        assert!(shown(&hiding(), &long, &mut none).note.unwrap().contains("left out"));
        let cut = shown(&showing(), &json!({ "resourceType": "Basic", "language": "ä".repeat(20_000) }), &mut 16_384);
        assert!(cut.text.ends_with('ä') && cut.note.unwrap().starts_with("the first 16384 of 40"));
        assert_eq!(shown(&hiding(), &json!({ "patient": "jane" }), &mut 9_999).text, MASK);
    }

    #[test]
    fn headers_are_shown_only_where_they_are_known_to_be_harmless() {
        let mask = hiding();
        assert_eq!(header(&mask, "etag", "W/\"1\""), "W/\"1\"");
        assert_eq!(header(&mask, "x-member", "Jane"), MASK);
        assert_eq!(header(&mask, "location", "https://a.example/fhir/Patient?name=Roe"), "https://a.example/fhir/Patient?name=***");
        assert_eq!(header(&showing(), "x-member", "Jane"), "Jane");
    }
}
