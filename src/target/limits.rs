//! The bounds within which the target is asked.

use std::time::Duration;

/// Bounds on time, size and number.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// For a connection to stand, TLS included.
    pub connect: Duration,
    /// For the next piece of a response to come.
    pub read: Duration,
    /// For one response as a whole.
    pub response: Duration,
    /// For the whole run, counted from when the target is made.
    pub total: Option<Duration>,
    /// For all waiting that `Retry-After` asks for, per request.
    pub retry_after: Duration,
    /// Bytes of one response body, decoded.
    pub response_bytes: usize,
    /// Values of one response body: properties, list items and XML elements.
    pub response_values: usize,
    /// Redirects followed for one request.
    pub redirects: usize,
    /// Pages followed for one search; the caller who follows `next` links keeps it.
    pub pages: usize,
    /// Requests at the same time.
    pub concurrency: usize,
    /// Requests a second.
    pub rate: Option<f64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            read: Duration::from_secs(30),
            response: Duration::from_secs(120),
            total: None,
            retry_after: Duration::from_secs(60),
            response_bytes: 20 * 1024 * 1024,
            response_values: 350_000,
            redirects: 5,
            pages: 1000,
            concurrency: 4,
            rate: None,
        }
    }
}
