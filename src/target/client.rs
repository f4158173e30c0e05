//! Sets up the HTTP client: TLS by rustls with ring, no redirects of its own, no cookies.

use std::sync::{Arc, Once, OnceLock};

use reqwest::{Certificate, Client, ClientBuilder, redirect};
use url::{Host, Url};

use super::border::Border;
use super::config::TargetConfig;
use super::error::TargetError;

/// The `User-Agent` of every request.
const USER_AGENT: &str = concat!("payerspec/", env!("CARGO_PKG_VERSION"));

/// What the clients of one target have in common.
#[derive(Clone, Debug)]
pub(super) struct Recipe {
    authorities: Vec<Certificate>,
    connect: std::time::Duration,
    is_loopback: bool,
    border: Border,
}

/// What sends first. To this machine's own loopback no proxy stands in the way, so that http needs no certificate authorities: the client
/// that trusts the machine's, which are files to read, is made only where a redirect leads to https.
#[derive(Debug)]
pub(super) enum Clients {
    One(Client),
    Loopback { recipe: Recipe, plain: Client, secure: OnceLock<Client> },
}

impl Clients {
    /// For a base.
    pub fn new(recipe: &Recipe, base: &Url) -> Result<Self, TargetError> {
        if recipe.is_loopback && !is_secure(base) {
            return Ok(Self::Loopback { recipe: recipe.clone(), plain: recipe.plain_client()?, secure: OnceLock::new() });
        }
        recipe.client().map(Self::One)
    }

    /// The one for a URL; if there can be none for https, the other one says so of the server.
    pub fn of(&self, url: &Url) -> &Client {
        match self {
            Self::One(client) => client,
            Self::Loopback { plain, .. } if !is_secure(url) => plain,
            Self::Loopback { recipe, plain, secure } => match secure.get() {
                Some(secure) => secure,
                None => recipe.client().map_or(plain, |made| secure.get_or_init(|| made)),
            },
        }
    }
}

fn is_secure(url: &Url) -> bool {
    url.scheme() == "https"
}

impl Recipe {
    /// Reads the certificate authorities.
    pub fn new(config: &TargetConfig, border: Border) -> Result<Self, TargetError> {
        let mut authorities = Vec::new();
        if let Some(path) = &config.ca_file {
            let pem = std::fs::read(path).map_err(|source| TargetError::File { path: path.clone(), source })?;
            authorities.extend(certificates(&pem, &path.display().to_string())?);
        }
        if let Some(pem) = &config.authority {
            authorities.extend(certificates(pem.as_bytes(), "the authority that was given")?);
        }
        Ok(Self { authorities, connect: config.limits.connect, is_loopback: is_loopback(&config.base), border })
    }

    /// A client that keeps connections.
    pub fn client(&self) -> Result<Client, TargetError> {
        self.build(|builder| builder)
    }

    /// A client that trusts no authority.
    fn plain_client(&self) -> Result<Client, TargetError> {
        install_provider();
        let built = self.start().user_agent(USER_AGENT).tls_certs_only([]).build();
        built.map_err(unusable)
    }

    /// A client that opens a connection for each request, for retries.
    pub fn fresh_client(&self) -> Result<Client, TargetError> {
        self.build(|builder| builder.pool_max_idle_per_host(0))
    }

    fn build(&self, refine: impl Fn(ClientBuilder) -> ClientBuilder) -> Result<Client, TargetError> {
        build(&self.authorities, || refine(self.start())).map_err(unusable)
    }

    fn start(&self) -> ClientBuilder {
        // What is compressed is unpacked where the answer is read, so that its headers are seen as they came.
        let builder = Client::builder().redirect(redirect::Policy::none()).connect_timeout(self.connect).gzip(false);
        let builder = builder.dns_resolver(Arc::new(self.border.clone()));
        // A proxy of the surroundings cannot reach this machine's own loopback.
        if self.is_loopback { builder.no_proxy() } else { builder }
    }
}

fn unusable(error: reqwest::Error) -> TargetError {
    TargetError::Tls { reason: error.without_url().to_string() }
}

/// Builds a client that trusts the machine's certificate authorities and these.
pub(super) fn build(authorities: &[Certificate], start: impl Fn() -> ClientBuilder) -> reqwest::Result<Client> {
    install_provider();
    let common = || start().user_agent(USER_AGENT);
    let with_system = common().tls_certs_merge(authorities.iter().cloned()).build();
    // A machine without any certificate authority can still speak http, or https with those given.
    with_system.or_else(|error| common().tls_certs_only(authorities.iter().cloned()).build().map_err(|_| error))
}

/// Chooses ring for all of rustls, once a process.
fn install_provider() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Fails only when the process has chosen a provider already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

/// The certificates of a PEM text; one that holds none is a mistake.
fn certificates(pem: &[u8], from: &str) -> Result<Vec<Certificate>, TargetError> {
    let certificates = Certificate::from_pem_bundle(pem).unwrap_or_default();
    if certificates.is_empty() {
        return Err(TargetError::Tls { reason: format!("{from} holds no PEM certificate") });
    }
    Ok(certificates)
}

pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
