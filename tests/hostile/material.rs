//! What attacks are made of: a small sound server, and answers that are not.

use std::io::Write as _;
use std::sync::OnceLock;

use serde_json::{Value, json};

use super::attacks::LIVE;
use super::server::{Act, PATIENT, Seen, response};

/// A small server that does nothing wrong.
pub fn sound(seen: &Seen) -> Vec<Act> {
    let path = seen.path.trim_start_matches("fhir").trim_start_matches('/');
    let path = path.split('?').next().unwrap_or_default();
    match path {
        "metadata" => json_bytes(statement().to_string().as_bytes()),
        "Patient/p1" => json_bytes(PATIENT.as_bytes()),
        "Coverage" => json_bytes(bundle().to_string().as_bytes()),
        "Coverage/c1" => json_bytes(bundle()["entry"][0]["resource"].to_string().as_bytes()),
        _ => vec![Act::Send(response(
            "404 Not Found",
            &[("content-type", "application/fhir+json")],
            br#"{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"not-found"}]}"#,
        ))],
    }
}

/// An attack at one path, and a sound answer elsewhere.
pub fn at(seen: &Seen, path: &str, answer: impl Fn() -> Vec<Act>) -> Vec<Act> {
    if seen.path.split('?').next() == Some(format!("fhir/{path}").as_str()) { answer() } else { sound(seen) }
}

/// An attack in the answer to searches of Coverage.
pub fn search(seen: &Seen, change: impl Fn(&mut Value)) -> Vec<Act> {
    let mut bundle = bundle();
    change(&mut bundle);
    if seen.path.starts_with("fhir/Coverage?") || seen.path == "fhir/Coverage" {
        json_bytes(bundle.to_string().as_bytes())
    } else {
        sound(seen)
    }
}

pub fn json_bytes(body: &[u8]) -> Vec<Act> {
    vec![Act::Send(response("200 OK", &[("content-type", "application/fhir+json; charset=utf-8"), ("etag", "W/\"1\"")], body))]
}

pub fn xml(body: &[u8]) -> Vec<Act> {
    vec![Act::Send(response("200 OK", &[("content-type", "application/fhir+xml")], body))]
}

pub fn redirect(location: &str) -> Vec<Act> {
    vec![Act::Send(response("302 Found", &[("location", location)], b""))]
}

pub fn gzipped(body: &[u8]) -> Vec<Act> {
    vec![Act::Send(response("200 OK", &[("content-type", "application/fhir+json"), ("content-encoding", "gzip")], body))]
}

/// Two hundred megabytes of nothing, packed so many times.
pub fn bomb(times: usize) -> Vec<u8> {
    static ONCE: OnceLock<Vec<u8>> = OnceLock::new();
    let mut packed = ONCE.get_or_init(pack).clone();
    for _ in 1..times {
        let mut again = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        again.write_all(&packed).unwrap();
        packed = again.finish().unwrap();
    }
    packed
}

fn pack() -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    for _ in 0..200 {
        packed.write_all(&[b' '; 1024 * 1024]).unwrap();
    }
    packed.finish().unwrap()
}

pub fn laughs() -> String {
    let entities: String = (1..30).map(|level| format!("<!ENTITY l{level} \"{}\">", format!("&l{};", level - 1).repeat(10))).collect();
    format!(
        "<?xml version=\"1.0\"?><!DOCTYPE Patient [<!ENTITY l0 \"ha\">{entities}]><Patient xmlns=\"http://hl7.org/fhir\"><id value=\"&l29;\"/></Patient>"
    )
}

fn statement() -> Value {
    json!({"resourceType": "CapabilityStatement", "status": "active", "date": "2026-01-01", "kind": "instance", "fhirVersion": "4.0.1", "format": ["json"], "rest": [{"mode": "server", "resource": [
        {"type": "Patient", "interaction": [{"code": "read"}]},
        {"type": "Coverage", "interaction": [{"code": "read"}, {"code": "search-type"}], "searchParam": [{"name": "patient", "type": "reference"}]}
    ]}]})
}

/// Fifty thousand resource types that nobody knows, beside those of the sound server.
pub fn many_types() -> Value {
    let mut statement = statement();
    let unknown = (0..50_000).map(|number| json!({"type": format!("Thing{number}"), "interaction": [{"code": "read"}]}));
    statement["rest"][0]["resource"].as_array_mut().unwrap().extend(unknown);
    statement
}

pub fn live_statement() -> Value {
    let mut statement = statement();
    statement["software"] = json!({"name": LIVE, "version": LIVE});
    statement["implementation"] = json!({"description": LIVE, "url": LIVE});
    statement["fhirVersion"] = json!(LIVE);
    statement["format"] = json!([LIVE]);
    statement["rest"][0]["resource"].as_array_mut().unwrap().push(json!({"type": LIVE, "interaction": [{"code": LIVE}], "searchParam": [{"name": LIVE, "type": LIVE, "definition": LIVE}], "searchInclude": [LIVE], "supportedProfile": [LIVE]}));
    statement["rest"][0]["resource"][1]["searchParam"]
        .as_array_mut()
        .unwrap()
        .push(json!({"name": LIVE, "type": "token", "definition": LIVE}));
    statement
}

fn bundle() -> Value {
    json!({"resourceType": "Bundle", "type": "searchset", "total": 1, "link": [{"relation": "self", "url": "Coverage?patient=p1"}], "entry": [{"fullUrl": "http://payer.example/fhir/Coverage/c1", "search": {"mode": "match"}, "resource":
        {"resourceType": "Coverage", "id": "c1", "status": "active", "beneficiary": {"reference": "Patient/p1"}, "payor": [{"display": "Payer"}]}}]})
}
