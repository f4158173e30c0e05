//! An authorization server that is not the payer's own: its endpoints are published, and it is asked what a token is good for (RFC 7662).

use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, RequestBuilder};
use serde::Deserialize;
use thiserror::Error;

use super::super::state::State;
use super::ledger::Grant;
use super::{Office, Scope, now};
use crate::fhir::json::Value;

/// Seconds for which an answer about a token is believed.
const BELIEVED_SECONDS: i64 = 5;
/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The authorization server, and what the payer is registered with there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AuthorizationServer {
    /// Its issuer; `/.well-known/openid-configuration` below it names the endpoints.
    pub issuer: String,
    /// The client id by which the payer introspects.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
}

/// Why it cannot be relied on.
#[derive(Debug, Error)]
pub enum ForeignError {
    /// It does not answer, or not in JSON.
    #[error("the authorization server {issuer} does not say where its endpoints are: {source}")]
    Silent {
        /// Which one.
        issuer: String,
        /// Why.
        source: reqwest::Error,
    },
    /// Its discovery document lacks an endpoint.
    #[error("the authorization server {issuer} names no {field} in its openid-configuration")]
    Endpoint {
        /// Which one.
        issuer: String,
        /// What is missing.
        field: &'static str,
    },
}

/// Where its endpoints are.
#[derive(Clone, Debug)]
pub struct Endpoints {
    /// The issuer of id_tokens.
    pub issuer: String,
    /// The keys that sign them.
    pub jwks: String,
    /// Where members sign in.
    pub authorization: String,
    /// Where codes become tokens.
    pub token: String,
    /// Where tokens are asked about.
    pub introspection: String,
}

/// One that has been found.
#[derive(Clone, Debug)]
pub struct Foreign {
    /// Where its endpoints are.
    pub endpoints: Endpoints,
    asked: AuthorizationServer,
    client: Client,
}

impl Foreign {
    /// Reads where the endpoints are (OpenID Connect Discovery section 4).
    ///
    /// # Errors
    /// When it does not say.
    pub async fn found(asked: AuthorizationServer) -> Result<Self, ForeignError> {
        let issuer = asked.issuer.trim_end_matches('/').to_owned();
        let silent = |source| ForeignError::Silent { issuer: issuer.clone(), source };
        // Fails only when the process has a provider of TLS already, which serves as well.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).build().map_err(silent)?;
        let document = read(client.get(format!("{issuer}/.well-known/openid-configuration"))).await.map_err(silent)?;
        let endpoint = |field| {
            let text = document.get(field).and_then(Value::as_str).map(str::to_owned);
            text.ok_or_else(|| ForeignError::Endpoint { issuer: issuer.clone(), field })
        };
        let endpoints = Endpoints {
            issuer: endpoint("issuer")?,
            jwks: endpoint("jwks_uri")?,
            authorization: endpoint("authorization_endpoint")?,
            token: endpoint("token_endpoint")?,
            introspection: endpoint("introspection_endpoint")?,
        };
        Ok(Self { endpoints, asked, client })
    }

    /// What the token is good for: whom it was given for, and its scope. `None` when it is not good, or nobody says that it is.
    pub async fn introspected(&self, token: &str) -> Option<Introspected> {
        let request = self.client.post(&self.endpoints.introspection);
        let form = url::form_urlencoded::Serializer::new(String::new()).append_pair("token", token).finish();
        let request = request.basic_auth(&self.asked.client_id, Some(&self.asked.client_secret)).body(form);
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer: Introspected = crate::fhir::json::from_value(read(request).await.ok()?).ok()?;
        answer.active.then_some(answer)
    }
}

/// The answer's JSON; null when it is none.
async fn read(request: RequestBuilder) -> reqwest::Result<Value> {
    let body = request.send().await?.error_for_status()?.bytes().await?;
    Ok(serde_json::from_slice(&body).unwrap_or_default())
}

/// The answer to an introspection (RFC 7662 section 2.2), as far as it matters here.
#[derive(Clone, Debug, Deserialize)]
pub struct Introspected {
    active: bool,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    client_id: String,
    /// The member (SMART App Launch: launch context).
    patient: Option<String>,
    exp: Option<i64>,
}

impl Office {
    /// Whether the books say nothing of a token that the foreign authorization server could know.
    pub fn asks_about(&self, token: &str) -> bool {
        self.foreign.is_some() && self.ledger().access.get(token).is_none_or(|grant| grant.expires <= now())
    }

    /// Enters what the foreign authorization server said of a token. One without a member opens everything that its system scopes cover;
    /// one for a member whom this payer does not know opens nothing.
    pub fn enter(&self, state: &State, token: &str, said: &Introspected) {
        let (member, context) = match said.patient.as_deref() {
            None => (None, "system"),
            Some(patient) => (state.member_of(patient), "patient"),
        };
        if said.patient.is_some() && member.is_none() {
            return;
        }
        let believed = now() + BELIEVED_SECONDS;
        let grant = Grant {
            client: said.client_id.clone(),
            member,
            scope: Scope::of(&said.scope, context),
            nonce: None,
            code: None,
            expires: said.exp.map_or(believed, |expires| expires.min(believed)),
        };
        self.ledger().access.insert(token.to_owned(), grant);
    }
}
