//! Who is calling: one bearer token a member (RFC 6750).

use axum::http::{HeaderMap, header};

use super::error::Refusal;
use super::fault::Breach;
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
    let token = value.to_str().ok().and_then(|text| {
        let (scheme, token) = text.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    let member = token.and_then(|token| state.members.iter().position(|member| member.token == token));
    member.map(Access::Member).ok_or_else(|| challenge(state, Some("invalid_token"), "the bearer token is not known here"))
}

fn challenge(state: &State, error: Option<&str>, diagnostics: &str) -> Refusal {
    let mut refusal = Refusal::unknown_caller(diagnostics);
    if !state.has(Breach::AuthNoChallenge) {
        let error = error.map_or_else(String::new, |error| format!(", error=\"{error}\""));
        refusal.header = Some(("www-authenticate", format!("Bearer realm=\"payerspec reference payer\"{error}")));
    }
    refusal
}
