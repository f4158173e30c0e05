//! How to sign in, complete and checked before anything is sent.

use std::path::Path;
use std::time::Duration;

use url::Url;

use super::super::error::TargetError;
use super::super::secret::Secret;
use super::super::{address, client, config, token};
use super::jose::SigningKey;
use super::options::{AuthOptions, FieldText, FormOptions};
use super::preset::{self, Dialect};

/// What is asked for when nothing is configured.
const SCOPES: [&str; 5] = ["launch/patient", "openid", "fhirUser", "offline_access", "patient/*.rs"];
/// What a backend service asks for.
const BACKEND_SCOPES: [&str; 1] = ["system/*.rs"];
/// The port that a scripted sign-in names: nothing listens there, since the script reads the redirect itself.
const SCRIPTED_PORT: u16 = 8765;
/// The default time for a member to sign in.
const LOGIN_SECONDS: u64 = 300;
/// A private key file larger than this is some other file.
const KEY_BYTES: u64 = 64 * 1024;

/// How a token is had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// A member signs in and allows it.
    AuthorizationCode,
    /// The client acts for itself (SMART Backend Services).
    ClientCredentials,
    /// A refresh token is there to begin with.
    RefreshToken,
}

/// How the client shows who it is.
#[derive(Clone, Debug)]
pub enum ClientProof {
    /// It cannot: a public client.
    None,
    /// `client_secret_basic`.
    Basic(Secret),
    /// `client_secret_post`.
    Post(Secret),
    /// `private_key_jwt`.
    Key(SigningKey),
}

/// One form of a scripted sign-in.
#[derive(Clone, Debug)]
pub struct FormStep {
    /// Values by field name.
    pub fields: Vec<(String, Secret)>,
    /// The button, by name, value or text.
    pub button: Option<String>,
}

/// How to sign in.
#[derive(Clone, Debug)]
pub struct AuthConfig {
    /// How a token is had.
    pub flow: Flow,
    /// The registered id.
    pub client_id: String,
    /// How the client shows who it is.
    pub proof: ClientProof,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// Where the browser comes back to; port 0 on loopback stands for any free one.
    pub redirect_uri: Url,
    /// The `aud`, when it is not the FHIR base.
    pub audience: Option<String>,
    /// The issuer of id_tokens.
    pub issuer: Option<String>,
    /// Endpoints set by hand.
    pub jwks: Option<Url>,
    /// The introspection endpoint set by hand.
    pub introspection: Option<Url>,
    /// The revocation endpoint set by hand.
    pub revocation: Option<Url>,
    /// Origins that are trusted beside the base's own.
    pub allow_origins: Vec<Url>,
    /// A refresh token to begin with.
    pub refresh_token: Option<Secret>,
    /// A token that has run out.
    pub expired_token: Option<Secret>,
    /// For a member to sign in.
    pub login_timeout: Duration,
    /// The forms of a scripted sign-in; none when a person signs in.
    pub forms: Vec<FormStep>,
    /// How the flow departs from the standards.
    pub(in crate::target) dialect: Dialect,
}

impl AuthConfig {
    /// Checks the settings and reads the secrets.
    ///
    /// # Errors
    /// When a setting is missing or makes no sense, or a secret cannot be read.
    pub fn new(options: AuthOptions) -> Result<Self, TargetError> {
        let dialect = preset::dialect(options.preset.as_deref())?;
        let flow = match options.flow.as_deref() {
            None | Some("authorization-code") => Flow::AuthorizationCode,
            Some("client-credentials") => Flow::ClientCredentials,
            Some("refresh-token") => Flow::RefreshToken,
            Some(other) => {
                let hint = "give authorization-code, client-credentials or refresh-token";
                return Err(setting("flow", format!("`{}` is no flow", other.escape_debug()), hint));
            }
        };
        let client_id = options.client_id.clone().filter(|id| !id.trim().is_empty());
        let client_id =
            client_id.ok_or_else(|| setting("client-id", "it is missing".to_owned(), "give the id of the registered app in [auth]"))?;
        let refresh_token = secret("refresh-token", options.refresh_token_file.as_deref(), options.refresh_token_env.as_deref())?;
        if flow == Flow::RefreshToken && refresh_token.is_none() {
            let hint = "give refresh-token-file or refresh-token-env";
            return Err(setting("flow", "refresh-token has nothing to begin with".to_owned(), hint));
        }
        let proof = proof(&options)?;
        if flow == Flow::ClientCredentials && matches!(proof, ClientProof::None) {
            let hint = "give key-file, or client-secret-file or client-secret-env";
            return Err(setting("flow", "client-credentials needs a client that shows who it is".to_owned(), hint));
        }
        let defaults: &[&str] = if flow == Flow::ClientCredentials { &BACKEND_SCOPES } else { &SCOPES };
        let scopes: Vec<String> =
            if options.scopes.is_empty() { defaults.iter().map(|scope| (*scope).to_owned()).collect() } else { options.scopes.clone() };
        if let Some(scope) =
            scopes.iter().find(|scope| scope.is_empty() || !scope.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e)))
        {
            let hint = "give a list of single scopes, such as [\"launch/patient\", \"patient/*.rs\"]";
            return Err(setting("scopes", format!("`{}` is no scope", scope.escape_debug()), hint));
        }
        let forms = options.form.iter().map(form).collect::<Result<Vec<_>, _>>()?;
        let url = |name: &'static str, text: &Option<String>| text.as_deref().map(|text| config::web_url(name, text)).transpose();
        Ok(Self {
            redirect_uri: redirect_uri(&options, !forms.is_empty())?,
            jwks: url("jwks-url", &options.jwks_url)?,
            introspection: url("introspection-url", &options.introspection_url)?,
            revocation: url("revocation-url", &options.revocation_url)?,
            allow_origins: options.allow_origins.iter().map(|text| config::web_url("allow-origins", text)).collect::<Result<_, _>>()?,
            expired_token: secret("expired-token", options.expired_token_file.as_deref(), options.expired_token_env.as_deref())?,
            login_timeout: Duration::from_secs(options.login_timeout.unwrap_or(LOGIN_SECONDS).clamp(1, 3600)),
            audience: options.audience,
            issuer: options.issuer,
            flow,
            client_id,
            proof,
            scopes,
            refresh_token,
            forms,
            dialect,
        })
    }

    /// Whether a scope is asked for.
    pub fn asks(&self, scope: &str) -> bool {
        self.flow != Flow::ClientCredentials && self.dialect.smart && self.scopes.iter().any(|asked| asked == scope)
    }

    /// Whether a sign-in can be repeated without a person.
    pub fn is_scripted(&self) -> bool {
        self.flow == Flow::AuthorizationCode && !self.forms.is_empty()
    }

    /// Whether credentials and pages may go to this URL: the base's own origin or one that is named in the settings, and never in the
    /// clear except on this machine.
    pub(super) fn trusts(&self, base: &Url, url: &Url) -> bool {
        let is_known = address::same_origin(base, url) || self.allow_origins.iter().any(|known| address::same_origin(known, url));
        let is_safe = url.scheme() == "https" || client::is_loopback(url) || base.scheme() == "http";
        is_known && is_safe
    }
}

fn setting(setting: &'static str, what: String, hint: &'static str) -> TargetError {
    TargetError::Setting { setting, what, hint }
}

/// A secret from a file or an environment variable.
fn secret(name: &'static str, file: Option<&Path>, variable: Option<&str>) -> Result<Option<Secret>, TargetError> {
    match (file, variable) {
        (Some(_), Some(_)) => Err(setting(name, "it is given both as a file and as a variable".to_owned(), "give one of them")),
        (Some(path), None) => token::read(&config::TokenSource::File(path.to_owned())).map(Some),
        (None, Some(variable)) => token::read(&config::TokenSource::Variable(variable.to_owned())).map(Some),
        (None, None) => Ok(None),
    }
}

fn proof(options: &AuthOptions) -> Result<ClientProof, TargetError> {
    let given = secret("client-secret", options.client_secret_file.as_deref(), options.client_secret_env.as_deref())?;
    let missing = |method: &str, hint| setting("client-authentication", format!("{method} has nothing to show"), hint);
    let need_secret = |method| missing(method, "give client-secret-file or client-secret-env");
    let key = || {
        let path = options.key_file.as_deref().ok_or_else(|| missing("private_key_jwt", "give key-file"))?;
        let pem = token::read_text(path, KEY_BYTES)?;
        SigningKey::from_pem(&pem, options.key_id.as_deref()).map_err(|what| {
            let hint = "give a PKCS #8 key in PEM: EC P-384 for ES384 or RSA for RS384";
            setting("key-file", format!("{}: {what}", path.display()), hint)
        })
    };
    match (options.client_authentication.as_deref(), given) {
        (Some("none"), _) => Ok(ClientProof::None),
        (Some("client_secret_basic"), given) => given.map(ClientProof::Basic).ok_or_else(|| need_secret("client_secret_basic")),
        (Some("client_secret_post"), given) => given.map(ClientProof::Post).ok_or_else(|| need_secret("client_secret_post")),
        (Some("private_key_jwt"), _) => key().map(ClientProof::Key),
        (Some(other), _) => {
            let hint = "give none, client_secret_basic, client_secret_post or private_key_jwt";
            Err(setting("client-authentication", format!("`{}` is not known", other.escape_debug()), hint))
        }
        (None, Some(given)) => Ok(ClientProof::Basic(given)),
        (None, None) if options.key_file.is_some() => key().map(ClientProof::Key),
        (None, None) => Ok(ClientProof::None),
    }
}

fn redirect_uri(options: &AuthOptions, scripted: bool) -> Result<Url, TargetError> {
    let port = options.redirect_port.unwrap_or(if scripted { SCRIPTED_PORT } else { 0 });
    let text = options.redirect_uri.clone().unwrap_or_else(|| format!("http://127.0.0.1:{port}/callback"));
    let refuse = |why: String| TargetError::Url { setting: "redirect-uri", value: text.clone(), why };
    // A redirect URI may have a scheme of the app's own (RFC 8252 section 7.1).
    let url = Url::parse(&text).map_err(|error| refuse(error.to_string()))?;
    match url.fragment() {
        Some(_) => Err(refuse("a redirect URI has no fragment".to_owned())),
        None => Ok(url),
    }
}

fn form(options: &FormOptions) -> Result<FormStep, TargetError> {
    let mut fields = Vec::new();
    for (name, text) in &options.fields {
        let value = match text {
            FieldText::Text(value) => value.clone(),
            FieldText::Variable { env } => token::read_variable(env)?,
            FieldText::File { file } => Secret::new(token::read_text(file, KEY_BYTES)?.trim_end_matches(['\r', '\n'])),
        };
        fields.push((name.clone(), value));
    }
    Ok(FormStep { fields, button: options.button.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(options: AuthOptions) -> String {
        AuthConfig::new(options).unwrap_err().to_string()
    }

    fn options() -> AuthOptions {
        AuthOptions { client_id: Some("app".to_owned()), ..AuthOptions::default() }
    }

    #[test]
    fn a_client_id_alone_is_enough() {
        let config = AuthConfig::new(options()).unwrap();
        assert_eq!(config.flow, Flow::AuthorizationCode);
        assert!(matches!(config.proof, ClientProof::None) && config.asks("launch/patient"));
        assert_eq!(config.redirect_uri.as_str(), "http://127.0.0.1:0/callback");
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_what_to_do() {
        assert!(refused(AuthOptions::default()).starts_with("client-id: it is missing"));
        assert!(refused(AuthOptions { flow: Some("implicit".to_owned()), ..options() }).contains("no flow"));
        assert!(refused(AuthOptions { preset: Some("ohio".to_owned()), ..options() }).contains("utah-medicaid"));
        assert!(refused(AuthOptions { flow: Some("client-credentials".to_owned()), ..options() }).contains("key-file"));
        assert!(refused(AuthOptions { flow: Some("refresh-token".to_owned()), ..options() }).contains("refresh-token-file"));
        assert!(refused(AuthOptions { client_authentication: Some("private_key_jwt".to_owned()), ..options() }).contains("key-file"));
        assert!(refused(AuthOptions { scopes: vec!["a b".to_owned()], ..options() }).contains("no scope"));
    }

    #[test]
    fn another_origin_must_be_named_and_encrypted() {
        let base = Url::parse("https://payer.example/fhir").unwrap();
        let login = Url::parse("https://login.example/token").unwrap();
        let mut config = AuthConfig::new(options()).unwrap();
        assert!(config.trusts(&base, &base) && !config.trusts(&base, &login));
        config.allow_origins = vec![Url::parse("https://login.example").unwrap(), Url::parse("http://login.example").unwrap()];
        assert!(config.trusts(&base, &login));
        assert!(!config.trusts(&base, &Url::parse("http://login.example/token").unwrap()));
    }
}
