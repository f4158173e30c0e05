//! How the server's origins speak TLS, as it was tried before the cases. Only `target` makes one.

use std::sync::Arc;

use super::exchange::Exchange;

/// Everything that was tried.
#[derive(Clone, Debug, Default)]
pub struct Transport {
    /// One for each origin: the FHIR base's first, then those of the OAuth endpoints.
    pub origins: Vec<Origin>,
}

/// One origin.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Scheme, host and port.
    pub origin: String,
    /// What a greeting in an old version of TLS brought, by the version's name.
    pub old: Vec<(&'static str, Hello)>,
    /// A request by https.
    pub secure: Arc<Exchange>,
    /// The same by plain http, where the origin has the usual port.
    pub plain: Option<Arc<Exchange>>,
}

/// What became of a greeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hello {
    /// The server went on in that version.
    Accepted,
    /// The server refused, or hung up.
    Refused,
    /// There was no answer that tells, and why.
    Unclear(String),
}
