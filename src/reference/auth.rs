//! Who is calling and what for: one bearer token a member, or what the authorization server issued (RFC 6750).

use std::sync::{PoisonError, RwLock};

use axum::http::{HeaderMap, Method, header};

use super::error::Refusal;
use super::fault::Breach;
use super::oauth::{Action, Dialect, Scope};
use super::state::{Access, State};

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
    let token = value.to_str().ok().and_then(bearer).ok_or_else(unknown)?;
    if let Some((member, _)) = state.office.as_ref().and_then(|office| office.opened(state, token)) {
        return Ok(member.map_or(Access::Everything, Access::Member));
    }
    state.members.iter().position(|member| member.token == token).map(Access::Member).ok_or_else(unknown)
}

/// What the caller's token is narrowed to; `None` for one that opens a member's whole record.
pub fn scope(state: &State, headers: &HeaderMap) -> Option<Scope> {
    let token = headers.get(header::AUTHORIZATION)?.to_str().ok().and_then(bearer)?;
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
    let Some(token) = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(bearer) else { return };
    let foreign = reading().office.as_ref().filter(|office| office.asks_about(token)).and_then(|office| office.foreign.clone());
    let Some(foreign) = foreign else { return };
    if let Some(said) = foreign.introspected(token).await {
        let state = reading();
        if let Some(office) = &state.office {
            office.enter(&state, token, &said);
        }
    }
}

fn bearer(text: &str) -> Option<&str> {
    let (scheme, token) = text.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

fn challenge(state: &State, error: Option<&str>, diagnostics: &str) -> Refusal {
    let mut refusal = Refusal::unknown_caller(diagnostics);
    if !state.has(Breach::AuthNoChallenge) {
        let error = error.map_or_else(String::new, |error| format!(", error=\"{error}\""));
        refusal.header = Some(("www-authenticate", format!("Bearer realm=\"payerspec reference payer\"{error}")));
    }
    refusal
}
