//! The token endpoint (RFC 6749 sections 4.1.3, 4.4 and 6; RFC 7636 section 4.6; SMART App Launch: obtain access token).

use axum::http::{Method, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};

use super::super::fault::Breach;
use super::super::search::query::Pair;
use super::ledger::{Code, Grant, word};
use super::reply::Reply;
use super::scope::Scope;
use super::{Call, Client, Dialect, field, jose};
use crate::fhir::json::{Value, json};

impl Call<'_> {
    /// Gives a token for a code, a refresh token, or a client's own word.
    pub fn token(&self) -> Reply {
        let mut reply = self.grant().unwrap_or_else(|refusal| refusal);
        if self.state.has(Breach::AccessTokenErrorAs200) {
            reply.status = StatusCode::OK;
        }
        if self.state.has(Breach::AccessTokenNoStoreMissing) {
            reply.headers.retain(|(name, _)| name != header::CACHE_CONTROL);
        }
        reply
    }

    fn grant(&self) -> Result<Reply, Reply> {
        if self.method != Method::POST {
            return Err(Reply::invalid_request("the token endpoint takes POST"));
        }
        let expected = match self.office.dialect {
            Dialect::Smart => "the body is application/x-www-form-urlencoded",
            Dialect::Utah => "the body is application/json",
        };
        let fields = self.fields().ok_or_else(|| Reply::invalid_request(expected))?;
        let client = self.client(&fields);
        match field(&fields, "grant_type") {
            Some("authorization_code") => self.redeem(client, &fields),
            Some("refresh_token") => self.refresh(client.ok_or_else(Reply::invalid_client)?, &fields),
            Some("client_credentials") => self.for_itself(client.ok_or_else(Reply::invalid_client)?, &fields),
            Some(_) => Err(Reply::refusal(StatusCode::BAD_REQUEST, "unsupported_grant_type", "this grant_type is not offered")),
            None => Err(Reply::invalid_request("grant_type is missing")),
        }
    }

    fn redeem(&self, client: Option<&Client>, fields: &[Pair]) -> Result<Reply, Reply> {
        let given = field(fields, "code").filter(|given| !given.is_empty()).ok_or_else(|| Reply::invalid_request("code is missing"))?;
        let mut ledger = self.office.ledger();
        let code = ledger.codes.get(given).cloned();
        let issued_to = |code: &Code| self.office.clients.iter().find(|client| client.id == code.asked.client);
        let client = match &code {
            Some(code) if self.state.has(Breach::OauthWrongClientAccepted) => issued_to(code),
            _ => client,
        };
        let client = client.ok_or_else(Reply::invalid_client)?;
        let code = code.filter(|code| code.asked.client == client.id).ok_or_else(|| Reply::invalid_grant("the code is not known"))?;
        if code.used && !self.state.has(Breach::OauthCodeReusable) {
            ledger.take_back(given);
            return Err(Reply::invalid_grant("the code was used before"));
        }
        let redirect_name = if self.office.dialect == Dialect::Utah { "redirect_url" } else { "redirect_uri" };
        if field(fields, redirect_name) != Some(&code.asked.redirect_uri) && !self.state.has(Breach::OauthWrongRedirectAccepted) {
            return Err(Reply::invalid_grant("the redirect URI is another one than that of the authorization request"));
        }
        if !self.is_verified(&code, fields) && !self.state.has(Breach::OauthPkceNotChecked) {
            return Err(Reply::invalid_grant("code_verifier does not fit code_challenge"));
        }
        if let Some(known) = ledger.codes.get_mut(given) {
            known.used = true;
        }
        drop(ledger);
        let grant = Grant {
            client: client.id.clone(),
            member: Some(code.member),
            scope: code.asked.scope,
            nonce: code.asked.nonce,
            code: Some(given.to_owned()),
            expires: 0,
        };
        Ok(self.issue(grant, None))
    }

    /// Whether the verifier fits; without a challenge nothing has to.
    fn is_verified(&self, code: &Code, fields: &[Pair]) -> bool {
        let Some(challenge) = &code.asked.challenge else { return true };
        field(fields, "code_verifier").is_some_and(|verifier| URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes())) == *challenge)
    }

    fn refresh(&self, client: &Client, fields: &[Pair]) -> Result<Reply, Reply> {
        let given = field(fields, "refresh_token").filter(|given| !given.is_empty());
        let given = given.ok_or_else(|| Reply::invalid_request("refresh_token is missing"))?;
        let mut ledger = self.office.ledger();
        let is_good = |grant: &&Grant| grant.client == client.id && !self.state.has(Breach::AccessTokenRefreshRefused);
        let grant = ledger.refresh.get(given).filter(is_good).cloned();
        let mut grant = grant.ok_or_else(|| Reply::invalid_grant("the refresh token is not known"))?;
        if self.state.has(Breach::AccessTokenRefreshOtherMember) {
            let members = self.state.members.len().max(1);
            grant.member = grant.member.map(|member| (member + 1) % members);
        }
        if self.state.has(Breach::AccessTokenRefreshNotRotated) {
            drop(ledger);
            return Ok(self.issue(grant, Some(given)));
        }
        if !self.state.has(Breach::AccessTokenRefreshReusable) {
            ledger.refresh.remove(given);
        }
        drop(ledger);
        if let Some(scope) = field(fields, "scope") {
            let narrowed = Scope::of(scope, "patient");
            if !narrowed.granted.iter().all(|word| grant.scope.has(word)) {
                return Err(Reply::refusal(StatusCode::BAD_REQUEST, "invalid_scope", "a refresh cannot widen the scope"));
            }
            grant.scope = narrowed;
        }
        Ok(self.issue(grant, None))
    }

    fn for_itself(&self, client: &Client, fields: &[Pair]) -> Result<Reply, Reply> {
        if !client.is_backend {
            return Err(Reply::refusal(StatusCode::BAD_REQUEST, "unauthorized_client", "this client acts for members"));
        }
        let scope = Scope::of(field(fields, "scope").unwrap_or_default(), "system");
        if scope.granted.is_empty() {
            return Err(Reply::refusal(StatusCode::BAD_REQUEST, "invalid_scope", "none of the scopes can be granted: ask for system/*.rs"));
        }
        Ok(self.issue(Grant { client: client.id.clone(), member: None, scope, nonce: None, code: None, expires: 0 }, None))
    }

    /// Issues an access token, and a refresh token when access is to last; `kept` is one that stays.
    fn issue(&self, mut grant: Grant, kept: Option<&str>) -> Reply {
        grant.expires = self.now + self.office.lifetime;
        let mut ledger = self.office.ledger();
        let lasting = self.office.dialect == Dialect::Utah || grant.scope.has("offline_access") || grant.scope.has("online_access");
        let refresh = lasting.then(|| kept.map_or_else(word, str::to_owned));
        if let Some(refresh) = &refresh {
            ledger.refresh.insert(refresh.clone(), grant.clone());
        }
        let token = ledger.issue(grant.clone(), self.now);
        drop(ledger);
        let mut answer = json!({ "access_token": token, "token_type": "Bearer", "expires_in": self.office.lifetime });
        if let Some(refresh) = refresh {
            answer["refresh_token"] = json!(refresh);
        }
        if self.office.dialect == Dialect::Smart {
            answer["scope"] = json!(grant.scope.granted.join(" "));
            self.add_context(&grant, &mut answer);
        }
        if let Some(fields) = answer.as_object_mut() {
            if self.state.has(Breach::AccessTokenNoExpiresIn) {
                fields.swap_remove("expires_in");
            }
            if self.state.has(Breach::AccessTokenTypeMissing) {
                fields.swap_remove("token_type");
            }
            if self.state.has(Breach::AccessTokenNoScope) {
                fields.swap_remove("scope");
            }
        }
        Reply::json(&answer).uncached()
    }

    /// The launch context and the id_token.
    fn add_context(&self, grant: &Grant, answer: &mut Value) {
        let Some(member) = grant.member.and_then(|place| self.state.members.get(place)) else { return };
        if grant.scope.has("launch/patient") && !self.state.has(Breach::AccessTokenNoPatient) {
            answer["patient"] = json!(member.patient);
        }
        if grant.scope.has("openid") {
            answer["id_token"] = json!(self.id_token(grant, &member.patient));
        }
    }

    /// The id_token (OpenID Connect Core section 2).
    fn id_token(&self, grant: &Grant, patient: &str) -> String {
        let mut claims = json!({
            "iss": self.issuer(), "sub": patient, "aud": grant.client, "iat": self.now, "exp": self.now + self.office.lifetime,
        });
        if grant.scope.has("fhirUser") {
            claims["fhirUser"] = json!(format!("{}/Patient/{patient}", self.base()));
        }
        if let Some(nonce) = &grant.nonce {
            claims["nonce"] = if self.state.has(Breach::AccessTokenWrongNonce) { json!("another") } else { json!(nonce) };
        }
        if self.state.has(Breach::AccessTokenWrongAudience) {
            claims["aud"] = json!("another-app");
        }
        if self.state.has(Breach::AccessTokenIdTokenUnsigned) {
            return format!("{}.{}.", jose::encoded(&json!({ "alg": "none" })), jose::encoded(&claims));
        }
        self.office.key.sign(&claims)
    }
}
