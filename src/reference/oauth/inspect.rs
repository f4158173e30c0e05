//! Introspection (RFC 7662) and revocation (RFC 7009).

use axum::http::{Method, StatusCode};

use super::super::fault::Breach;
use super::ledger::Grant;
use super::reply::Reply;
use super::{Call, field};
use crate::fhir::json::json;

impl Call<'_> {
    /// Says what a token of the asking client is good for.
    pub fn introspect(&self) -> Reply {
        let Some(fields) = self.fields().filter(|_| self.method == Method::POST) else { return Reply::invalid_request("POST a form") };
        let Some(client) = self.client(&fields) else { return Reply::invalid_client() };
        let token = field(&fields, "token").unwrap_or_default();
        let ledger = self.office.ledger();
        let grant = ledger.access.get(token).or_else(|| ledger.refresh.get(token));
        let is_live = |expires: i64| !ledger.access.contains_key(token) || expires > self.now;
        let is_known =
            |grant: &&Grant| grant.client == client.id && is_live(grant.expires) && !self.state.has(Breach::AccessTokenKnownInactive);
        let Some(grant) = grant.filter(is_known) else {
            return Reply::json(&json!({ "active": self.state.has(Breach::AccessTokenUnknownActive) })).uncached();
        };
        let patient = grant.member.and_then(|place| self.state.members.get(place)).map(|member| member.patient.as_str());
        let mut answer = json!({
            "active": true, "client_id": grant.client, "scope": grant.scope.granted.join(" "), "token_type": "Bearer", "exp": grant.expires,
        });
        if let Some(patient) = patient {
            answer["patient"] = json!(patient);
            answer["sub"] = json!(patient);
        }
        Reply::json(&answer).uncached()
    }

    /// Ends a token of the asking client; an unknown one is no error (RFC 7009 section 2.2).
    pub fn revoke(&self) -> Reply {
        let Some(fields) = self.fields().filter(|_| self.method == Method::POST) else { return Reply::invalid_request("POST a form") };
        let Some(client) = self.client(&fields) else { return Reply::invalid_client() };
        let token = field(&fields, "token").unwrap_or_default();
        let mut ledger = self.office.ledger();
        if !self.state.has(Breach::AccessTokenRevokedAccepted) {
            ledger.access.retain(|held, grant| held != token || grant.client != client.id);
            ledger.refresh.retain(|held, grant| held != token || grant.client != client.id);
        }
        let mut reply = Reply::json(&json!({})).uncached();
        reply.status = StatusCode::OK;
        reply
    }
}
