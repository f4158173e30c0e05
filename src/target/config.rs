//! What is known of the target before anything is sent, checked.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HeaderName, HeaderValue};
use url::Url;

use super::auth::{Attendant, AuthConfig};
use super::border::Border;
use super::error::TargetError;
use super::file::TargetOptions;
use super::limits::Limits;
use super::secret::Secret;
use super::{token, transport};

/// The FHIR media type that is asked for when nothing else is configured (R4 http.html#mime-type).
pub(super) const FHIR_JSON: &str = "application/fhir+json";

/// Where the access token is kept. Never an argument: arguments are seen in the process list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenSource {
    /// A file.
    File(PathBuf),
    /// An environment variable, by name.
    Variable(String),
}

/// Tokens that must open nothing of the member's record, as far as they are given.
#[derive(Clone, Debug, Default)]
pub struct OtherTokens {
    /// One that has run out.
    pub expired: Option<Secret>,
    /// One that is good at another resource server.
    pub foreign: Option<Secret>,
    /// Another member's.
    pub other_member: Option<Secret>,
}

/// The target's settings, complete and checked.
#[derive(Clone, Debug)]
pub struct TargetConfig {
    /// FHIR base URL, without a slash at its end.
    pub base: Url,
    /// Where the CapabilityStatement is.
    pub metadata: Url,
    /// The authorization endpoint, when set by hand.
    pub authorize: Option<Url>,
    /// The token endpoint, when set by hand.
    pub token_endpoint: Option<Url>,
    /// The `Accept` header.
    pub accept: HeaderValue,
    /// The `Content-Type` header of every request, when set by hand.
    pub content_type: Option<HeaderValue>,
    /// More headers, for the base's origin only.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The access token.
    pub token: Option<Secret>,
    /// Further tokens, to see them refused.
    pub other_tokens: OtherTokens,
    /// How to sign in for one.
    pub auth: Option<AuthConfig>,
    /// Whoever signs in, and keeps tokens.
    pub attendant: Option<Arc<dyn Attendant>>,
    /// Ids of the members whose record is harvested.
    pub patients: Vec<String>,
    /// Id of a member whom the token must not reach.
    pub other_patient: Option<String>,
    /// Origins in private networks to which the server may send the run on, without credentials.
    pub allow_origins: Vec<Url>,
    /// Bounds on time, size and number.
    pub limits: Limits,
    /// More certificate authorities, as a PEM file.
    pub ca_file: Option<PathBuf>,
    /// The certificate of one more authority, as PEM.
    pub authority: Option<String>,
    /// Names of more headers to mask.
    pub mask_headers: Vec<String>,
    /// Names of more query parameters to mask.
    pub mask_parameters: Vec<String>,
}

impl TargetConfig {
    /// A target with defaults for all but the base.
    ///
    /// # Errors
    /// When the base is no usable URL.
    pub fn of_base(base: impl Into<String>) -> Result<Self, TargetError> {
        Self::new(TargetOptions { base: Some(base.into()), ..TargetOptions::default() })
    }

    /// Checks the merged settings and reads the token. Flags win over the file by `flags.or(file)`.
    ///
    /// # Errors
    /// When a setting is missing, malformed or out of bounds, or the token cannot be read.
    pub fn new(options: TargetOptions) -> Result<Self, TargetError> {
        let mut base = web_url("base", &options.base.ok_or(TargetError::NoBase)?)?;
        if base.query().is_some() || base.fragment().is_some() {
            return Err(TargetError::Url {
                setting: "base",
                value: base.to_string(),
                why: "a base has no query and no fragment".to_owned(),
            });
        }
        let trimmed = base.path().trim_end_matches('/').to_owned();
        base.set_path(&trimmed);
        let metadata = match options.metadata_url {
            Some(text) => web_url("metadata-url", &text)?,
            None => below(&base, "metadata"),
        };
        let source = match (options.token_file, options.token_env) {
            (Some(_), Some(_)) => {
                return Err(TargetError::Setting {
                    setting: "token-file",
                    what: "both `token-file` and `token-env` are given".to_owned(),
                    hint: "give one of them",
                });
            }
            (Some(path), None) => Some(TokenSource::File(path)),
            (None, Some(name)) => Some(TokenSource::Variable(name)),
            (None, None) => None,
        };
        let read_file = |path| token::read(&TokenSource::File(path));
        let defaults = Limits::default();
        let limits = Limits {
            connect: seconds("connect-timeout", options.connect_timeout)?.unwrap_or(defaults.connect),
            read: seconds("read-timeout", options.read_timeout)?.unwrap_or(defaults.read),
            response: seconds("response-timeout", options.response_timeout)?.unwrap_or(defaults.response),
            total: seconds("total-timeout", options.total_timeout)?,
            retry_after: defaults.retry_after,
            response_bytes: at_least_one("max-response-bytes", options.max_response_bytes)?.unwrap_or(defaults.response_bytes),
            response_values: at_least_one("max-response-values", options.max_response_values)?.unwrap_or(defaults.response_values),
            redirects: options.max_redirects.unwrap_or(defaults.redirects),
            pages: at_least_one("max-pages", options.max_pages)?.unwrap_or(defaults.pages),
            concurrency: at_least_one("concurrency", options.concurrency)?.unwrap_or(defaults.concurrency).min(256),
            rate: rate(options.rate)?,
        };
        Ok(Self {
            metadata,
            authorize: options.authorize_url.map(|text| web_url("authorize-url", &text)).transpose()?,
            token_endpoint: options.token_url.map(|text| web_url("token-url", &text)).transpose()?,
            accept: header_value("accept", options.accept.as_deref().unwrap_or(FHIR_JSON))?,
            content_type: options.content_type.map(|text| header_value("content-type", &text)).transpose()?,
            headers: options.headers.iter().map(|(name, value)| extra_header(name, value)).collect::<Result<_, _>>()?,
            token: source.as_ref().map(token::read).transpose()?,
            other_tokens: OtherTokens {
                expired: options.expired_token_file.map(read_file).transpose()?,
                foreign: options.foreign_token_file.map(read_file).transpose()?,
                other_member: options.other_token_file.map(read_file).transpose()?,
            },
            auth: None,
            attendant: None,
            patients: options.patients.iter().map(|text| patient_id("patients", text)).collect::<Result<_, _>>()?,
            other_patient: options.other_patient.map(|text| patient_id("other-patient", &text)).transpose()?,
            allow_origins: options.allow_origins.iter().map(|text| web_url("allow-origins", text)).collect::<Result<_, _>>()?,
            limits,
            ca_file: options.ca_file,
            authority: None,
            mask_headers: options.mask_headers,
            mask_parameters: options.mask_parameters,
            base,
        })
    }
}

impl TargetConfig {
    /// The origins that the user named, of whatever network, and where plain http is tried beside their https.
    pub(super) fn border(&self) -> Border {
        let by_hand = [&self.base, &self.metadata].into_iter().chain(&self.authorize).chain(&self.token_endpoint);
        let of_sign_in = self.auth.iter().flat_map(|auth| &auth.allow_origins);
        let named: Vec<Url> = by_hand.chain(&self.allow_origins).chain(of_sign_in).cloned().collect();
        let plain: Vec<Url> = named.iter().filter_map(transport::plain_of).collect();
        Border::new(named.into_iter().chain(plain))
    }

    /// Sets how to sign in. A documented flow that demands plain JSON types on every request gets them, where nothing else is set.
    pub fn sign_in_by(&mut self, auth: AuthConfig) {
        if auth.dialect.json_headers {
            if self.accept == FHIR_JSON {
                self.accept = HeaderValue::from_static("application/json");
            }
            self.content_type.get_or_insert(HeaderValue::from_static("application/json"));
        }
        self.auth = Some(auth);
    }
}

/// The URL of a segment below a base.
fn below(base: &Url, segment: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}/{segment}", base.path().trim_end_matches('/')));
    url
}

pub(super) fn web_url(setting: &'static str, text: &str) -> Result<Url, TargetError> {
    let refuse = |value: String, why: String| Err(TargetError::Url { setting, value, why });
    let url = match Url::parse(text.trim()) {
        Ok(url) => url,
        Err(_) if text.contains('@') => return refuse("…".to_owned(), "it does not parse".to_owned()),
        Err(error) => return refuse(text.to_owned(), error.to_string()),
    };
    if !url.username().is_empty() || url.password().is_some() {
        let shown = format!("{}://…@{}", url.scheme(), url.host_str().unwrap_or_default());
        return refuse(shown, "credentials do not belong in a URL; use `token-file` or `token-env`".to_owned());
    }
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return refuse(text.to_owned(), "its scheme is not http or https".to_owned());
    }
    Ok(url)
}

fn header_value(name: &'static str, text: &str) -> Result<HeaderValue, TargetError> {
    HeaderValue::from_str(text.trim())
        .map_err(|_| TargetError::Header { name: name.to_owned(), why: "the value has characters that a header cannot carry; remove them" })
}

fn extra_header(name: &str, value: &Secret) -> Result<(HeaderName, HeaderValue), TargetError> {
    let refuse = |why| Err(TargetError::Header { name: name.to_owned(), why });
    let Ok(parsed) = HeaderName::from_bytes(name.trim().as_bytes()) else {
        return refuse("the name has characters that a header name cannot have; correct it");
    };
    match parsed.as_str() {
        "authorization" => {
            return refuse("credentials are not given as a header; use `token-file` or `token-env`, which keep them out of reports");
        }
        "content-length" | "transfer-encoding" | "connection" | "host" => return refuse("it is set by the connection itself; remove it"),
        "accept" | "content-type" => return refuse("it has a setting of its own; use `accept` or `content-type` in [target]"),
        _ => {}
    }
    let Ok(mut value) = HeaderValue::from_str(value.expose()) else {
        return refuse("the value has characters that a header cannot carry; remove them");
    };
    value.set_sensitive(true);
    Ok((parsed, value))
}

/// A logical id, also when written as `Patient/id`. One that is no valid FHIR id stands: a server may have such, and must be testable.
fn patient_id(setting: &'static str, text: &str) -> Result<String, TargetError> {
    let id = text.trim();
    let id = id.strip_prefix("Patient/").unwrap_or(id);
    if id.is_empty() || id.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '/' | '?' | '#')) {
        let what = format!("`{}` is no id", text.escape_debug());
        return Err(TargetError::Setting { setting, what, hint: "give the logical id of the Patient resource, such as `123`" });
    }
    Ok(id.to_owned())
}

fn seconds(setting: &'static str, given: Option<f64>) -> Result<Option<Duration>, TargetError> {
    match given {
        None => Ok(None),
        Some(value) if value > 0.0 && value <= 86_400.0 => Ok(Some(Duration::from_secs_f64(value))),
        Some(value) => {
            Err(TargetError::Setting { setting, what: format!("{value} s is out of bounds"), hint: "give seconds above 0, at most 86400" })
        }
    }
}

fn at_least_one(setting: &'static str, given: Option<usize>) -> Result<Option<usize>, TargetError> {
    match given {
        Some(0) => Err(TargetError::Setting { setting, what: "0 allows nothing".to_owned(), hint: "give 1 or more" }),
        other => Ok(other),
    }
}

fn rate(given: Option<f64>) -> Result<Option<f64>, TargetError> {
    match given {
        Some(value) if !(value > 0.0 && value.is_finite()) => Err(TargetError::Setting {
            setting: "rate",
            what: format!("{value} requests a second allow nothing"),
            hint: "give a number above 0",
        }),
        other => Ok(other),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn options(base: &str) -> TargetOptions {
        TargetOptions { base: Some(base.to_owned()), ..TargetOptions::default() }
    }

    fn refused(options: TargetOptions) -> String {
        TargetConfig::new(options).unwrap_err().to_string()
    }

    #[test]
    fn a_base_alone_is_enough() {
        let config = TargetConfig::of_base("https://payer.example/fhir/").unwrap();
        assert_eq!(config.base.as_str(), "https://payer.example/fhir");
        assert_eq!(config.metadata.as_str(), "https://payer.example/fhir/metadata");
        assert_eq!(config.accept, "application/fhir+json");
        assert_eq!(config.limits, Limits::default());
        assert_eq!(TargetConfig::of_base("http://payer.example").unwrap().metadata.as_str(), "http://payer.example/metadata");
    }

    #[test]
    fn unusable_urls_are_refused() {
        assert!(refused(TargetOptions::default()).contains("--target"));
        assert!(refused(options("payer.example/fhir")).contains("base:"));
        assert!(refused(options("ftp://payer.example")).contains("not http or https"));
        assert!(refused(options("https://payer.example/fhir?x=1")).contains("no query"));
        for text in ["https://user:pa55@payer.example/fhir", "https://user:pa55@:bad"] {
            let error = refused(options(text));
            assert!(!error.contains("pa55"), "{error}");
        }
        let elsewhere = TargetOptions { token_url: Some("mailto:a@b".to_owned()), ..options("https://payer.example") };
        assert!(refused(elsewhere).starts_with("token-url"));
    }

    #[test]
    fn headers_that_must_not_be_set_by_hand_are_refused() {
        for (name, expected) in
            [("Authorization", "token-file"), ("content-length", "remove it"), ("bad name", "characters"), ("Accept", "setting of its own")]
        {
            let given =
                TargetOptions { headers: BTreeMap::from([(name.to_owned(), Secret::new("s3cr3t"))]), ..options("https://payer.example") };
            let error = refused(given);
            assert!(error.contains(expected) && !error.contains("s3cr3t"), "{error}");
        }
        let newline =
            TargetOptions { headers: BTreeMap::from([("x-a".to_owned(), Secret::new("a\r\nb: c"))]), ..options("https://payer.example") };
        assert!(refused(newline).contains("cannot carry"));
    }

    #[test]
    fn bounds_that_allow_nothing_are_refused() {
        assert!(refused(TargetOptions { concurrency: Some(0), ..options("https://a.example") }).starts_with("concurrency"));
        assert!(refused(TargetOptions { rate: Some(0.0), ..options("https://a.example") }).starts_with("rate"));
        assert!(refused(TargetOptions { rate: Some(f64::NAN), ..options("https://a.example") }).starts_with("rate"));
        assert!(refused(TargetOptions { read_timeout: Some(-1.0), ..options("https://a.example") }).starts_with("read-timeout"));
        assert!(refused(TargetOptions { total_timeout: Some(f64::INFINITY), ..options("https://a.example") }).starts_with("total-timeout"));
    }

    #[test]
    fn a_patient_is_named_by_id_or_by_reference() {
        let patients = vec!["Patient/1".to_owned(), "-20_1 ".to_owned()];
        let given = TargetOptions { patients, other_patient: Some("2".to_owned()), ..options("https://a.example") };
        let config = TargetConfig::new(given).unwrap();
        assert_eq!((config.patients, config.other_patient.as_deref()), (vec!["1".to_owned(), "-20_1".to_owned()], Some("2")));
        for text in ["", "Patient/", "https://a.example/Patient/1", "1?x", "a b"] {
            let given = TargetOptions { other_patient: Some(text.to_owned()), ..options("https://a.example") };
            assert!(refused(given).starts_with("other-patient: "), "{text}");
        }
    }

    #[test]
    fn debug_shows_neither_token_nor_header_values() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, "t0k3n\n").unwrap();
        let given = TargetOptions {
            token_file: Some(path),
            headers: BTreeMap::from([("X-Api-Key".to_owned(), Secret::new("k3y"))]),
            ..options("https://payer.example")
        };
        let shown = format!("{given:?}");
        let config = TargetConfig::new(given).unwrap();
        let shown = format!("{shown}{config:?}");
        assert_eq!(config.token.as_ref().map(Secret::expose), Some("t0k3n"));
        assert!(!shown.contains("t0k3n") && !shown.contains("k3y"), "{shown}");
    }
}
