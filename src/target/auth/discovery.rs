//! Where the endpoints are: what is set by hand wins over `.well-known/smart-configuration`, which wins over the CapabilityStatement's
//! `oauth-uris`.

use url::Url;

use super::super::config::TargetConfig;
use super::config::AuthConfig;
use super::error::{SignInError, plain};
use crate::check::said::{self, Said, said};
use crate::check::sign_in::StatedEndpoint;
use crate::fhir::json::Value;

/// The extension of `rest.security` that names the endpoints (SMART App Launch 1.0 and 2.0: conformance).
const OAUTH_URIS: &str = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris";

/// The endpoints that a sign-in needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Endpoints {
    pub authorize: Option<Url>,
    pub token: Option<Url>,
    pub introspection: Option<Url>,
    pub revocation: Option<Url>,
    pub jwks: Option<Url>,
    pub issuer: Option<String>,
    /// Why an endpoint that was stated is not here.
    pub refused: Vec<Said>,
}

impl Endpoints {
    /// Chooses each endpoint by precedence. What discovery names on an origin that is not trusted is left out and said.
    pub fn choose(target: &TargetConfig, auth: &AuthConfig, smart: Option<&Value>, statement: Option<&Value>) -> Self {
        let mut refused = Vec::new();
        let mut found = |by_hand: &Option<Url>, name: &str, extension: &str| {
            if by_hand.is_some() {
                return by_hand.clone();
            }
            let stated = of_configuration(smart, name).or_else(|| of_statement(statement, extension))?;
            let url = Url::parse(&stated).ok()?;
            if auth.trusts(&target.base, &url) {
                return Some(url);
            }
            refused.push(said!(
                "{} is stated as {}, on an origin that is neither the base's nor in `allow-origins`",
                said::code(name),
                said::url(plain(&stated))
            ));
            None
        };
        Self {
            authorize: found(&target.authorize, "authorization_endpoint", "authorize"),
            token: found(&target.token_endpoint, "token_endpoint", "token"),
            introspection: found(&auth.introspection, "introspection_endpoint", "introspect"),
            revocation: found(&auth.revocation, "revocation_endpoint", "revoke"),
            jwks: found(&auth.jwks, "jwks_uri", ""),
            issuer: auth.issuer.clone().or_else(|| of_configuration(smart, "issuer")),
            refused,
        }
    }

    /// The token endpoint.
    pub fn token(&self) -> Result<&Url, SignInError> {
        self.token.as_ref().ok_or_else(|| self.missing("token", "token-url"))
    }

    /// The authorization endpoint.
    pub fn authorize(&self) -> Result<&Url, SignInError> {
        self.authorize.as_ref().ok_or_else(|| self.missing("authorization", "authorize-url"))
    }

    fn missing(&self, name: &'static str, setting: &'static str) -> SignInError {
        let looked = if self.refused.is_empty() {
            "neither .well-known/smart-configuration nor the CapabilityStatement names one".into()
        } else {
            Said::joined(self.refused.iter().cloned(), "; ")
        };
        SignInError::NoEndpoint { name, looked, setting }
    }
}

/// What both places state, for comparison.
pub(in crate::target) fn stated(smart: Option<&Value>, statement: Option<&Value>) -> Vec<StatedEndpoint> {
    let endpoint = |name, field, extension| StatedEndpoint {
        name,
        configuration: of_configuration(smart, field),
        statement: of_statement(statement, extension),
    };
    vec![endpoint("authorize", "authorization_endpoint", "authorize"), endpoint("token", "token_endpoint", "token")]
}

fn of_configuration(smart: Option<&Value>, name: &str) -> Option<String> {
    smart?.get(name)?.as_str().map(str::to_owned)
}

fn of_statement(statement: Option<&Value>, name: &str) -> Option<String> {
    let items = |value: &Value, name: &str| value.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let is = |extension: &Value, url: &str| extension.get("url").and_then(Value::as_str) == Some(url);
    items(statement?, "rest")
        .iter()
        .filter_map(|rest| rest.get("security"))
        .flat_map(|security| items(security, "extension"))
        .filter(|extension| is(extension, OAUTH_URIS))
        .flat_map(|extension| items(&extension, "extension"))
        .find(|extension| is(extension, name))
        .and_then(|extension| extension.get("valueUri")?.as_str().map(str::to_owned))
}

#[cfg(test)]
mod tests {

    use super::super::options::AuthOptions;
    use super::*;
    use crate::fhir::json::json;

    fn statement(token: &str) -> Value {
        let uris = json!([{ "url": "authorize", "valueUri": "https://a.example/statement" }, { "url": "token", "valueUri": token }]);
        json!({ "rest": [{ "security": { "extension": [{ "url": OAUTH_URIS, "extension": uris }] } }] })
    }

    fn chosen(by_hand: Option<&str>, smart: Option<&Value>, statement: Option<&Value>) -> Endpoints {
        let mut target = TargetConfig::of_base("https://a.example/fhir").unwrap();
        target.token_endpoint = by_hand.map(|url| Url::parse(url).unwrap());
        let auth = AuthConfig::new(AuthOptions { client_id: Some("app".to_owned()), ..AuthOptions::default() }).unwrap();
        Endpoints::choose(&target, &auth, smart, statement)
    }

    #[test]
    fn by_hand_wins_over_the_configuration_and_it_over_the_statement() {
        let smart = json!({ "token_endpoint": "https://a.example/smart" });
        let statement = statement("https://a.example/statement");
        let token = |by_hand, smart, statement| chosen(by_hand, smart, statement).token.map(|url| url.path().to_owned());
        assert_eq!(token(Some("https://login.example/hand"), Some(&smart), Some(&statement)).as_deref(), Some("/hand"));
        assert_eq!(token(None, Some(&smart), Some(&statement)).as_deref(), Some("/smart"));
        assert_eq!(token(None, None, Some(&statement)).as_deref(), Some("/statement"));
        assert_eq!(token(None, None, None), None);
    }

    #[test]
    fn another_origin_is_not_followed_unless_named() {
        let smart = json!({ "token_endpoint": "https://evil.example/token" });
        let error = chosen(None, Some(&smart), None).token().unwrap_err().to_string();
        assert!(error.contains("https://evil.example/token") && error.contains("allow-origins"), "{error}");
    }
}
