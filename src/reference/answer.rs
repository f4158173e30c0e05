//! An answer before it is sent: status, headers, a resource as JSON text.

use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use bytes::Bytes;

use super::data::HOME;
use super::error::Refusal;
use super::fault::Breach;
use super::negotiate::{Form, Format};
use super::state::State;
use super::{transfer, xml};
use crate::fhir::json::Value;

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

    /// The response in the form asked for.
    ///
    /// # Errors
    /// 500 when the resource cannot be written in that format.
    pub fn render(self, state: &State, form: Form) -> Result<Response<Bytes>, Refusal> {
        let body = match (self.resource, form.format) {
            (None, _) => None,
            (Some(json), Format::Json) if form.pretty => Some(indented(state, json)),
            (Some(json), Format::Json) => Some(json),
            (Some(json), Format::Xml) => Some(xml::write(state, &json)?),
        };
        let is_empty = body.is_none();
        let mut response = Response::new(body.unwrap_or_default());
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        if !is_empty {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(label(state, form.format)));
        }
        transfer::insert(headers, self.headers);
        Ok(response)
    }
}

/// The media type with its character set.
fn label(state: &State, format: Format) -> &'static str {
    if state.has(Breach::ContentTypeTextHtml) {
        return "text/html; charset=utf-8";
    }
    let format = if state.has(Breach::XmlLabelledJson) { Format::Json } else { format };
    match format {
        Format::Json if state.has(Breach::ContentTypePlainJson) => "application/json; charset=utf-8",
        Format::Json if state.has(Breach::ContentTypeNoCharset) => "application/fhir+json",
        Format::Json if state.has(Breach::ContentTypeLatin1) => "application/fhir+json; charset=iso-8859-1",
        Format::Xml if state.has(Breach::ContentTypePlainXml) => "application/xml; charset=utf-8",
        other => other.media_type(),
    }
}

fn indented(state: &State, json: Bytes) -> Bytes {
    let Ok(mut resource) = serde_json::from_slice::<Value>(&json) else { return json };
    if state.has(Breach::PrettyLosesIdentifiers)
        && let Some(fields) = resource.as_object_mut()
    {
        fields.shift_remove("identifier");
    }
    serde_json::to_vec_pretty(&resource).map_or(json, Bytes::from)
}

/// A refusal as a response; in JSON when XML cannot be written.
pub fn refuse(state: &State, refusal: &Refusal, form: Form) -> Response<Bytes> {
    let headers = refusal.header.iter().filter(|(name, _)| *name != "allow" || !state.has(Breach::HttpNoAllow));
    let headers = headers.map(|(name, value)| (HeaderName::from_static(name), value.clone())).collect();
    let mut answer = Answer { status: refusal.status, headers, resource: Some(Bytes::from(told(state, refusal).to_string())) };
    if state.has(Breach::ErrorNoOperationOutcome) {
        answer.resource = None;
    }
    if state.has(Breach::ErrorStatus200) {
        answer.status = StatusCode::OK;
    }
    if state.has(Breach::ErrorHtml) {
        let mut response = Response::new(Bytes::from(format!("<html><body><h1>{}</h1></body></html>", refusal.status)));
        *response.status_mut() = refusal.status;
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
        return response;
    }
    let mut failed = Response::new(Bytes::new());
    *failed.status_mut() = refusal.status;
    let json = Form { format: Format::Json, ..form };
    let form = if state.has(Breach::XmlErrorsInJson) { json } else { form };
    answer.clone().render(state, form).or_else(|_| answer.render(state, json)).unwrap_or(failed)
}

/// The OperationOutcome of a refusal.
fn told(state: &State, refusal: &Refusal) -> Value {
    let mut outcome = refusal.outcome();
    let Some(issue) = outcome.pointer_mut("/issue/0") else { return outcome };
    if state.has(Breach::ErrorUnknownSeverity) {
        issue["severity"] = Value::from("grave");
    }
    if state.has(Breach::ErrorOnlyInformation) {
        issue["severity"] = Value::from("information");
    }
    if state.has(Breach::ErrorUnknownCode) {
        issue["code"] = Value::from("no-such-code");
    }
    if state.has(Breach::ErrorStackTrace) {
        issue["diagnostics"] = Value::from("java.lang.IllegalStateException: null\n\tat org.payer.Reader.read(Reader.java:42)");
    }
    if state.has(Breach::ErrorNoIssue)
        && let Some(fields) = outcome.as_object_mut()
    {
        fields.shift_remove("issue");
    }
    outcome
}
