//! The front half of the code flow: the authorization request, and what the browser comes back with (RFC 6749 section 4.1).

use url::Url;

use super::super::secret::Secret;
use super::error::{SignInError, plain, refusal};
use super::pkce;
use super::session::Session;

/// One authorization request. Its secrets are needed again when the code is redeemed.
#[derive(Clone, Debug)]
pub(super) struct Authorization {
    /// The address for the browser.
    pub url: Url,
    /// The `redirect_uri` as sent.
    pub redirect_uri: Url,
    /// The `code_verifier`.
    pub verifier: Option<Secret>,
    /// The `nonce`.
    pub nonce: Option<Secret>,
    state: Option<Secret>,
}

/// What is asked for differently than configured, to see it refused.
#[derive(Clone, Debug, Default)]
pub(super) struct Unlike {
    pub redirect_uri: Option<Url>,
    pub audience: Option<String>,
    pub scopes: Option<Vec<String>>,
}

/// What the browser came back with.
#[derive(Debug)]
pub(super) struct Returned {
    /// The code.
    pub code: Secret,
    /// Whether `state` is the one that was sent; `None` when none was sent.
    pub state: Option<bool>,
    /// Which authorization server says it was (RFC 9207).
    pub issuer: Option<String>,
    /// The other parameters, for the record.
    pub parameters: Vec<(String, String)>,
}

impl Session {
    /// A new authorization request. The redirect URI is the configured one, with the listener's port if there is a listener.
    pub(super) fn authorization(&self, endpoint: &Url, redirect_uri: &Url, unlike: &Unlike) -> Result<Authorization, SignInError> {
        let auth = &self.auth;
        let redirect_uri = unlike.redirect_uri.clone().unwrap_or_else(|| redirect_uri.clone());
        let state = auth.dialect.state.then(pkce::word).transpose()?;
        let verifier = auth.dialect.pkce.then(pkce::word).transpose()?;
        let scopes = unlike.scopes.as_ref().unwrap_or(&auth.scopes);
        let asks = |wanted: &str| auth.dialect.smart && scopes.iter().any(|scope| scope == wanted);
        let nonce = asks("openid").then(pkce::word).transpose()?;
        let mut url = endpoint.clone();
        {
            let mut pairs = url.query_pairs_mut();
            pairs.append_pair("response_type", "code").append_pair("client_id", &auth.client_id);
            pairs.append_pair("redirect_uri", redirect_uri.as_str());
            if auth.dialect.smart {
                pairs
                    .append_pair("scope", &scopes.join(" "))
                    .append_pair("aud", unlike.audience.as_deref().unwrap_or_else(|| self.audience()));
            }
            // Without it a server of OpenID Connect gives no offline access (OpenID Connect Core section 11).
            if asks("openid") && asks("offline_access") {
                pairs.append_pair("prompt", "consent");
            }
            if let Some(state) = &state {
                pairs.append_pair("state", state.expose());
            }
            if let Some(nonce) = &nonce {
                pairs.append_pair("nonce", nonce.expose());
            }
            if let Some(verifier) = &verifier {
                pairs.append_pair("code_challenge", &pkce::challenge(verifier)).append_pair("code_challenge_method", "S256");
            }
        }
        Ok(Authorization { url, redirect_uri, verifier, nonce, state })
    }
}

impl Authorization {
    /// Whether an address is the redirect URI, its query aside.
    pub fn is_redirect(&self, url: &Url) -> bool {
        let own = &self.redirect_uri;
        own.scheme() == url.scheme()
            && own.host() == url.host()
            && own.port_or_known_default() == url.port_or_known_default()
            && own.path() == url.path()
    }

    /// Reads what the browser came back with. A wrong `state` is told, not refused: only a script may go on with it.
    ///
    /// # Errors
    /// When the server refused, or there is no code.
    pub fn returned(&self, url: &Url) -> Result<Returned, SignInError> {
        let value = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        if let Some(error) = value("error") {
            let said = refusal(&error, value("error_description").as_deref());
            return Err(SignInError::Refused { at: "the authorization endpoint", said });
        }
        let code = value("code").filter(|code| !code.is_empty());
        let code = code.ok_or_else(|| SignInError::Redirect { what: "has neither a code nor an error".to_owned() })?;
        let state = self.state.as_ref().map(|sent| value("state").is_some_and(|state| state == sent.expose()));
        let parameters = url.query_pairs().map(|(name, value)| match name.as_ref() {
            "iss" => (name.into_owned(), plain(&value)),
            _ => (plain(&name), "***".to_owned()),
        });
        Ok(Returned { code: Secret::new(code), state, issuer: value("iss"), parameters: parameters.collect() })
    }

    /// The parameters as they may be shown.
    pub fn shown(&self) -> Vec<(String, String)> {
        let secret = ["state", "nonce", "code_challenge"];
        let shown = |(name, value): (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)| {
            let value = if secret.contains(&name.as_ref()) { "***".to_owned() } else { value.into_owned() };
            (name.into_owned(), value)
        };
        self.url.query_pairs().map(shown).collect()
    }
}
