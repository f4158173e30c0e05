//! Tries how the origins of the FHIR base and of the OAuth endpoints speak TLS: a few requests, none of them with credentials.

use std::collections::BTreeSet;

use url::Url;

use super::address::origin;
use super::hello;
use super::send::Target;
use crate::check::exchange::{Identity, Request};
use crate::check::transport::{OLD, Origin, Transport};

impl Target {
    /// Whether the FHIR base is on https.
    pub fn is_secure(&self) -> bool {
        self.config().base.scheme() == "https"
    }

    /// Tries the FHIR base and these further endpoints, each origin once.
    pub async fn try_transport(&self, endpoints: &[String]) -> Transport {
        let base = self.config().metadata.clone();
        let further = endpoints.iter().filter_map(|text| Url::parse(text).ok());
        let mut seen = BTreeSet::new();
        let mut origins = Vec::new();
        for url in std::iter::once(base).chain(further) {
            // Where the server may not send the run, it may not have anybody greeted either.
            if url.scheme() == "https" && seen.insert(origin(&url)) && self.border.admit(&url).await.is_ok() {
                origins.push(self.try_origin(&url).await);
            }
        }
        Transport { origins }
    }

    async fn try_origin(&self, url: &Url) -> Origin {
        let anonymous = |url: &Url| Request { identity: Identity::Anonymous, ..Request::get(url.as_str()) };
        let mut old = Vec::new();
        for (name, version) in OLD {
            let (host, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or(443));
            old.push((name, hello::greet(&self.border, host, port, version, self.config().limits.connect).await));
        }
        let plain = match plain_of(url) {
            Some(plain) => Some(self.fetch(&anonymous(&plain)).await),
            None => None,
        };
        Origin { origin: origin(url), old, secure: self.fetch(&anonymous(url)).await, plain }
    }
}

/// Where plain http is tried beside https: on its own usual port beside that of https, else on the same one.
pub(super) fn plain_of(url: &Url) -> Option<Url> {
    let mut plain = url.clone();
    (url.scheme() == "https" && plain.set_scheme("http").is_ok()).then_some(plain)
}
