//! How the server's origins speak TLS, as it was tried before the cases. Only `target` makes one.

use std::sync::Arc;

use super::exchange::Exchange;

/// Versions of TLS that must not be spoken any more (RFC 8996), by name, with their number on the wire (RFC 2246, RFC 4346).
pub const OLD: [(&str, [u8; 2]); 2] = [("TLS 1.0", [3, 1]), ("TLS 1.1", [3, 2])];

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
    /// The same by plain http: on the usual port beside that of https, else on the same port.
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
