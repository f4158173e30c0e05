//! Masks credentials when an exchange is made: by the name of the header or parameter that carries them, and those that are known, wherever
//! a server sends them back.

use std::sync::{Arc, PoisonError, RwLock};

use percent_encoding::percent_decode_str;
use url::Url;

use crate::check::exchange::{Payload, Request};

use super::config::TargetConfig;
use super::secret::Secret;

/// What stands in place of a masked value.
const MASK: &str = "***";

const HEADERS: [&str; 14] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "set-cookie2",
    "x-api-key",
    "api-key",
    "apikey",
    "x-auth-token",
    "x-access-token",
    "x-amz-security-token",
    "x-csrf-token",
    "ocp-apim-subscription-key",
    "dpop",
];

const PARAMETERS: [&str; 15] = [
    "access_token",
    "refresh_token",
    "id_token",
    "id_token_hint",
    "token",
    "client_secret",
    "client_assertion",
    "code_verifier",
    "password",
    "assertion",
    "api_key",
    "apikey",
    "sig",
    "signature",
    "x-amz-signature",
];

/// Bytes of the shortest credential that is looked for in what a server sends: a shorter one may stand there by chance.
const SHORTEST: usize = 16;

/// Names whose values are masked, and known values.
#[derive(Clone, Debug)]
pub struct Redactor {
    headers: Vec<String>,
    parameters: Vec<String>,
    secrets: Arc<RwLock<Vec<Secret>>>,
}

impl Redactor {
    /// The built-in names and those of the configuration.
    pub fn new(config: &TargetConfig) -> Self {
        let join = |own: &[&str], more: &[String]| {
            own.iter().map(|name| (*name).to_owned()).chain(more.iter().map(|name| name.to_ascii_lowercase())).collect()
        };
        let configured = config.headers.iter().map(|(name, _)| name.as_str().to_owned()).collect::<Vec<_>>();
        Self {
            headers: join(&HEADERS, &[config.mask_headers.clone(), configured].concat()),
            parameters: join(&PARAMETERS, &config.mask_parameters),
            secrets: Arc::default(),
        }
    }

    /// Looks for this credential in everything that comes from here on.
    pub(super) fn learn(&self, secret: &Secret) {
        let mut secrets = self.secrets.write().unwrap_or_else(PoisonError::into_inner);
        if secret.expose().len() >= SHORTEST && !secrets.contains(secret) {
            secrets.push(secret.clone());
        }
    }

    /// A body with every known credential masked; `None` when it holds none.
    pub(super) fn without_secrets(&self, body: &[u8]) -> Option<Vec<u8>> {
        let secrets = self.secrets.read().unwrap_or_else(PoisonError::into_inner);
        let mut clean: Option<Vec<u8>> = None;
        for secret in secrets.iter().map(|secret| secret.expose().as_bytes()) {
            let text = clean.as_deref().unwrap_or(body);
            // Most headers are: to make ready for a search costs more than to search them.
            if text.len() < secret.len() {
                continue;
            }
            let found: Vec<usize> = memchr::memmem::find_iter(text, secret).collect();
            if found.is_empty() {
                continue;
            }
            let mut masked = Vec::with_capacity(text.len());
            let mut rest = 0;
            for at in found {
                masked.extend_from_slice(text.get(rest..at).unwrap_or_default());
                masked.extend_from_slice(MASK.as_bytes());
                rest = at + secret.len();
            }
            masked.extend_from_slice(text.get(rest..).unwrap_or_default());
            clean = Some(masked);
        }
        clean
    }

    /// A text with every known credential masked.
    pub(super) fn plain(&self, text: &str) -> String {
        let clean = self.without_secrets(text.as_bytes());
        clean.map_or_else(|| text.to_owned(), |clean| String::from_utf8_lossy(&clean).into_owned())
    }

    /// A header's value, masked if its name is one of a credential. URLs in `location`, `content-location` and `link` have their parameters masked.
    pub fn header(&self, name: &str, value: &str) -> String {
        let is = |known: &str| known.eq_ignore_ascii_case(name);
        if self.headers.iter().any(|known| is(known)) {
            MASK.to_owned()
        } else if ["location", "content-location", "link", "referer"].into_iter().any(is) {
            self.text(value)
        } else {
            self.plain(value)
        }
    }

    /// A URL with the values of credential parameters masked, also in a fragment, and without user information.
    pub fn url(&self, url: &Url) -> String {
        let mut url = url.clone();
        // Fails only for URLs that cannot have user information.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        self.text(url.as_str())
    }

    /// Any text with URLs in it: what follows `?`, `&` or `#` up to `=` is a parameter's name.
    pub fn text(&self, text: &str) -> String {
        let text = self.plain(text);
        let mut masked = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some(start) = rest.find(['?', '&', '#', ';']) {
            let (before, after) = rest.split_at(start + 1);
            masked.push_str(before);
            let end = after.find(['&', '#', ';', '>', '"', '\'', ' ']).unwrap_or(after.len());
            let (pair, tail) = after.split_at(end);
            match pair.split_once('=') {
                Some((name, value)) if !value.is_empty() && self.is_parameter(name) => {
                    masked.push_str(name);
                    masked.push('=');
                    masked.push_str(MASK);
                }
                _ => masked.push_str(pair),
            }
            rest = tail;
        }
        masked.push_str(rest);
        masked
    }

    /// A request as it may be shown.
    pub fn request(&self, request: &Request) -> Request {
        let mut shown = request.clone();
        shown.path = self.text(&request.path);
        for (name, value) in shown.query.iter_mut() {
            self.pair(name, value);
        }
        for (name, value) in shown.headers.iter_mut() {
            *value = self.header(name, value);
        }
        if let Some(Payload::Form(fields)) = &mut shown.payload {
            for (name, value) in fields.iter_mut() {
                self.pair(name, value);
            }
        }
        shown
    }

    fn pair(&self, name: &str, value: &mut String) {
        if self.is_parameter(name) {
            *value = MASK.to_owned();
        }
    }

    fn is_parameter(&self, name: &str) -> bool {
        let name = percent_decode_str(name).decode_utf8_lossy();
        self.parameters.iter().any(|known| known.eq_ignore_ascii_case(&name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redactor() -> Redactor {
        let mut config = TargetConfig::of_base("https://a.example").unwrap();
        config.mask_headers = vec!["X-Tenant-Key".to_owned()];
        config.mask_parameters = vec!["ticket".to_owned()];
        Redactor::new(&config)
    }

    #[test]
    fn a_known_credential_is_masked_wherever_it_comes_back() {
        let redactor = redactor();
        redactor.learn(&Secret::new("t0ken-of-a-member-1"));
        redactor.learn(&Secret::new("short"));
        assert_eq!(redactor.header("x-echo", "Bearer t0ken-of-a-member-1!"), "Bearer ***!");
        assert_eq!(redactor.text("/t0ken-of-a-member-1?x=t0ken-of-a-member-1"), "/***?x=***");
        assert_eq!(redactor.without_secrets(b"{\"a\":\"t0ken-of-a-member-1t0ken-of-a-member-1\"}").unwrap(), b"{\"a\":\"******\"}");
        assert_eq!(redactor.without_secrets(b"a short text"), None);
    }

    #[test]
    fn credential_headers_are_masked_whatever_their_case() {
        let redactor = redactor();
        for name in ["Authorization", "cookie", "Set-Cookie", "X-API-Key", "x-tenant-key"] {
            assert_eq!(redactor.header(name, "s3cr3t"), "***", "{name}");
        }
        assert_eq!(redactor.header("etag", "W/\"1\""), "W/\"1\"");
        assert_eq!(redactor.header("Location", "/cb?ticket=s3cr3t&x=1"), "/cb?ticket=***&x=1");
    }

    #[test]
    fn credential_parameters_are_masked_and_others_kept() {
        let redactor = redactor();
        let masked = |text: &str| redactor.url(&Url::parse(text).unwrap());
        assert_eq!(masked("https://a.example/x?Access_Token=s&_count=2"), "https://a.example/x?Access_Token=***&_count=2");
        assert_eq!(masked("https://a.example/x?a%63cess_token=s"), "https://a.example/x?a%63cess_token=***");
        assert_eq!(masked("https://a.example/x#access_token=s&state=1"), "https://a.example/x#access_token=***&state=1");
        assert_eq!(masked("https://me:pw@a.example/x"), "https://a.example/x");
        assert_eq!(masked("https://a.example/Patient?code=1234&_tag=a"), "https://a.example/Patient?code=1234&_tag=a");
        assert_eq!(redactor.text("<https://a.example/?token=s>; rel=\"next\""), "<https://a.example/?token=***>; rel=\"next\"");
    }

    #[test]
    fn a_request_is_masked_in_path_query_headers_and_form() {
        let mut request =
            Request::get("https://a.example/next?access_token=s3cr3t").query("token", "s3cr3t").header("Authorization", "Bearer s3cr3t");
        request.payload =
            Some(Payload::Form(vec![("client_secret".to_owned(), "s3cr3t".to_owned()), ("type".to_owned(), "oral".to_owned())]));
        let shown = redactor().request(&request);
        assert!(!format!("{shown:?}").contains("s3cr3t"), "{shown:?}");
        assert_eq!(
            shown.payload,
            Some(Payload::Form(vec![("client_secret".to_owned(), "***".to_owned()), ("type".to_owned(), "oral".to_owned())]))
        );
    }
}
