//! The token endpoint, asked: a request with the client's proof, and what of the answer may be shown.

use std::sync::Arc;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
// A tree of serde_json: what lies in its texts can be overwritten.
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use url::Url;
use zeroize::{Zeroize, Zeroizing};

use super::super::read::{self, Received, Room, Wire};
use super::super::redact::Redactor;
use super::super::secret::Secret;
use super::config::ClientProof;
use super::credentials::sensitive;
use super::error::{SignInError, refusal};
use super::manners::{Answered, Trail};
use super::pkce;
use super::session::Session;
use crate::check::exchange::{Body, Exchange, Identity, Method, Payload, Request, Response};
use crate::check::said::said;
use crate::fhir::document::Document;

/// What stands in place of a secret.
const MASK: &str = "***";
/// The client that a wrong one says it is.
const NO_CLIENT: &str = "payerspec-no-such-client";
/// What a JWT client assertion says that it is (RFC 7523 section 2.2).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Fields of requests whose values are no secrets.
const PLAIN: [&str; 7] = ["grant_type", "redirect_uri", "redirect_url", "scope", "client_id", "client_assertion_type", "token_type_hint"];
/// Fields of answers that are secrets.
const SECRET: [&str; 5] = ["access_token", "refresh_token", "id_token", "code", "client_secret"];

/// Names and values of a request.
pub(super) type Fields = Vec<(&'static str, Secret)>;

/// How the client shows itself in one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Showing {
    /// As it is registered.
    Itself,
    /// As a client that is not registered.
    Unknown,
    /// As itself with a wrong secret or signature.
    Wrongly,
}

/// An answer of the token endpoint.
#[derive(Debug)]
pub(super) struct Answer {
    /// As it may be shown.
    pub exchange: Arc<Exchange>,
    /// The document as it came.
    document: Raw,
}

/// A JSON object whose texts are overwritten when it is dropped.
#[derive(Debug, Default)]
struct Raw(Map<String, Value>);

/// What a token response holds.
#[derive(Clone, Debug)]
pub(super) struct Tokens {
    pub access: Secret,
    pub refresh: Option<Secret>,
    pub id_token: Option<Secret>,
    /// Seconds.
    pub expires_in: Option<u64>,
    pub patient: Option<String>,
    pub scope: Option<String>,
}

impl Answered for Received {
    fn head(&self) -> (u16, &HeaderMap) {
        (self.response.status, &self.headers)
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        for (_, value) in &mut self.0 {
            if let Value::String(text) = value {
                text.zeroize();
            }
        }
    }
}

impl Answer {
    /// A field of the document.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.document.0.get(name).and_then(Value::as_str)
    }

    /// A field as it may be shown.
    fn shown(&self, name: &str) -> Option<&str> {
        self.exchange.resource()?.get(name)?.as_str()
    }

    /// The tokens.
    ///
    /// # Errors
    /// When the server refused, or the response cannot be used.
    pub fn tokens(&self) -> Result<Tokens, SignInError> {
        let status = match &self.exchange.result {
            Ok(response) => response.status,
            Err(source) => return Err(SignInError::Send { what: "the token endpoint gave no answer", source: source.clone() }),
        };
        let secret = |name: &str| self.text(name).filter(|text| !text.is_empty()).map(Secret::new);
        let Some(access) = secret("access_token").filter(|_| status == 200) else {
            let said = match self.shown("error") {
                Some(error) => said!("status {}, {}", status, refusal(error, self.shown("error_description"))),
                None if status == 200 => return Err(SignInError::Token { what: "has no access_token; the server is at fault" }),
                None => said!("status {}", status),
            };
            return Err(SignInError::Refused { at: "the token endpoint", said });
        };
        // Some servers give the number as a text: the finding is told by the checks, and the run goes on.
        let seconds = |value: &Value| value.as_u64().or_else(|| value.as_str()?.parse().ok());
        Ok(Tokens {
            access,
            refresh: secret("refresh_token"),
            id_token: secret("id_token"),
            expires_in: self.document.0.get("expires_in").and_then(seconds),
            patient: self.text("patient").filter(|id| !id.is_empty()).map(str::to_owned),
            scope: self.text("scope").map(str::to_owned),
        })
    }
}

impl Session {
    /// Asks the token endpoint, or one that takes the same requests, such as introspection.
    pub(super) async fn ask(&self, endpoint: &Url, fields: Fields, showing: Showing) -> Result<Answer, SignInError> {
        let mut fields = fields;
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        self.show_client(endpoint, showing, &mut fields, &mut headers)?;
        let shown: Vec<(String, String)> = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), if PLAIN.contains(name) { value.expose().to_owned() } else { MASK.to_owned() }))
            .collect();
        let (media_type, body, payload) = if self.auth.dialect.json_token_request {
            let object = |pairs: &mut dyn Iterator<Item = (String, String)>| {
                Value::Object(pairs.map(|(name, value)| (name, Value::String(value))).collect()).to_string()
            };
            let body = object(&mut fields.iter().map(|(name, value)| ((*name).to_owned(), value.expose().to_owned())));
            ("application/json", body, Payload::Json(object(&mut shown.iter().cloned())))
        } else {
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            form.extend_pairs(fields.iter().map(|(name, value)| (*name, value.expose())));
            ("application/x-www-form-urlencoded", form.finish(), Payload::Form(shown))
        };
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        let mut told = vec![("accept".to_owned(), "application/json".to_owned()), ("content-type".to_owned(), media_type.to_owned())];
        if headers.contains_key(AUTHORIZATION) {
            told.push(("authorization".to_owned(), format!("Basic {MASK}")));
        }
        let request = Request {
            method: Method::Post,
            path: endpoint.to_string(),
            query: Vec::new(),
            headers: told,
            payload: Some(payload),
            identity: Identity::Anonymous,
        };
        let wire = Wire {
            method: Method::Post,
            url: endpoint.clone(),
            headers,
            payload: Some(Bytes::from_owner(Zeroizing::new(body.into_bytes()))),
            is_secret: true,
        };
        Ok(self.exchange(request, wire).await)
    }

    /// Sends once. What comes back is shown with its secrets masked.
    async fn exchange(&self, request: Request, wire: Wire) -> Answer {
        let (started, at) = (Instant::now(), OffsetDateTime::now_utc());
        let room = Room::new(Arc::default());
        let mut trail = Trail::default();
        // A code or a refresh token that was used may be used up, whatever the answer was.
        let once = || async { read::exchange(&self.client, &wire, &self.limits, &self.redactor, &room).await.map_err(|fault| fault.error) };
        let received = self.mannerly(false, &mut trail, once).await;
        let mut document = Raw::default();
        let result = received.map(|received| {
            let Response { status, headers, bytes, .. } = received.response;
            if let Ok(Value::Object(fields)) = serde_json::from_slice(&bytes) {
                document.0 = fields;
            }
            self.learn(&document.0);
            let shown = masked(status, headers, &bytes, &document.0, &self.redactor);
            if let Ok(mut bytes) = bytes.try_into_mut() {
                bytes.zeroize();
            }
            shown
        });
        let exchange = Exchange {
            url: self.redactor.url(&wire.url),
            request,
            result,
            attempts: trail.attempts,
            retries: trail.retries,
            started: at.format(&Rfc3339).unwrap_or_default(),
            duration_ms: started.elapsed().as_secs_f64() * 1000.0,
        };
        Answer { exchange: Arc::new(exchange), document }
    }

    /// Looks for what an answer gives in everything that comes from here on.
    fn learn(&self, fields: &Map<String, Value>) {
        let given = ["access_token", "refresh_token"].iter().filter_map(|name| fields.get(*name)?.as_str());
        given.for_each(|secret| self.redactor.learn(&Secret::new(secret)));
    }

    fn show_client(&self, endpoint: &Url, showing: Showing, fields: &mut Fields, headers: &mut HeaderMap) -> Result<(), SignInError> {
        let id = &self.auth.client_id;
        let spoiled =
            |secret: &Secret| if showing == Showing::Wrongly { Secret::new(format!("{}x", secret.expose())) } else { secret.clone() };
        match (&self.auth.proof, showing) {
            (_, Showing::Unknown) => fields.push(("client_id", Secret::new(NO_CLIENT))),
            (ClientProof::None, _) => fields.push(("client_id", Secret::new(id))),
            (ClientProof::Post(secret), _) => fields.extend([("client_id", Secret::new(id)), ("client_secret", spoiled(secret))]),
            (ClientProof::Basic(secret), _) => {
                let secret = spoiled(secret);
                // RFC 6749 section 2.3.1 has both parts form-encoded first; a page that documents its own way does not say so.
                let part = |text: &str| match self.auth.dialect.smart {
                    true => url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>(),
                    false => text.to_owned(),
                };
                let pair = Zeroizing::new(format!("{}:{}", part(id), part(secret.expose())));
                let unfit = || SignInError::Client("the client's id and secret fit in no header".to_owned());
                headers.insert(AUTHORIZATION, sensitive(format!("Basic {}", STANDARD.encode(pair.as_bytes()))).ok_or_else(unfit)?);
            }
            (ClientProof::Key(key), _) => {
                let now = OffsetDateTime::now_utc().unix_timestamp();
                let assertion = key.assertion(id, endpoint.as_str(), &pkce::word()?, now)?;
                let assertion = if showing == Showing::Wrongly { tampered(&assertion) } else { assertion };
                fields.extend([("client_assertion_type", Secret::new(ASSERTION_TYPE)), ("client_assertion", assertion)]);
            }
        }
        Ok(())
    }
}

/// A JWT whose signature is another one.
fn tampered(token: &Secret) -> Secret {
    let (message, signature) = token.expose().rsplit_once('.').unwrap_or_default();
    let first = if signature.starts_with('A') { "B" } else { "A" };
    Secret::new(format!("{message}.{first}{}", signature.get(1..).unwrap_or_default()))
}

/// A response with its secrets masked. One that is no JSON object is not kept, since it may hold anything.
fn masked(status: u16, headers: Vec<(String, String)>, bytes: &Bytes, fields: &Map<String, Value>, redactor: &Redactor) -> Response {
    if fields.is_empty() {
        let body = if bytes.is_empty() { Body::Empty } else { Body::Unreadable("no JSON object".to_owned()) };
        return Response { status, headers, bytes: Bytes::new(), packed: None, body };
    }
    let mut shown = fields.clone();
    for (name, value) in &mut shown {
        if SECRET.contains(&name.as_str()) && value.as_str().is_some_and(|text| !text.is_empty()) {
            *value = Value::String(MASK.to_owned());
        }
    }
    // What a server sends back in other words is masked as well.
    let text = redactor.plain(&Value::Object(shown).to_string());
    let shown: crate::fhir::json::Value = serde_json::from_str(&text).unwrap_or_default();
    let bytes = Bytes::from(text);
    Response { status, headers, bytes, packed: None, body: Body::Resource(Arc::new(Document::from(shown))) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::super::config::TargetConfig;
    use super::*;

    #[test]
    fn what_is_shown_of_a_token_response_holds_no_token() {
        let document = json!({ "access_token": "s3cr3t", "refresh_token": "s3cr3t", "id_token": "s3cr3t", "expires_in": 5, "scope": "a" });
        let redactor = Redactor::new(&TargetConfig::of_base("https://a.example").unwrap());
        redactor.learn(&Secret::new("client-s3cr3t-0123456789"));
        let response = masked(200, Vec::new(), &Bytes::from_static(b"{}"), document.as_object().unwrap(), &redactor);
        assert!(!format!("{response:?}").contains("s3cr3t"));
        assert_eq!(response.resource().unwrap()["access_token"], "***");
        assert_eq!(response.resource().unwrap()["scope"], "a");
        let echo = json!({ "error": "invalid_client", "error_description": "not client-s3cr3t-0123456789" });
        let echo = masked(400, Vec::new(), &Bytes::from_static(b"{}"), echo.as_object().unwrap(), &redactor);
        assert_eq!(echo.resource().unwrap()["error_description"], "not ***");
        let page = masked(200, Vec::new(), &Bytes::from_static(b"<p>s3cr3t"), &Map::new(), &redactor);
        assert!(!format!("{page:?}").contains("s3cr3t"));
    }

    #[test]
    fn a_tampered_signature_is_another_one() {
        assert_eq!(tampered(&Secret::new("a.b.Axy")).expose(), "a.b.Bxy");
        assert_eq!(tampered(&Secret::new("a.b.xyz")).expose(), "a.b.Ayz");
    }
}
