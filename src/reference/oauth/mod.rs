//! The authorization server of the reference payer: SMART App Launch 2.2, or the flow that a state Medicaid documents.

mod authorize;
mod client;
mod configuration;
mod foreign;
mod inspect;
mod jose;
mod ledger;
mod page;
mod reply;
mod scope;
mod token;

use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use axum::http::header::ACCESS_CONTROL_ALLOW_ORIGIN;
use axum::http::{HeaderMap, Method, Response, StatusCode};
use bytes::Bytes;

use super::fault::Breach;
use super::search::query::Pair;
use super::server::BASE_PATH;
use super::state::State;
use crate::fhir::json::Value;

pub use authorize::PASSWORD;
pub use client::{Client, ClientAccess, registered};
pub use foreign::{AuthorizationServer, Endpoints, Foreign};
pub use jose::SigningKey;
pub use scope::{Action, Scope};

use ledger::Ledger;
use reply::Reply;

/// Where a client of SMART App Launch looks first.
const CONFIGURATION: &str = "/fhir/.well-known/smart-configuration";

/// How the authorization server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SMART App Launch 2.2 with PKCE, refresh, OpenID Connect, introspection and revocation.
    Smart,
    /// A token request in JSON with `redirect_url`, a client secret by Basic, no PKCE, no discovery document.
    Utah,
}

/// Who is registered, what was granted, and the key that signs.
#[derive(Debug)]
pub struct Office {
    /// How it speaks.
    pub dialect: Dialect,
    /// The registered clients.
    pub clients: Vec<Client>,
    /// What signs id_tokens.
    pub key: SigningKey,
    /// Seconds that an access token lasts.
    pub lifetime: i64,
    /// The authorization server that issues the tokens in this one's place.
    pub foreign: Option<Foreign>,
    ledger: Mutex<Ledger>,
}

/// One request to the authorization server, taken apart.
struct Call<'a> {
    state: &'a State,
    office: &'a Office,
    /// Scheme, host and port as the caller sees them.
    origin: &'a str,
    method: &'a Method,
    headers: &'a HeaderMap,
    query: &'a [Pair],
    body: &'a Bytes,
    /// Seconds since 1970.
    now: i64,
}

impl Office {
    /// A server with nothing granted yet.
    pub fn new(dialect: Dialect, clients: Vec<Client>, key: SigningKey, lifetime: i64) -> Self {
        Self { dialect, clients, key, lifetime, foreign: None, ledger: Mutex::default() }
    }

    /// The path of the authorization endpoint.
    pub fn authorize_path(&self) -> &'static str {
        match self.dialect {
            Dialect::Smart => "/auth/authorize",
            Dialect::Utah => "/sso/oauth2/authorize",
        }
    }

    /// The path of the token endpoint.
    pub fn token_path(&self) -> &'static str {
        match self.dialect {
            Dialect::Smart => "/auth/token",
            Dialect::Utah => "/sso/oauth2/access_token",
        }
    }

    /// Where the endpoints are, on a payer at this origin.
    pub fn endpoints(&self, origin: &str) -> Endpoints {
        if let Some(foreign) = &self.foreign {
            return foreign.endpoints.clone();
        }
        Endpoints {
            issuer: format!("{origin}/auth"),
            jwks: format!("{origin}/auth/jwks"),
            authorization: format!("{origin}{}", self.authorize_path()),
            token: format!("{origin}{}", self.token_path()),
            introspection: format!("{origin}/auth/introspect"),
        }
    }

    /// What a bearer token opens: the member, if it is one's, and the scope.
    pub fn opened(&self, state: &State, token: &str) -> Option<(Option<usize>, Scope)> {
        self.ledger().opened(state, token, now())
    }

    /// A token that ran out before the payer started, for those who want to see it refused.
    pub fn expired_token(&self, member: usize) -> String {
        self.ledger().expired(member, now())
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Answers a request to the authorization server; `None` when the path is not one of its own.
pub fn answer(
    state: &State,
    base: &str,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
    query: &[Pair],
    body: &Bytes,
) -> Option<Response<Body>> {
    let office = state.office.as_ref()?;
    let origin = base.strip_suffix(BASE_PATH).unwrap_or(base);
    let call = Call { state, office, origin, method, headers, query, body, now: now() };
    let smart = office.dialect == Dialect::Smart;
    let for_people = path == office.authorize_path() || matches!(path, "/auth/login" | "/auth/consent");
    let mut reply = match path {
        _ if office.foreign.is_some() && path != CONFIGURATION => return None,
        _ if path == office.authorize_path() => call.authorize(),
        _ if path == office.token_path() && method == Method::OPTIONS => Reply::preflight(),
        _ if path == office.token_path() => call.token(),
        "/auth/login" => call.login(),
        "/auth/consent" => call.consent(),
        CONFIGURATION if smart => call.configuration(),
        "/auth/.well-known/openid-configuration" if smart => call.openid_configuration(),
        "/auth/jwks" if smart => Reply::json(&office.key.jwks()),
        "/auth/introspect" if smart => call.introspect(),
        "/auth/revoke" if smart => call.revoke(),
        _ => return None,
    };
    if !for_people && !state.has(Breach::OauthNoCors) {
        reply.headers.push((ACCESS_CONTROL_ALLOW_ORIGIN, "*".to_owned()));
    }
    Some(reply.into_response())
}

impl Call<'_> {
    fn base(&self) -> String {
        format!("{}{BASE_PATH}", self.origin)
    }

    fn issuer(&self) -> String {
        self.office.endpoints(self.origin).issuer
    }

    /// The first value of a parameter in the URL.
    fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The fields of the body: a form, or in the other dialect a JSON object.
    fn fields(&self) -> Option<Vec<Pair>> {
        let label = self.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = label.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match (self.office.dialect, essence.as_str()) {
            (_, "application/x-www-form-urlencoded") if self.office.dialect == Dialect::Smart => Some(super::server::pairs(self.body)),
            (Dialect::Utah, "application/json") => {
                let value: Value = serde_json::from_slice(self.body).ok()?;
                Some(value.as_object()?.iter().filter_map(|(name, value)| Some((name.to_string(), value.as_str()?.to_owned()))).collect())
            }
            _ => None,
        }
    }
}

/// The sign-in page of the payer's portal, for whoever comes without an app.
pub fn portal() -> Response<Body> {
    Reply::page(StatusCode::OK, page::sign_in("", None)).into_response()
}

/// The value of a field.
fn field<'a>(fields: &'a [Pair], name: &str) -> Option<&'a str> {
    fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// Seconds since 1970.
fn now() -> i64 {
    time::OffsetDateTime::now_utc().unix_timestamp()
}
