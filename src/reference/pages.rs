//! What the payer shows everybody beside its API: its documentation, what members should know, and its drug formulary.

use axum::body::Body;
use axum::http::{HeaderValue, Method, Response, StatusCode, header};

use super::data::HOME;
use super::fault::Breach;
use super::server::BASE_PATH;
use super::state::State;
use crate::fhir::json::{Value, json};

const DOCUMENTATION: &str = "/developers";
const EDUCATION: &str = "/privacy";
const FORMULARY: &str = "/formulary";

/// The facts with the addresses of these, each on a line of its own; they come before every table.
pub fn facts() -> String {
    let origin = HOME.strip_suffix(BASE_PATH).unwrap_or(HOME);
    [("documentation", DOCUMENTATION), ("education", EDUCATION), ("formulary", FORMULARY)]
        .map(|(name, path)| format!("{name} = \"{origin}{path}\"\n"))
        .concat()
}

/// The answer to a request for one of them; `None` for anything else.
pub fn answer(state: &State, origin: &str, method: &Method, path: &str) -> Option<Response<Body>> {
    if method != Method::GET {
        return None;
    }
    match path {
        DOCUMENTATION if state.has(Breach::PageGuarded) => {
            Some(html("Sign in", "<form><input name=\"user\"><input type=\"password\" name=\"password\"></form>"))
        }
        DOCUMENTATION => Some(html(
            "Patient Access API",
            "<h2>Requests and parameters</h2><p>FHIR R4 read and search, as /fhir/metadata says.</p><h2>Errors</h2><p>An OperationOutcome says what is \
             wrong.</p><h2>Authorization</h2><p>SMART App Launch: register, then send members to the authorization endpoint.</p>",
        )),
        EDUCATION if state.has(Breach::PageMissing) => None,
        EDUCATION => Some(html("Your data and apps", "<p>Read what an app does with your data before you share them.</p>")),
        _ => formulary(state, origin, path.strip_prefix(FORMULARY)?),
    }
}

fn formulary(state: &State, origin: &str, path: &str) -> Option<Response<Body>> {
    if state.has(Breach::FormularyGuarded) {
        return Some(resource(
            StatusCode::UNAUTHORIZED,
            &json!({ "resourceType": "OperationOutcome", "issue": [{ "severity": "error", "code": "login" }] }),
        ));
    }
    let base = format!("{origin}{FORMULARY}");
    let content = match path {
        "/metadata" => statement(&base, !state.has(Breach::FormularyNoPlans)),
        "/InsurancePlan" => json!({
            "resourceType": "Bundle",
            "type": if state.has(Breach::FormularyNoSearchset) { "collection" } else { "searchset" },
            "total": 1,
            "link": [{ "relation": "self", "url": format!("{base}/InsurancePlan") }],
            "entry": [{
                "fullUrl": format!("{base}/InsurancePlan/formulary"),
                "resource": { "resourceType": "InsurancePlan", "id": "formulary", "status": "active", "name": "Wasatch Reference Formulary" },
                "search": { "mode": "match" },
            }],
        }),
        _ => return None,
    };
    Some(resource(StatusCode::OK, &content))
}

fn statement(base: &str, with_plans: bool) -> Value {
    let types = ["InsurancePlan", "Basic", "MedicationKnowledge"].into_iter().filter(|name| with_plans || *name != "InsurancePlan");
    let types: Vec<Value> =
        types.map(|name| json!({ "type": name, "interaction": [{ "code": "read" }, { "code": "search-type" }] })).collect();
    json!({
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-11-01",
        "kind": "instance",
        "implementation": { "description": "Drug formulary", "url": base },
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "rest": [{ "mode": "server", "resource": types }],
    })
}

fn html(title: &str, body: &str) -> Response<Body> {
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>\n"
    );
    with_type(StatusCode::OK, "text/html; charset=utf-8", page)
}

fn resource(status: StatusCode, content: &Value) -> Response<Body> {
    with_type(status, "application/fhir+json; charset=utf-8", content.to_string())
}

fn with_type(status: StatusCode, content_type: &'static str, text: String) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
