//! An answer before it is bytes on the wire: status, headers, a resource as JSON text.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use bytes::Bytes;

use super::data::HOME;
use super::error::Refusal;
use super::fault::Breach;
use super::negotiate::Format;
use super::state::State;

/// What to send.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// Headers beyond the content's own.
    pub headers: Vec<(HeaderName, String)>,
    /// The resource as JSON text; none for 304.
    pub resource: Option<Bytes>,
}

impl Answer {
    /// 200 with a resource.
    pub fn ok(resource: Bytes) -> Self {
        Self { status: StatusCode::OK, headers: Vec::new(), resource: Some(resource) }
    }

    /// The answer with this base where the record means the payer itself.
    #[must_use]
    pub fn located(self, base: &str) -> Self {
        let resource = self.resource.map(|json| match std::str::from_utf8(&json) {
            Ok(text) if text.contains(HOME) => Bytes::from(text.replace(HOME, base)),
            _ => json,
        });
        Self { resource, ..self }
    }

    /// The response in the format asked for.
    ///
    /// # Errors
    /// 500 when the resource cannot be written in that format.
    pub fn render(self, state: &State, format: Format) -> Result<Response<Body>, Refusal> {
        let body = match (self.resource, format) {
            (None, _) => None,
            (Some(json), Format::Json) => Some(json),
            (Some(json), Format::Xml) => Some(xml(&json)?),
        };
        let mut response = Response::new(body.clone().map_or_else(Body::empty, Body::from));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        if body.is_some() {
            let media_type = if state.has(Breach::ContentTypeTextHtml) { "text/html; charset=utf-8" } else { format.media_type() };
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        }
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        }
        Ok(response)
    }
}

/// A refusal as a response; in JSON when XML cannot be written.
pub fn refuse(state: &State, refusal: &Refusal, format: Format) -> Response<Body> {
    let headers = refusal.header.iter().map(|(name, value)| (HeaderName::from_static(name), value.clone())).collect();
    let mut answer = Answer { status: refusal.status, headers, resource: Some(Bytes::from(refusal.outcome().to_string())) };
    if state.has(Breach::ErrorNoOperationOutcome) {
        answer.resource = None;
    }
    if state.has(Breach::ErrorHtml) {
        let mut response = Response::new(Body::from(format!("<html><body><h1>{}</h1></body></html>", refusal.status)));
        *response.status_mut() = refusal.status;
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
        return response;
    }
    let mut failed = Response::new(Body::empty());
    *failed.status_mut() = refusal.status;
    answer.clone().render(state, format).or_else(|_| answer.render(state, Format::Json)).unwrap_or(failed)
}

fn xml(json: &Bytes) -> Result<Bytes, Refusal> {
    let resource = serde_json::from_slice(json).map_err(|error| Refusal::broken(format!("the resource is no JSON: {error}")))?;
    let text = crate::fhir::xml::from_json(&resource)
        .map_err(|error| Refusal::broken(format!("the resource cannot be written as XML: {error}")))?;
    Ok(Bytes::from(text))
}
