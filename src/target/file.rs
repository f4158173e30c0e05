//! Reads `payerspec.toml`, and merges what it says with what flags say.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::auth::AuthOptions;
use super::error::TargetError;
use super::secret::Secret;
use crate::check::PayerFacts;

/// `payerspec.toml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ConfigFile {
    /// The endpoint under test.
    pub target: TargetOptions,
    /// Guides that the endpoint is judged by, as ID#VERSION, when no flag names any.
    pub guides: Vec<String>,
    /// How to sign in; without it the run is given its token.
    pub auth: Option<AuthOptions>,
    /// What the payer says of its own data.
    pub facts: PayerFacts,
}

/// Settings of the target as one source (the file, or the flags) gives them; what it leaves out is `None` or empty. Times are in seconds.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct TargetOptions {
    /// FHIR base URL.
    pub base: Option<String>,
    /// Where the CapabilityStatement is; `[base]/metadata` when not given.
    pub metadata_url: Option<String>,
    /// The authorization endpoint, when discovery does not or wrongly says it.
    pub authorize_url: Option<String>,
    /// The token endpoint, when discovery does not or wrongly says it.
    pub token_url: Option<String>,
    /// The `Accept` header; `application/fhir+json` when not given.
    pub accept: Option<String>,
    /// The `Content-Type` header; sent with every request when given, else only with a body.
    pub content_type: Option<String>,
    /// More headers for every request to the base's origin. Their values may be credentials.
    pub headers: BTreeMap<String, Secret>,
    /// File with the access token.
    pub token_file: Option<PathBuf>,
    /// Environment variable with the access token.
    pub token_env: Option<String>,
    /// File with an access token that has run out, to see it refused.
    pub expired_token_file: Option<PathBuf>,
    /// File with an access token of another resource server, to see it refused.
    pub foreign_token_file: Option<PathBuf>,
    /// File with the access token of another member, to see that it opens nothing of this one.
    pub other_token_file: Option<PathBuf>,
    /// Ids of the members whose record is harvested.
    pub patients: Vec<String>,
    /// Id of a member whom the token must not reach.
    pub other_patient: Option<String>,
    /// Origins in private networks to which the server may send the run on, without credentials.
    pub allow_origins: Vec<String>,
    /// Requests at the same time.
    pub concurrency: Option<usize>,
    /// Requests a second.
    pub rate: Option<f64>,
    /// For a connection to stand.
    pub connect_timeout: Option<f64>,
    /// For the next piece of a response.
    pub read_timeout: Option<f64>,
    /// For one response as a whole.
    pub response_timeout: Option<f64>,
    /// For the whole run.
    pub total_timeout: Option<f64>,
    /// Bytes of one response body, decoded.
    pub max_response_bytes: Option<usize>,
    /// Values of one response body: properties, list items and XML elements.
    pub max_response_values: Option<usize>,
    /// Redirects followed for one request.
    pub max_redirects: Option<usize>,
    /// Pages followed for one search.
    pub max_pages: Option<usize>,
    /// PEM file with certificate authorities to trust besides the machine's own.
    pub ca_file: Option<PathBuf>,
    /// Names of more headers to mask in reports.
    pub mask_headers: Vec<String>,
    /// Names of more query parameters to mask in reports.
    pub mask_parameters: Vec<String>,
}

impl ConfigFile {
    /// Reads the file. Relative paths in it are taken from its folder.
    ///
    /// # Errors
    /// When it cannot be read, is not TOML, or has a setting that does not exist or is of the wrong type.
    pub fn read(path: &Path) -> Result<Self, TargetError> {
        let text = std::fs::read_to_string(path).map_err(|source| TargetError::File { path: path.to_owned(), source })?;
        let mut file = Self::parse(&text, path)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let target = &mut file.target;
        let others = [&mut target.expired_token_file, &mut target.foreign_token_file, &mut target.other_token_file];
        for named in [&mut target.token_file, &mut target.ca_file].into_iter().chain(others).flatten() {
            *named = folder.join(&named);
        }
        if let Some(auth) = &mut file.auth {
            auth.resolve(folder);
        }
        Ok(file)
    }

    /// Reads the text of a file; `path` is for messages.
    ///
    /// # Errors
    /// When it is not TOML, or has a setting that does not exist or is of the wrong type, or facts that contradict each other.
    pub fn parse(text: &str, path: &Path) -> Result<Self, TargetError> {
        let mut file: Self = toml::from_str(text).map_err(|error: toml::de::Error| {
            // The parser's own rendering quotes the line, which may hold a credential.
            let (line, column) = position(text, error.span().map_or(0, |span| span.start));
            let what = without_value(error.message().trim());
            let hint = hint(&what, text).to_owned();
            TargetError::Syntax { path: path.to_owned(), line, column, what, hint }
        })?;
        let facts = text.parse::<toml::Table>().ok().and_then(|mut table| table.remove("facts"));
        file.facts.text = facts.map(|facts| facts.to_string()).unwrap_or_default();
        match file.facts.contradiction() {
            Some(what) => Err(TargetError::Facts { path: path.to_owned(), what }),
            None => Ok(file),
        }
    }
}

impl TargetOptions {
    /// These settings, filled up with those of `other` where they say nothing. The two token sources count as one setting.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let own_token = self.token_file.is_some() || self.token_env.is_some();
        let (token_file, token_env) = if own_token { (self.token_file, self.token_env) } else { (other.token_file, other.token_env) };
        let mut headers = other.headers;
        headers.retain(|name, _| !self.headers.keys().any(|own| own.eq_ignore_ascii_case(name)));
        headers.extend(self.headers);
        Self {
            base: self.base.or(other.base),
            metadata_url: self.metadata_url.or(other.metadata_url),
            authorize_url: self.authorize_url.or(other.authorize_url),
            token_url: self.token_url.or(other.token_url),
            accept: self.accept.or(other.accept),
            content_type: self.content_type.or(other.content_type),
            headers,
            token_file,
            token_env,
            expired_token_file: self.expired_token_file.or(other.expired_token_file),
            foreign_token_file: self.foreign_token_file.or(other.foreign_token_file),
            other_token_file: self.other_token_file.or(other.other_token_file),
            patients: if self.patients.is_empty() { other.patients } else { self.patients },
            other_patient: self.other_patient.or(other.other_patient),
            allow_origins: [self.allow_origins, other.allow_origins].concat(),
            concurrency: self.concurrency.or(other.concurrency),
            rate: self.rate.or(other.rate),
            connect_timeout: self.connect_timeout.or(other.connect_timeout),
            read_timeout: self.read_timeout.or(other.read_timeout),
            response_timeout: self.response_timeout.or(other.response_timeout),
            total_timeout: self.total_timeout.or(other.total_timeout),
            max_response_bytes: self.max_response_bytes.or(other.max_response_bytes),
            max_response_values: self.max_response_values.or(other.max_response_values),
            max_redirects: self.max_redirects.or(other.max_redirects),
            max_pages: self.max_pages.or(other.max_pages),
            ca_file: self.ca_file.or(other.ca_file),
            mask_headers: [self.mask_headers, other.mask_headers].concat(),
            mask_parameters: [self.mask_parameters, other.mask_parameters].concat(),
        }
    }
}

/// A message of the parser without the value that it names, which may be a credential or member data.
fn without_value(message: &str) -> String {
    let wrong = ["invalid type: ", "invalid value: "].iter().any(|start| message.starts_with(start));
    match message.rsplit_once(", expected").filter(|_| wrong) {
        Some((found, expected)) => {
            let kind = found.split(['"', '`']).next().unwrap_or_default().trim_end();
            format!("{kind}, expected{expected}")
        }
        None => message.to_owned(),
    }
}

fn hint(what: &str, text: &str) -> &'static str {
    if what.starts_with("unknown field `token`") {
        "a token never stands in this file: write it to a file of its own and name that with `token-file`, or name a variable with `token-env`"
    } else if what.starts_with("unknown field") {
        "correct or remove this setting"
    } else if what.starts_with("invalid type") {
        "give the setting a value of the right type"
    } else if text.parse::<toml::Table>().is_ok() {
        "correct this setting"
    } else {
        "correct the file, which must be TOML"
    }
}

/// Line and column, from 1, of a byte offset.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<ConfigFile, String> {
        ConfigFile::parse(text, Path::new("payerspec.toml")).map_err(|error| error.to_string())
    }

    #[test]
    fn every_setting_is_read() {
        let file = parse(
            "[target]\nbase = 'https://a.example/fhir'\nmetadata-url = 'https://b.example/metadata'\nauthorize-url = 'https://c.example/a'\n\
             token-url = 'https://c.example/t'\naccept = 'application/json'\ncontent-type = 'application/json'\ntoken-file = 't'\n\
             patients = ['1']\nother-patient = '2'\nconcurrency = 2\nrate = 1.5\nconnect-timeout = 1\nread-timeout = 0.5\nresponse-timeout = 3\n\
             total-timeout = 60\nmax-response-bytes = 10\nmax-redirects = 1\nmax-pages = 3\nca-file = 'ca.pem'\nmask-headers = ['x']\n\
             mask-parameters = ['y']\n[target.headers]\nX-Tenant = 'north'\n",
        )
        .unwrap();
        assert_eq!(file.target.headers["X-Tenant"].expose(), "north");
        assert_eq!((file.target.connect_timeout, file.target.read_timeout), (Some(1.0), Some(0.5)));
        assert_eq!(file.target.metadata_url.as_deref(), Some("https://b.example/metadata"));
    }

    #[test]
    fn an_unknown_setting_is_refused_with_its_place() {
        let error = parse("[target]\nbase = 'https://a.example'\nbasee = 1\n").unwrap_err();
        assert!(error.starts_with("payerspec.toml:3:1: unknown field `basee`"), "{error}");
        assert!(error.contains("correct or remove"), "{error}");
    }

    #[test]
    fn facts_are_read_and_what_makes_no_sense_is_refused_with_its_place() {
        let file = parse("[facts]\nmust-support = ['*']\n[[facts.member]]\nmember-ids = ['M1']\nclaims = { total = 3 }\n").unwrap();
        assert_eq!(file.facts.given(None), ["claims", "member-ids", "must-support"]);
        for (text, said) in [
            ("[facts]\nholds = 1\n", "payerspec.toml:2:1: unknown field `holds`, expected one of `must-support`"),
            ("[facts]\nmust-support = ['a', 1]\n", "payerspec.toml:2:22: invalid type: integer, expected a string"),
            ("[facts]\ndocumentation = 'payer.example'\n", "payerspec.toml:2:17: no http or https URL"),
            ("[[facts.member]]\nservices-since = '2016'\n", "payerspec.toml:2:18: this is no day"),
            ("[[facts.member]]\nservices-since = 2016-01-01\n", "a day in quotes"),
            ("[[facts.member]]\nclaims = { orall = 1 }\n", "payerspec.toml:2:10: unknown kind of claim `orall`, expected one of total"),
            ("[[facts.member]]\nmember-ids = 'W1234567801, expected'\n", "payerspec.toml:2:14: invalid type: string, expected a sequence"),
            ("[[facts.claim]]\nnumber = 12345678\n", "payerspec.toml:2:10: invalid type: integer, expected a string"),
            ("[[facts.claim]]\nchanged = '2026-01-01'\n", "missing field `number`"),
            (
                "[[facts.claim]]\nnumber = 'A'\nmissing = [{ element = 'item[', reason = 'x' }]\n",
                "payerspec.toml:3:24: no FHIRPath expression",
            ),
            ("[[facts.resource]]\nreference = 'coverage'\n", "payerspec.toml:2:13: no type and id of a resource"),
            (
                "[[facts.claim]]\nnumber = 'A'\n[[facts.claim]]\nnumber = 'A'\n",
                "payerspec.toml, [facts]: [[facts.claim]] 2 is about the same as [[facts.claim]] 1",
            ),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(said), "{said}: {error}");
            assert!(!error.contains("12345678"), "{error}");
        }
    }

    #[test]
    fn a_token_in_the_file_is_refused_without_showing_it() {
        let error = parse("[target]\ntoken = 's3cr3t'\n").unwrap_err();
        assert!(error.contains("token-file") && !error.contains("s3cr3t"), "{error}");
        let broken = parse("[target]\ntoken = 's3cr3t\n").unwrap_err();
        assert!(broken.starts_with("payerspec.toml:2:") && !broken.contains("s3cr3t"), "{broken}");
    }

    #[test]
    fn flags_win_and_the_token_sources_count_as_one() {
        let file = parse("[target]\nbase = 'https://file.example'\ntoken-env = 'T'\nrate = 2.0\n[target.headers]\nX-A = '1'\nX-B = '1'\n")
            .unwrap();
        let flags = TargetOptions {
            base: Some("https://flag.example".to_owned()),
            token_file: Some("token".into()),
            headers: BTreeMap::from([("x-a".to_owned(), Secret::new("2"))]),
            ..TargetOptions::default()
        };
        let merged = flags.or(file.target);
        assert_eq!(merged.base.as_deref(), Some("https://flag.example"));
        assert_eq!((merged.token_file, merged.token_env, merged.rate), (Some("token".into()), None, Some(2.0)));
        assert_eq!(merged.headers.keys().collect::<Vec<_>>(), ["X-B", "x-a"]);
        assert_eq!(merged.headers["x-a"].expose(), "2");
    }

    #[test]
    fn paths_are_taken_from_the_file_s_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("payerspec.toml");
        std::fs::write(&path, "[target]\ntoken-file = 'secrets/token'\n").unwrap();
        assert_eq!(ConfigFile::read(&path).unwrap().target.token_file, Some(folder.path().join("secrets/token")));
        let missing = ConfigFile::read(&folder.path().join("none.toml")).unwrap_err().to_string();
        assert!(missing.contains("none.toml") && missing.contains("check that it exists"), "{missing}");
    }
}
