//! The router: a method and a path lead to one interaction, or to a refusal (R4 http.html).

use std::sync::{Arc, PoisonError, RwLock};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State as Shared};
use axum::http::{HeaderMap, HeaderValue, Method, Response, Uri, header};
use bytes::Bytes;
use percent_encoding::percent_decode_str;

use super::answer::{Answer, refuse};
use super::auth;
use super::bundle::Bundle;
use super::error::Refusal;
use super::fault::Breach;
use super::history::{self, Scope};
use super::metadata;
use super::negotiate::{self, Form};
use super::oauth::{self, Action};
use super::read::{self, Address};
use super::search::{self, query::Pair};
use super::state::{Access, State};
use super::transfer::{self, Asked};
use super::{batch, everything, laxity, operation, pages, write};

/// Where the FHIR base is on this server.
pub const BASE_PATH: &str = "/fhir";
/// The largest body of a request, in bytes.
const LARGEST_BODY: usize = 256 * 1024;
/// Bytes of the form of a search.
const LARGEST_FORM: usize = 64 * 1024;
/// The longest path with query, in bytes: as long as RFC 9110 section 4.1 wants every server to take.
const LONGEST_URL: usize = 8000;
const READ_ONLY: &str = "GET, HEAD, OPTIONS";

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

/// Answers any request; over TLS, with what keeps browsers there.
pub async fn handle(Shared(shared): Shared<Arc<RwLock<State>>>, request: Request) -> Response<Body> {
    let mut response = answered(&shared, request).await;
    let state = shared.read().unwrap_or_else(PoisonError::into_inner);
    if state.secure && !state.has(Breach::TlsNoHsts) {
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}

async fn answered(shared: &RwLock<State>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let asked = Asked::of(&head.method, head.uri.path(), &head.headers);
    let largest = if head.uri.path().ends_with("/_search") { LARGEST_FORM } else { LARGEST_BODY };
    let body = to_bytes(body, largest).await.map_err(|_| Refusal::too_large(largest));
    if let Ok(body) = &body
        && let state = shared.read().unwrap_or_else(PoisonError::into_inner)
        && let Ok(base) = base(&state, &head.headers)
    {
        let query = pairs(head.uri.query().unwrap_or_default().as_bytes());
        let origin = base.strip_suffix(BASE_PATH).unwrap_or(&base);
        if let Some(answer) = pages::answer(&state, origin, &head.method, head.uri.path()) {
            return answer;
        }
        if let Some(answer) = oauth::answer(&state, &base, &head.method, head.uri.path(), &head.headers, &query, body) {
            return answer;
        }
    }
    auth::ask(shared, &head.headers).await;
    if let Some(page) =
        auth::login_page(&shared.read().unwrap_or_else(PoisonError::into_inner), &head.method, head.uri.path(), &head.headers)
    {
        return page;
    }
    let response = respond(shared, head.method, &head.uri, head.headers, body);
    transfer::finish(&shared.read().unwrap_or_else(PoisonError::into_inner), asked, response)
}

fn respond(shared: &RwLock<State>, method: Method, uri: &Uri, headers: HeaderMap, body: Result<Bytes, Refusal>) -> Response<Bytes> {
    let reading = || shared.read().unwrap_or_else(PoisonError::into_inner);
    let query = pairs(uri.query().unwrap_or_default().as_bytes());
    let (form, changes) = {
        let state = reading();
        let form = match too_long(&state, uri).and_then(|()| negotiate::form(&state, &query, &headers)) {
            Ok(form) => form,
            Err(refusal) => return refuse(&state, &refusal, Form::default()),
        };
        if method == Method::OPTIONS {
            return transfer::preflight(&state, form);
        }
        let is_bundle = method == Method::POST && uri.path().trim_end_matches('/') == BASE_PATH;
        let writes = matches!(method, Method::POST | Method::PUT | Method::PATCH | Method::DELETE);
        (form, is_bundle || (writes && state.writable))
    };
    let call = base(&reading(), &headers).map(|base| Call { base, method, headers, query, body });
    let answer = call.and_then(|call| {
        let base = call.base.clone();
        let answer = if changes {
            call.change(&mut shared.write().unwrap_or_else(PoisonError::into_inner), uri.path())
        } else {
            call.answer(&reading(), uri.path())
        };
        answer.map(|answer| answer.located(&base))
    });
    let state = reading();
    answer.and_then(|answer| answer.render(&state, form)).unwrap_or_else(|refusal| refuse(&state, &refusal, form))
}

fn too_long(state: &State, uri: &Uri) -> Result<(), Refusal> {
    let length = uri.path_and_query().map_or(0, |text| text.as_str().len());
    if length <= LONGEST_URL {
        return Ok(());
    }
    if state.has(Breach::HttpLongUrl500) {
        return Err(Refusal::broken("the reader broke"));
    }
    Err(Refusal::uri_too_long(LONGEST_URL))
}

impl Call {
    fn segments(&self, path: &str) -> Result<Vec<String>, Refusal> {
        let inside = path.strip_prefix(BASE_PATH).filter(|rest| rest.is_empty() || rest.starts_with('/'));
        let inside = inside.ok_or_else(|| Refusal::not_supported(format!("the FHIR base is {}", self.base)))?;
        inside.split('/').filter(|segment| !segment.is_empty()).map(decode).collect()
    }

    /// Answers a request that may change the record, or holds others that may.
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
            if state.has(Breach::AuthMetadataGuarded) {
                auth::access(state, &self.headers)?;
            }
            if !state.has(Breach::HttpAnyMethod) {
                self.only_reads()?;
            }
            return Ok(Answer::ok(Bytes::from(metadata::statement(state, &self.base).to_string())));
        }
        auth::take_from_url(state, &mut self.headers, &mut self.query);
        let access = match auth::access(state, &self.headers) {
            Err(_) if auth::is_open(state, &self.method, &segments, &self.query) => Access::Everything,
            Err(refusal) => return Err(auth::careless(state, refusal)),
            Ok(access) => access,
        };
        auth::documented_headers(state, &self.method, &self.headers)?;
        if let [resource_type, name] = segments.as_slice()
            && operation::is_offered(resource_type, name)
        {
            self.only_reads()?;
            auth::within_scope(state, &self.headers, resource_type, Action::Read)?;
            return operation::answer(state, access, &self.base, (resource_type, name), &self.query);
        }
        if let [resource_type, ..] = segments.as_slice()
            && !state.serves(resource_type)
            && !resource_type.starts_with('_')
        {
            if state.has(Breach::ErrorUnknownType500) {
                return Err(Refusal::broken("the router broke"));
            }
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
                let mut form = self.form(state)?;
                if state.has(Breach::PostSearchFirstOnly) {
                    form.truncate(1);
                }
                if state.has(Breach::PostSearchIgnoresUrl) {
                    self.query.clear();
                }
                if !state.has(Breach::PostSearchIgnored) {
                    self.query.extend(form);
                }
                let mut bundle = self.search(state, access, resource_type)?;
                bundle.break_posted(state);
                Ok(Answer::ok(bundle.json()))
            }
            [_, "_search"] => Err(Refusal::method("POST", "a search by form is a POST")),
            ["_history"] if self.reads() => self.history(state, access, Scope::System),
            [resource_type, "_history"]
                if self.reads() && (history::OF_TYPE.contains(resource_type) || state.has(Breach::InteractionUndeclared200)) =>
            {
                self.history(state, access, Scope::Type(resource_type))
            }
            [] if self.reads() => self.search_system(state, access).map(|bundle| Answer::ok(bundle.json())),
            [] | ["_history" | "_search", ..] | [_, "_history"] => {
                Err(Refusal::method("", "this interaction is not offered: see /metadata"))
            }
            [resource_type] => {
                self.only_reads()?;
                self.search(state, access, resource_type).map(|bundle| Answer::ok(bundle.json()))
            }
            [resource_type, id, rest @ ..] => {
                self.only_reads()?;
                self.instance(state, access, Address { resource_type, id }, rest)
            }
        }
    }

    fn instance(&self, state: &State, access: Access, address: Address<'_>, rest: &[&str]) -> Result<Answer, Refusal> {
        match rest {
            [] if state.has(Breach::AuthOtherMemberByRead) => read::read(state, Access::Everything, address, &self.query, &self.headers),
            [] => read::read(state, access, address, &self.query, &self.headers),
            ["_history"] if state.has(Breach::AuthOtherMemberByHistory) => {
                self.history(state, Access::Everything, Scope::Instance(address))
            }
            ["_history"] => self.history(state, access, Scope::Instance(address)),
            ["$everything"] if address.resource_type == "Patient" => {
                let scope = auth::scope(state, &self.headers);
                everything::answer(state, access, scope.as_ref(), &self.base, address, &self.query)
            }
            ["_history", number] if state.has(Breach::AuthOtherMemberByVread) => read::vread(state, Access::Everything, address, number),
            ["_history", number] => read::vread(state, access, address, number),
            _ => Err(Refusal::not_supported("neither compartments nor this operation are offered: see /metadata")),
        }
    }

    fn history(&self, state: &State, access: Access, scope: Scope<'_>) -> Result<Answer, Refusal> {
        history::answer(state, access, &self.base, scope, &self.query).map(|bundle| Answer::ok(bundle.json()))
    }

    fn search(&mut self, state: &State, access: Access, resource_type: &str) -> Result<Bundle, Refusal> {
        laxity::relax(state, &mut self.query)?;
        let lenient = self.is_lenient() && !state.has(Breach::ErrorLenientRefused);
        let mut bundle = search::search(state, access, &self.base, resource_type, &self.query, lenient)?;
        if let Some(scope) = auth::scope(state, &self.headers).filter(|_| !state.has(Breach::AccessTokenScopeIgnoredByInclude)) {
            bundle.entries.retain(|entry| entry.mode != Some("include") || entry.resource_type().is_none_or(|name| scope.shows(name)));
        }
        Ok(bundle)
    }

    fn search_system(&self, state: &State, access: Access) -> Result<Bundle, Refusal> {
        let types = search::system::types(state, &self.query)?;
        for resource_type in &types {
            auth::within_scope(state, &self.headers, resource_type, Action::Search)?;
        }
        search::system::search(state, access, &self.base, &types, &self.query, self.is_lenient())
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

    fn form(&self, state: &State) -> Result<Vec<Pair>, Refusal> {
        let media_type = self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        let body = self.body.clone()?;
        if !body.is_empty() && !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            if state.has(Breach::HttpWrongBodyType500) {
                return Err(Refusal::broken("the reader broke"));
            }
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
fn base(state: &State, headers: &HeaderMap) -> Result<String, Refusal> {
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']');
    if host.is_empty() || host.len() > 255 || !host.bytes().all(is_plain) {
        return Err(Refusal::invalid("the Host header is missing or no host"));
    }
    let secure = state.secure || headers.get("x-forwarded-proto").is_some_and(|value| value.as_bytes() == b"https");
    Ok(format!("{}://{host}{BASE_PATH}", if secure { "https" } else { "http" }))
}
