//! What the authorization server says of itself (SMART App Launch: conformance; OpenID Connect Discovery).

use axum::http::StatusCode;

use super::super::fault::Breach;
use super::Call;
use super::reply::Reply;
use crate::fhir::json::{Value, json};

/// Scopes that may be asked for.
const SCOPES: [&str; 11] = [
    "openid",
    "fhirUser",
    "launch/patient",
    "offline_access",
    "online_access",
    "patient/*.rs",
    "patient/*.read",
    "user/*.rs",
    "user/*.read",
    "system/*.rs",
    "system/*.read",
];
/// How clients show who they are.
const CLIENT_AUTHENTICATION: [&str; 3] = ["client_secret_basic", "client_secret_post", "private_key_jwt"];

impl Call<'_> {
    /// `/.well-known/smart-configuration`.
    pub fn configuration(&self) -> Reply {
        let mut document = self.endpoints();
        let mut more = json!({
            "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
            "code_challenge_methods_supported": ["S256"],
            "capabilities": [
                "launch-standalone", "client-public", "client-confidential-symmetric", "client-confidential-asymmetric", "sso-openid-connect",
                "context-standalone-patient", "permission-offline", "permission-online", "permission-patient", "permission-user", "permission-v1", "permission-v2",
            ],
        });
        if self.office.foreign.is_none() {
            more["revocation_endpoint"] = json!(format!("{}/auth/revoke", self.origin));
        }
        if self.state.has(Breach::OauthConfigurationFewCapabilities)
            && let Some(capabilities) = more["capabilities"].as_array_mut()
        {
            capabilities.retain(|word| word != "sso-openid-connect");
        }
        if self.state.has(Breach::OauthConfigurationPlain) {
            more["code_challenge_methods_supported"] = json!(["S256", "plain"]);
        }
        if let (Some(document), Some(more)) = (document.as_object_mut(), more.as_object_mut()) {
            document.extend(std::mem::take(more));
            if self.state.has(Breach::OauthConfigurationFewScopes) {
                document.insert(
                    "scopes_supported".to_owned(),
                    json!(["openid", "fhirUser", "launch/patient", "offline_access", "patient/*.rs"]),
                );
            }
            if self.state.has(Breach::OauthConfigurationWrongTypes) {
                document.insert("response_types_supported".to_owned(), json!("code"));
            }
            if self.state.has(Breach::OauthConfigurationNoCapabilities) {
                document.swap_remove("capabilities");
            }
        }
        if self.state.has(Breach::OauthConfigurationGuarded) && !self.headers.contains_key("authorization") {
            return Reply::refusal(StatusCode::UNAUTHORIZED, "invalid_request", "this needs a token");
        }
        Reply::json(&document)
    }

    /// `/.well-known/openid-configuration`.
    pub fn openid_configuration(&self) -> Reply {
        let mut document = self.endpoints();
        document["subject_types_supported"] = json!(["public"]);
        document["id_token_signing_alg_values_supported"] = json!(["RS256"]);
        Reply::json(&document)
    }

    fn endpoints(&self) -> Value {
        let endpoints = self.office.endpoints(self.origin);
        json!({
            "issuer": endpoints.issuer,
            "jwks_uri": endpoints.jwks,
            "authorization_endpoint": endpoints.authorization,
            "token_endpoint": endpoints.token,
            "introspection_endpoint": endpoints.introspection,
            "token_endpoint_auth_methods_supported": CLIENT_AUTHENTICATION,
            "token_endpoint_auth_signing_alg_values_supported": ["ES384", "RS384"],
            "scopes_supported": SCOPES,
            "response_types_supported": ["code"],
        })
    }
}
