//! The sign-in of a member's app: what the authorization server says, gives and refuses.

pub mod active;
pub mod audience;
pub mod capabilities;
pub mod configuration;
pub mod endpoints;
pub mod error;
pub mod expires_in;
pub mod form_encoded;
pub mod id_token;
pub mod inactive;
pub mod no_store;
pub mod patient;
pub mod pkce;
pub mod redirect_uri;
pub mod refreshed;
pub mod refused;
pub mod rotated;
pub mod schema;
pub mod scope;
pub mod scopes;
pub mod state;
pub mod stays_here;
pub mod token_response;

use super::Subject;
use super::exchange::Response;
use super::outcome::Evidence;
use super::said::said;
use crate::fhir::json::Value;

/// The response of the token endpoint that gave a token, with its document.
fn token_document<'a>(subject: &Subject<'a>) -> Option<(&'a Response, &'a Value)> {
    let document = subject.resource().filter(|document| document.get("access_token").is_some())?;
    Some((subject.response()?, document))
}

/// Whether introspection says of a token what it must: `true` or `false`.
fn introspected(subject: &Subject<'_>, expected: &'static str) -> Evidence {
    let Some(response) = subject.response() else { return Evidence::nothing("there was no response") };
    if matches!(response.status, 401 | 403) {
        return Evidence::nothing("the introspection endpoint is not for this client");
    }
    match subject.resource().and_then(|document| document.get("active")).and_then(Value::as_bool) {
        Some(true) if expected == "false" => Evidence::wrong("active", expected, "true"),
        Some(false) if expected == "true" => Evidence::wrong("active", expected, "false"),
        Some(_) => Evidence::fine(),
        None => Evidence::wrong("active", expected, said!("missing, with status {}", response.status)),
    }
}
