//! The registered clients, and how each shows who it is (RFC 6749 section 2.3, SMART App Launch: client authentication).

use axum::http::header;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use serde::Serialize;
use url::{Host, Url};

use super::super::search::query::Pair;
use super::{Call, Dialect, field, jose};
use crate::fhir::json::Value;

/// What a JWT client assertion says that it is.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Seconds into the future that an assertion may last (SMART App Launch: no more than five minutes).
const ASSERTION_SECONDS: i64 = 300;
/// Seconds by which clocks may differ.
const CLOCK_SECONDS: i64 = 30;

/// How a client shows who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// It cannot: PKCE binds its code.
    Public,
    /// By a secret, with Basic or in the body.
    Secret(String),
    /// By a JWT that one of its keys signed.
    Keys(Vec<Value>),
}

/// A registered client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its `client_id`.
    pub id: String,
    /// How it shows who it is.
    pub proof: Proof,
    /// Whether it acts for itself, by client credentials, and not for members.
    pub is_backend: bool,
}

/// What a client needs to know of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ClientAccess {
    /// Its `client_id`.
    pub client_id: String,
    /// Its secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// Its private key, PKCS #8 in PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_key: Option<String>,
    /// The key's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_id: Option<String>,
}

/// The clients of a dialect with what each needs to know. `keys` are public keys, in JWK form, of the clients that sign.
pub fn registered(dialect: Dialect, secret: String, keys: &[Value]) -> (Vec<Client>, Vec<ClientAccess>) {
    let client = |id: &str, proof, is_backend| Client { id: id.to_owned(), proof, is_backend };
    if dialect == Dialect::Utah {
        let access = ClientAccess { client_id: "utah-app".to_owned(), client_secret: Some(secret.clone()), ..ClientAccess::default() };
        return (vec![client("utah-app", Proof::Secret(secret), false)], vec![access]);
    }
    let own = jose::fresh_key();
    let mut known = keys.to_vec();
    known.extend(own.as_ref().map(|own| own.public.clone()));
    let access = |id: &str| ClientAccess { client_id: id.to_owned(), ..ClientAccess::default() };
    let signing = |id: &str| ClientAccess {
        private_key: own.as_ref().map(|own| own.pem.clone()),
        key_id: own.as_ref().map(|own| own.id.clone()),
        ..access(id)
    };
    let clients = vec![
        client("public-app", Proof::Public, false),
        client("confidential-app", Proof::Secret(secret.clone()), false),
        client("asymmetric-app", Proof::Keys(known.clone()), false),
        client("backend-service", Proof::Keys(known), true),
    ];
    let told = vec![
        access("public-app"),
        ClientAccess { client_secret: Some(secret), ..access("confidential-app") },
        signing("asymmetric-app"),
        signing("backend-service"),
    ];
    (clients, told)
}

impl Client {
    /// Whether members are sent back here: a loopback address with any port, path `/callback` (RFC 8252 section 7.3).
    pub fn may_return_to(&self, redirect_uri: &str) -> bool {
        let Ok(url) = Url::parse(redirect_uri) else { return false };
        let is_loopback = match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            _ => false,
        };
        url.scheme() == "http" && is_loopback && url.path() == "/callback" && url.query().is_none() && url.fragment().is_none()
    }

    /// Whether it acts for members.
    pub fn signs_in_members(&self) -> bool {
        !self.is_backend
    }
}

impl Call<'_> {
    /// The client that sends these fields, if it shows who it is.
    pub fn client(&self, fields: &[Pair]) -> Option<&Client> {
        let basic = self.basic();
        let assertion = field(fields, "client_assertion");
        let id = match (&basic, assertion) {
            (Some((id, _)), _) => id.clone(),
            (None, Some(assertion)) => jose::claims(assertion)?.get("sub")?.as_str()?.to_owned(),
            (None, None) => field(fields, "client_id")?.to_owned(),
        };
        if field(fields, "client_id").is_some_and(|named| named != id) {
            return None;
        }
        let client = self.office.clients.iter().find(|client| client.id == id)?;
        let shown = match &client.proof {
            Proof::Public => basic.is_none() && assertion.is_none(),
            Proof::Secret(secret) => {
                let given = basic.map(|(_, given)| given);
                // The documented flow of the other dialect knows Basic only.
                let posted = field(fields, "client_secret").filter(|_| self.office.dialect == Dialect::Smart);
                self.state.has(super::super::fault::Breach::OauthWrongSecretAccepted)
                    || given.as_deref().or(posted).is_some_and(|given| same(given, secret))
            }
            Proof::Keys(keys) => {
                field(fields, "client_assertion_type") == Some(ASSERTION_TYPE)
                    && assertion.is_some_and(|assertion| self.is_proven(client, keys, assertion))
            }
        };
        shown.then_some(client)
    }

    fn basic(&self) -> Option<(String, String)> {
        let value = self.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let (scheme, encoded) = value.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
        let (id, secret) = text.split_once(':')?;
        Some((decoded(id)?, decoded(secret)?))
    }

    fn is_proven(&self, client: &Client, keys: &[Value], assertion: &str) -> bool {
        let Some(claims) = jose::verified(assertion, keys) else { return false };
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let expires = claims.get("exp").and_then(Value::as_i64).unwrap_or_default();
        let endpoint = format!("{}{}", self.origin, self.office.token_path());
        text("iss") == Some(&client.id)
            && text("sub") == Some(&client.id)
            && text("aud") == Some(&endpoint)
            && expires > self.now - CLOCK_SECONDS
            && expires <= self.now + ASSERTION_SECONDS + CLOCK_SECONDS
            && text("jti").is_some_and(|jti| !jti.is_empty() && self.office.ledger().is_new_assertion(&client.id, jti))
    }
}

/// The parts of Basic are form-encoded first (RFC 6749 section 2.3.1).
fn decoded(text: &str) -> Option<String> {
    Some(percent_decode_str(&text.replace('+', " ")).decode_utf8().ok()?.into_owned())
}

/// Compares without telling by the time taken where the texts differ.
fn same(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.bytes().zip(other.bytes()).fold(0, |found, (one, other)| found | (one ^ other)) == 0
}
