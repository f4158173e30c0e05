//! What an answer carries besides its resource: caching, compression, and what browsers look for (RFC 9110, RFC 9111, Fetch standard).

use std::io::Write;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::answer::refuse;
use super::error::Refusal;
use super::fault::Breach;
use super::negotiate::Form;
use super::state::State;
use crate::fhir::json::Value;

/// Bodies of these sizes are compressed, in bytes: less is not worth it, and more takes longer than to send it over loopback.
const PACKED: std::ops::Range<usize> = 512..32 * 1024;
/// Methods that some path takes.
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
/// Headers that an app in a browser may send.
const REQUEST_HEADERS: &str = "Authorization, Accept, Content-Type, If-Match, If-Modified-Since, If-None-Exist, If-None-Match, Prefer";
/// Headers that an app in a browser may read.
const SHOWN_HEADERS: &str = "Content-Location, ETag, Last-Modified, Location, WWW-Authenticate";

/// What a request says of the answer's way.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    is_head: bool,
    is_metadata: bool,
    takes_gzip: bool,
}

impl Asked {
    /// Reads it off the request.
    pub fn of(method: &Method, path: &str, headers: &HeaderMap) -> Self {
        let codings =
            headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(','));
        let takes_gzip = codings
            .map(|coding| coding.replace(' ', ""))
            .any(|coding| coding == "gzip" || (coding.starts_with("gzip;") && !coding.ends_with("q=0")));
        Self { is_head: method == Method::HEAD, is_metadata: path.ends_with("/metadata"), takes_gzip }
    }
}

/// The answer to OPTIONS: what any app in a browser may ask.
pub fn preflight(state: &State, form: Form) -> Response<Bytes> {
    if state.has(Breach::CorsPreflight401) {
        return refuse(state, &Refusal::unknown_caller("this endpoint needs a bearer token"), form);
    }
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    let allowed = if state.has(Breach::CorsPreflightNoAuthorization) { "Accept, Content-Type" } else { REQUEST_HEADERS };
    headers.insert(header::ALLOW, HeaderValue::from_static(METHODS));
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(allowed));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    response
}

/// The answer as it is sent.
pub fn finish(state: &State, asked: Asked, mut response: Response<Bytes>) -> Response<Body> {
    if !asked.takes_gzip && state.has(Breach::GzipIdentityLosesIdentifiers) {
        lose_identifiers(&mut response);
    }
    let takes_gzip = asked.takes_gzip || state.has(Breach::GzipUnasked);
    if takes_gzip
        && PACKED.contains(&response.body().len())
        && let Some(packed) = packed(response.body())
    {
        *response.body_mut() = packed;
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    let is_refusal = response.status().is_client_error();
    let headers = response.headers_mut();
    cross_origin(state, is_refusal, headers);
    cache(state, asked, headers);
    if state.has(Breach::HttpServerVersion) {
        headers.insert(header::SERVER, HeaderValue::from_static("payerd/1.4.2 (Debian 12)"));
    }
    if state.has(Breach::HttpBadDate) {
        headers.insert(header::DATE, HeaderValue::from_static("2026-11-26T07:00:00Z"));
    }
    if asked.is_head { bare(state, response) } else { response.map(Body::from) }
}

fn cross_origin(state: &State, is_refusal: bool, headers: &mut HeaderMap) {
    let origin = if state.has(Breach::CorsForeignOrigin) { "https://portal.example" } else { "*" };
    let is_hidden = state.has(Breach::CorsNone) || (is_refusal && state.has(Breach::CorsNotOnRefusals));
    if !is_hidden {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static(origin));
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(SHOWN_HEADERS));
    }
    if state.has(Breach::CorsWildcardCredentials) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
}

/// Member data is kept by nobody but its reader; the statement is the same for everybody.
fn cache(state: &State, asked: Asked, headers: &mut HeaderMap) {
    let control = match asked.is_metadata {
        true => Some("public, max-age=60"),
        false if state.has(Breach::CachePublic) => Some("public, max-age=3600"),
        false if state.has(Breach::CacheMaxAgeOnly) => Some("max-age=3600"),
        false if state.has(Breach::CacheNone) => None,
        false => Some("private, no-cache"),
    };
    headers.extend(control.map(|control| (header::CACHE_CONTROL, HeaderValue::from_static(control))));
    if !state.has(Breach::CacheNoVary) {
        headers.insert(header::VARY, HeaderValue::from_static("Accept, Accept-Encoding, Authorization"));
    }
}

/// The answer to HEAD: the headers of the answer to GET.
fn bare(state: &State, response: Response<Bytes>) -> Response<Body> {
    let length = response.body().len();
    let mut bare = response.map(|_| Body::empty());
    let length = if state.has(Breach::HeadWrongLength) { length + 1 } else { length };
    bare.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    if state.has(Breach::HeadNotFound) {
        *bare.status_mut() = StatusCode::NOT_FOUND;
    }
    if state.has(Breach::HeadOtherEtag) && bare.headers().contains_key(header::ETAG) {
        bare.headers_mut().insert(header::ETAG, HeaderValue::from_static("W/\"head\""));
    }
    if state.has(Breach::HeadHtml) {
        bare.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
    }
    bare
}

fn packed(body: &Bytes) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

fn lose_identifiers(response: &mut Response<Bytes>) {
    let read = serde_json::from_slice::<Value>(response.body());
    if let Ok(mut resource) = read
        && let Some(fields) = resource.as_object_mut()
    {
        fields.shift_remove("identifier");
        *response.body_mut() = Bytes::from(resource.to_string());
    }
}

/// Names of headers and their values, as far as they can be sent.
pub fn insert(headers: &mut HeaderMap, named: Vec<(HeaderName, String)>) {
    for (name, value) in named {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
}
