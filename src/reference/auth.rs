//! Who is calling and what for: one bearer token a member, or what the authorization server issued (RFC 6750).

use std::sync::{PoisonError, RwLock};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};

use super::error::Refusal;
use super::fault::Breach;
use super::oauth::{Action, Dialect, Scope, portal};
use super::search::query::{PAGE, Pair};
use super::server::BASE_PATH;
use super::state::{Access, State};

/// Where people sign in to the portal.
const LOGIN_PATH: &str = "/login";

/// What the caller may see.
///
/// # Errors
/// 401 with a challenge when tokens are asked for and there is none, or none that is known.
pub fn access(state: &State, headers: &HeaderMap) -> Result<Access, Refusal> {
    if !state.bearer {
        return Ok(Access::Everything);
    }
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        if state.has(Breach::AuthTokenNotRequired) {
            return Ok(Access::Everything);
        }
        return Err(challenge(state, None, "this endpoint needs a bearer token: send `Authorization: Bearer <token>`"));
    };
    let unknown = || challenge(state, Some("invalid_token"), "the bearer token is not known here, or has run out");
    let token = value.to_str().ok().and_then(|text| bearer(state, text)).ok_or_else(unknown)?;
    if let Some((member, _)) = state.office.as_ref().and_then(|office| office.opened(state, token)) {
        return Ok(member.map_or(Access::Everything, Access::Member));
    }
    state.members.iter().position(|member| is_of(state, &member.token, token)).map(Access::Member).ok_or_else(unknown)
}

/// Takes the token from the URL, as RFC 6750 section 2.3 describes it: only when told to break.
pub fn take_from_url(state: &State, headers: &mut HeaderMap, query: &mut Vec<Pair>) {
    let is_token = |(name, _): &Pair| name == "access_token";
    if let Some(at) = query.iter().position(is_token).filter(|_| state.has(Breach::AuthTokenInQueryAccepted)) {
        let (_, token) = query.remove(at);
        headers.extend(HeaderValue::try_from(format!("Bearer {token}")).map(|value| (header::AUTHORIZATION, value)).ok());
    }
}

/// Whether a token is this member's.
fn is_of(state: &State, known: &str, token: &str) -> bool {
    let is_first = || state.members.first().is_some_and(|first| first.token == known);
    let but_last = |text: &str| text.char_indices().next_back().map(|(at, _)| text.split_at(at).0.to_owned());
    known == token
        || (state.has(Breach::AuthAlteredTokenAccepted) && but_last(known) == but_last(token))
        || (state.has(Breach::AuthMalformedTokenAccepted) && token.contains(' ') && is_first())
        || (state.has(Breach::AuthForeignTokenAccepted) && token == state.foreign_token && is_first())
}

/// Whether a call is answered without a look at who makes it: only when told to break.
pub fn is_open(state: &State, method: &Method, segments: &[&str], query: &[Pair]) -> bool {
    let has = |name: &str| query.iter().any(|(key, _)| key == name);
    match segments {
        [_, "_search"] if method == Method::POST => state.has(Breach::AuthOpenPostSearch),
        [_] if has(PAGE) => state.has(Breach::AuthOpenPages),
        [_] if has("_include") => state.has(Breach::AuthOpenInclude),
        [_] => state.has(Breach::AuthOpenSearch),
        [_, _, "_history"] => state.has(Breach::AuthOpenHistory),
        [_, _, "_history", _] => state.has(Breach::AuthOpenVread),
        [_, _, operation] if operation.starts_with('$') => state.has(Breach::AuthOpenOperation),
        [_, _] => state.has(Breach::AuthOpenRead),
        _ => false,
    }
}

/// A refusal as a careless server sends it: only when told to break.
pub fn careless(state: &State, mut refusal: Refusal) -> Refusal {
    if state.has(Breach::AuthRedirectsToLogin) {
        refusal.status = StatusCode::FOUND;
        refusal.header = Some(("location", LOGIN_PATH.to_owned()));
    }
    if state.has(Breach::AuthRefusalTellsMember) {
        let born = state.members.first().and_then(|member| state.record("Patient", &member.patient));
        let born = born.and_then(|record| record.current.value.get("birthDate")?.as_str()).unwrap_or_default();
        refusal.diagnostics = format!("the caller is not the member born {born}");
    }
    refusal
}

/// The page for people at the payer's portal; in place of an answer only when told to break.
pub fn login_page(state: &State, method: &Method, path: &str, headers: &HeaderMap) -> Option<Response<Body>> {
    let is_of_record = || path.starts_with(BASE_PATH) && !path.ends_with("/metadata") && !path.contains("/.well-known/");
    // Whether a browser may ask at all is answered before.
    let is_in_place = state.has(Breach::AuthLoginPage) && method != Method::OPTIONS && is_of_record() && access(state, headers).is_err();
    (path == LOGIN_PATH || is_in_place).then(portal)
}

/// What the caller's token is narrowed to; `None` for one that opens a member's whole record.
pub fn scope(state: &State, headers: &HeaderMap) -> Option<Scope> {
    let token = headers.get(header::AUTHORIZATION)?.to_str().ok().and_then(|text| bearer(state, text))?;
    state.office.as_ref()?.opened(state, token).map(|(_, scope)| scope)
}

/// Refuses what the token's scope does not cover.
///
/// # Errors
/// 403 with a challenge (RFC 6750 section 3.1).
pub fn within_scope(state: &State, headers: &HeaderMap, resource_type: &str, action: Action) -> Result<(), Refusal> {
    match scope(state, headers) {
        Some(scope) if !scope.allows(resource_type, action) => {
            let mut refusal = Refusal::forbidden(format!("the scope of the token does not cover this with {resource_type}"));
            refusal.header =
                Some(("www-authenticate", "Bearer realm=\"payerspec reference payer\", error=\"insufficient_scope\"".to_owned()));
            Err(refusal)
        }
        _ => Ok(()),
    }
}

/// Refuses a request without both headers that the state Medicaid's page demands of every resource request.
///
/// # Errors
/// 415 or 406.
pub fn documented_headers(state: &State, method: &Method, headers: &HeaderMap) -> Result<(), Refusal> {
    if state.office.as_ref().is_none_or(|office| office.dialect != Dialect::Utah) {
        return Ok(());
    }
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (is_sent, is_wanted) = (
        text(header::CONTENT_TYPE).starts_with("application/json"),
        ["json", "*/*"].iter().any(|range| text(header::ACCEPT).contains(range)),
    );
    // The form of a search has a type of its own.
    match (is_sent || method == Method::POST, is_wanted) {
        (true, true) => Ok(()),
        (false, _) => Err(Refusal::media_type("every request here has `Content-Type: application/json`")),
        (true, false) => Err(Refusal::not_acceptable("every request here has `Accept: application/json`")),
    }
}

/// Asks the authorization server that is not the payer's own about a token that the books do not know.
pub async fn ask(shared: &RwLock<State>, headers: &HeaderMap) {
    let reading = || shared.read().unwrap_or_else(PoisonError::into_inner);
    let text = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(token) = text.and_then(|text| bearer(&reading(), text)) else { return };
    let foreign = reading().office.as_ref().filter(|office| office.asks_about(token)).and_then(|office| office.foreign.clone());
    let Some(foreign) = foreign else { return };
    if let Some(said) = foreign.introspected(token).await {
        let state = reading();
        if let Some(office) = &state.office {
            office.enter(&state, token, &said);
        }
    }
}

fn bearer<'t>(state: &State, text: &'t str) -> Option<&'t str> {
    let (scheme, token) = text.split_once(' ')?;
    let token = token.trim();
    let is_bearer = scheme.eq_ignore_ascii_case("bearer") || state.has(Breach::AuthAnySchemeAccepted);
    (is_bearer && !token.is_empty()).then_some(token)
}

fn challenge(state: &State, error: Option<&str>, diagnostics: &str) -> Refusal {
    let mut refusal = Refusal::unknown_caller(diagnostics);
    if !state.has(Breach::AuthNoChallenge) {
        let error = error.map_or_else(String::new, |error| format!(", error=\"{error}\""));
        refusal.header = Some(("www-authenticate", format!("Bearer realm=\"payerspec reference payer\"{error}")));
    }
    refusal
}
