//! The router: a method and a path lead to one interaction, or to a refusal (R4 http.html).

use std::sync::{Arc, PoisonError, RwLock};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State as Shared};
use axum::http::{HeaderMap, Method, Response, header};
use bytes::Bytes;
use percent_encoding::percent_decode_str;

use super::answer::{Answer, refuse};
use super::auth;
use super::bundle::Bundle;
use super::error::Refusal;
use super::fault::Breach;
use super::metadata;
use super::negotiate::{self, Format};
use super::oauth::{self, Action};
use super::read::{self, Address};
use super::search::{self, query::Pair};
use super::state::{Access, State};
use super::{batch, write};

/// Where the FHIR base is on this server.
pub const BASE_PATH: &str = "/fhir";
/// The largest body of a request, in bytes.
const LARGEST_BODY: usize = 256 * 1024;
/// Bytes of the form of a search.
const LARGEST_FORM: usize = 64 * 1024;
const READ_ONLY: &str = "GET, HEAD";

/// One request, taken apart.
#[derive(Clone, Debug)]
pub struct Call {
    /// The FHIR base as the caller sees it.
    pub base: String,
    /// The method.
    pub method: Method,
    /// The headers.
    pub headers: HeaderMap,
    /// The parameters in the URL.
    pub query: Vec<Pair>,
    /// The body, or why it could not be read.
    pub body: Result<Bytes, Refusal>,
}

/// Answers any request.
pub async fn handle(Shared(shared): Shared<Arc<RwLock<State>>>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let query = pairs(head.uri.query().unwrap_or_default().as_bytes());
    let largest = if head.uri.path().ends_with("/_search") { LARGEST_FORM } else { LARGEST_BODY };
    let body = to_bytes(body, largest).await.map_err(|_| Refusal::too_large(largest));
    let writable = || shared.read().unwrap_or_else(PoisonError::into_inner).writable;
    let changes = matches!(head.method, Method::POST | Method::PUT | Method::PATCH | Method::DELETE) && writable();
    if let (Ok(body), Ok(base)) = (&body, base(&head.headers)) {
        let state = shared.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = oauth::answer(&state, &base, &head.method, head.uri.path(), &head.headers, &query, body) {
            return answer;
        }
    }
    let wanted = query.iter().find(|(name, _)| name == "_format").map(|(_, value)| value.as_str());
    let format = match negotiate::format(wanted, &head.headers) {
        Ok(format) => format,
        Err(refusal) => return refuse(&shared.read().unwrap_or_else(PoisonError::into_inner), &refusal, Format::Json),
    };
    let call = base(&head.headers).map(|base| Call { base, method: head.method, headers: head.headers, query, body });
    let answer = call.and_then(|call| {
        if changes {
            call.change(&mut shared.write().unwrap_or_else(PoisonError::into_inner), head.uri.path())
        } else {
            call.answer(&shared.read().unwrap_or_else(PoisonError::into_inner), head.uri.path())
        }
    });
    let state = shared.read().unwrap_or_else(PoisonError::into_inner);
    answer.and_then(|answer| answer.render(&state, format)).unwrap_or_else(|refusal| refuse(&state, &refusal, format))
}

impl Call {
    fn segments(&self, path: &str) -> Result<Vec<String>, Refusal> {
        let inside = path.strip_prefix(BASE_PATH).filter(|rest| rest.is_empty() || rest.starts_with('/'));
        let inside = inside.ok_or_else(|| Refusal::not_supported(format!("the FHIR base is {}", self.base)))?;
        inside.split('/').filter(|segment| !segment.is_empty()).map(decode).collect()
    }

    /// Answers a request that may change the record.
    ///
    /// # Errors
    /// What the caller is told in its place.
    pub fn change(self, state: &mut State, path: &str) -> Result<Answer, Refusal> {
        let segments = self.segments(path)?;
        let segments: Vec<_> = segments.iter().map(String::as_str).collect();
        match (segments.as_slice(), &self.method) {
            ([], &Method::POST) => batch::answer(&self, state),
            ([resource_type] | [resource_type, _], method)
                if !matches!(*method, Method::GET | Method::HEAD)
                    && segments.get(1) != Some(&"_search")
                    && write::takes(state, resource_type) =>
            {
                let access = auth::access(state, &self.headers)?;
                auth::within_scope(state, &self.headers, resource_type, Action::Write)?;
                write::answer(&self, state, access, resource_type, segments.get(1).copied())
            }
            _ => self.answer(state, path),
        }
    }

    /// Answers a request that changes nothing.
    ///
    /// # Errors
    /// What the caller is told in its place.
    pub fn answer(mut self, state: &State, path: &str) -> Result<Answer, Refusal> {
        let segments = self.segments(path)?;
        let segments: Vec<_> = segments.iter().map(String::as_str).collect();
        if let ["metadata"] = segments.as_slice() {
            self.only_reads()?;
            return Ok(Answer::ok(Bytes::from(metadata::statement(state, &self.base).to_string())));
        }
        let access = auth::access(state, &self.headers)?;
        auth::documented_headers(state, &self.method, &self.headers)?;
        if let [resource_type, ..] = segments.as_slice()
            && !state.serves(resource_type)
            && !resource_type.starts_with('_')
        {
            if state.has(Breach::TypeUnsupported200) {
                return Ok(Answer::ok(Bundle::searchset(Some(0)).json()));
            }
            return Err(Refusal::not_supported(format!("{resource_type} is not served here: see /metadata")));
        }
        if let [resource_type, rest @ ..] = segments.as_slice() {
            let action = if matches!(rest, [] | ["_search"]) { Action::Search } else { Action::Read };
            auth::within_scope(state, &self.headers, resource_type, action)?;
        }
        match segments.as_slice() {
            [resource_type, "_search"] if self.method == Method::POST => {
                if !state.has(Breach::PostSearchIgnored) {
                    let form = self.form()?;
                    self.query.extend(form);
                }
                self.search(state, access, resource_type)
            }
            [_, "_search"] => Err(Refusal::method("POST", "a search by form is a POST")),
            [resource_type, "_history"] if self.reads() && state.has(Breach::InteractionUndeclared200) => {
                let records = state.visible(resource_type, access);
                Ok(Answer::ok(read::history_of(&self.base, records).json()))
            }
            [] | ["_history" | "_search", ..] | [_, "_history"] => {
                Err(Refusal::method("", "this interaction is not offered: see /metadata"))
            }
            [resource_type] => {
                self.only_reads()?;
                self.search(state, access, resource_type)
            }
            [resource_type, id, rest @ ..] => {
                self.only_reads()?;
                self.instance(state, access, Address { resource_type, id }, rest)
            }
        }
    }

    fn instance(&self, state: &State, access: Access, address: Address<'_>, rest: &[&str]) -> Result<Answer, Refusal> {
        match rest {
            [] => read::read(state, access, address, &self.query, &self.headers),
            ["_history"] => read::history(state, access, &self.base, address).map(|bundle| Answer::ok(bundle.json())),
            ["_history", number] => read::vread(state, access, address, number),
            _ => Err(Refusal::not_supported("neither operations nor compartments are offered: see /metadata")),
        }
    }

    fn search(&self, state: &State, access: Access, resource_type: &str) -> Result<Answer, Refusal> {
        let mut bundle = search::search(state, access, &self.base, resource_type, &self.query, self.is_lenient())?;
        if let Some(scope) = auth::scope(state, &self.headers) {
            bundle.entries.retain(|entry| entry.mode != Some("include") || entry.resource_type().is_none_or(|name| scope.shows(name)));
        }
        Ok(Answer::ok(bundle.json()))
    }

    fn is_lenient(&self) -> bool {
        let preferences = self.headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
        preferences.flat_map(|text| text.split([',', ';'])).any(|preference| preference.trim().eq_ignore_ascii_case("handling=lenient"))
    }

    fn only_reads(&self) -> Result<(), Refusal> {
        if self.reads() {
            Ok(())
        } else {
            Err(Refusal::method(READ_ONLY, format!("{} is not offered here: this payer is read-only", self.method)))
        }
    }

    fn reads(&self) -> bool {
        self.method == Method::GET || self.method == Method::HEAD
    }

    fn form(&self) -> Result<Vec<Pair>, Refusal> {
        let media_type = self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        let body = self.body.clone()?;
        if !body.is_empty() && !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(Refusal::media_type("a search by POST takes application/x-www-form-urlencoded"));
        }
        Ok(pairs(&body))
    }
}

/// Names and values of a query or a form.
pub fn pairs(text: &[u8]) -> Vec<Pair> {
    url::form_urlencoded::parse(text).into_owned().collect()
}

fn decode(segment: &str) -> Result<String, Refusal> {
    let decoded = percent_decode_str(segment).decode_utf8();
    decoded.map(|text| text.into_owned()).map_err(|_| Refusal::invalid("the path is not UTF-8 once decoded"))
}

/// The FHIR base as the caller sees it, so that the payer works behind a proxy.
fn base(headers: &HeaderMap) -> Result<String, Refusal> {
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']');
    if host.is_empty() || host.len() > 255 || !host.bytes().all(is_plain) {
        return Err(Refusal::invalid("the Host header is missing or no host"));
    }
    let secure = headers.get("x-forwarded-proto").is_some_and(|value| value.as_bytes() == b"https");
    Ok(format!("{}://{host}{BASE_PATH}", if secure { "https" } else { "http" }))
}
