//! What the network says, in plain words and with what to do.

use std::error::Error;
use std::io;
use std::time::Duration;

use url::Url;

use crate::check::exchange::SendError;

use super::address;
use super::border::Beyond;
use super::limits::Limits;

/// Why an attempt failed, and whether another may do better.
#[derive(Debug)]
pub(super) struct Fault {
    /// For the exchange.
    pub error: SendError,
    /// Whether a fresh connection is worth a try.
    pub retry: bool,
}

impl Fault {
    /// A failure that the same request would meet again.
    pub fn last(error: SendError) -> Self {
        Self { error, retry: false }
    }

    /// A bound on time was hit. Not tried again: the server would be made to work for nothing.
    pub fn late(bound: Duration) -> Self {
        Self::last(SendError::Timeout { seconds: whole_seconds(bound) })
    }

    /// Reads a client error for a request to `url`.
    pub fn read(error: &reqwest::Error, url: &Url, limits: &Limits) -> Self {
        let cause = cause(error);
        if error.is_builder() {
            return Self::last(SendError::Url(cause.words));
        }
        if error.is_connect() {
            let (reason, retry) = if error.is_timeout() {
                let seconds = whole_seconds(limits.connect);
                (format!("no connection within {seconds} s; check host and port, and that a firewall lets it through"), false)
            } else {
                (cause.words, cause.retry)
            };
            return Self { error: SendError::Connect { origin: address::origin(url), reason }, retry };
        }
        Self { error: SendError::Broken(cause.words), retry: true }
    }
}

/// Whole seconds, never zero, for messages.
pub(super) fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

struct Cause {
    words: String,
    retry: bool,
}

/// The deepest cause that can be put plainly; else all of them in a line. URLs are left out, since they may hold credentials.
fn cause(error: &reqwest::Error) -> Cause {
    let mut said: Vec<String> = Vec::new();
    let mut is_unresolved = false;
    let mut next: Option<&(dyn Error + 'static)> = error.source();
    while let Some(inner) = next {
        if let Some(cause) = inner.downcast_ref::<rustls::Error>().map(tls) {
            return cause;
        }
        if let Some(beyond) = beyond(inner) {
            return Cause { words: beyond.to_string(), retry: false };
        }
        if let Some(cause) = inner.downcast_ref::<io::Error>().and_then(io_cause) {
            return cause;
        }
        let words = inner.to_string();
        is_unresolved |= words.starts_with("dns error") || words.contains("failed to lookup address");
        if !said.iter().any(|earlier| earlier.contains(&words)) {
            said.push(words);
        }
        next = inner.source();
    }
    if is_unresolved {
        let words = "the host name does not resolve; check its spelling and this machine's network".to_owned();
        return Cause { words, retry: false };
    }
    let words = if said.is_empty() { "the client gave no reason".to_owned() } else { said.join(": ") };
    Cause { words, retry: true }
}

/// Whether the border refused the addresses of a host.
fn beyond<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e Beyond> {
    error.downcast_ref::<Beyond>().or_else(|| error.downcast_ref::<io::Error>()?.get_ref()?.downcast_ref::<Beyond>())
}

fn io_cause(error: &io::Error) -> Option<Cause> {
    let inner = error.get_ref();
    if let Some(tls_error) = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return Some(tls(tls_error));
    }
    if let Some(nested) = inner.and_then(|inner| inner.downcast_ref::<io::Error>()) {
        return io_cause(nested);
    }
    let words = match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused: nothing listens there; check host and port, and that the server runs",
        io::ErrorKind::ConnectionReset => "the connection was reset",
        io::ErrorKind::ConnectionAborted => "the connection was aborted",
        io::ErrorKind::BrokenPipe => "the connection was closed while sending",
        io::ErrorKind::NotConnected => "the connection was not standing",
        io::ErrorKind::UnexpectedEof => "the connection was closed too early",
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => "no route to the host; check this machine's network",
        _ => return None,
    };
    Some(Cause { words: words.to_owned(), retry: true })
}

fn tls(error: &rustls::Error) -> Cause {
    let words = match error {
        rustls::Error::InvalidCertificate(why) => {
            format!(
                "the TLS certificate is not accepted ({why}); check the host name and the clock, or name its authority's PEM file with `ca-file`"
            )
        }
        rustls::Error::InvalidMessage(_) => format!("TLS failed ({error}); check that this port speaks https"),
        _ => format!("TLS failed ({error})"),
    };
    Cause { words, retry: false }
}
