//! The sign-in of a member's app: what the authorization server says, gives and refuses.

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

use serde_json::Value;

use super::Subject;
use super::exchange::Response;

/// The response of the token endpoint that gave a token, with its document.
fn token_document<'a>(subject: &Subject<'a>) -> Option<(&'a Response, &'a Value)> {
    let document = subject.resource().filter(|document| document.get("access_token").is_some())?;
    Some((subject.response()?, document))
}
