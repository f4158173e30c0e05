//! A request with its response, as data. Only `target` makes one; checks read it.

use std::sync::Arc;

pub use super::identity::Identity;
use super::said::{Part, Quoted, Said, said, words};
use crate::fhir::document::Document;

/// How a line of [`Exchange::retries`] begins that tells of a redirect.
pub const FOLLOWED: &str = "followed ";

/// HTTP methods that the harness uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// GET.
    Get,
    /// HEAD.
    Head,
    /// OPTIONS, for what a browser asks first.
    Options,
    /// POST.
    Post,
    /// PUT.
    Put,
    /// PATCH.
    Patch,
    /// DELETE.
    Delete,
}

/// A body to send.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Payload {
    /// `application/x-www-form-urlencoded`, for POST `_search`.
    Form(Vec<(String, String)>),
    /// A FHIR resource as JSON text.
    Json(String),
}

/// What to ask. Two equal requests are sent once if they are GETs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Path relative to the FHIR base without a leading slash, such as `Patient/1`; or an absolute URL (a `next` link).
    pub path: String,
    /// Query parameters in order, not yet encoded.
    pub query: Vec<(String, String)>,
    /// Headers beyond the target's own; these win over them.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub payload: Option<Payload>,
    /// Who asks.
    pub identity: Identity,
}

/// A parsed body.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// No bytes.
    Empty,
    /// JSON, or XML that was read into the same form.
    Resource(Arc<Document>),
    /// Anything that could not be read as FHIR, with the reason.
    Unreadable(String),
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Header names in lower case, in order.
    pub headers: Vec<(String, String)>,
    /// The bytes, decoded from any content encoding, at most as many as the target's bound.
    pub bytes: bytes::Bytes,
    /// The same bytes as they came, where they came compressed by gzip.
    pub packed: Option<bytes::Bytes>,
    /// The bytes as FHIR.
    pub body: Body,
}

/// Why there is no response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Name resolution, connection or TLS.
    #[error("cannot connect to {origin}: {reason}")]
    Connect {
        /// Scheme, host and port.
        origin: String,
        /// What the network said.
        reason: String,
    },
    /// The response did not come in time.
    #[error("no complete response within {seconds} s")]
    Timeout {
        /// The bound.
        seconds: u64,
    },
    /// The response broke off or was not HTTP.
    #[error("the response broke off: {0}")]
    Broken(String),
    /// The response was larger than the bound.
    #[error("the response is larger than {limit} bytes")]
    TooLarge {
        /// The bound, in bytes.
        limit: usize,
    },
    /// The response had more values than the bound: read, each takes far more memory than its text.
    #[error("the response has more than {limit} values; `max-response-values` in [target] lets more through")]
    TooManyValues {
        /// The bound.
        limit: usize,
    },
    /// Too many redirects, or one that must not be followed.
    #[error("redirect not followed: {0}")]
    Redirect(Said),
    /// The URL could not be built.
    #[error("not a URL: {0}")]
    Url(String),
    /// The run was cancelled before or while sending.
    #[error("the run was stopped")]
    Cancelled,
}

/// One request and what became of it. Carries no credentials.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The request.
    pub request: Request,
    /// The URL that was sent, credentials in it masked.
    pub url: String,
    /// The response, or why there is none.
    pub result: Result<Response, SendError>,
    /// How many times it was sent: more than 1 when retried or redirected; 0 when it never was.
    pub attempts: u32,
    /// Why it was sent again, one line for each time: broken, asked to wait, or redirected.
    pub retries: Vec<Said>,
    /// When it was sent first, RFC 3339 in UTC.
    pub started: String,
    /// Milliseconds from sending to the last byte, waits included.
    pub duration_ms: f64,
}

impl SendError {
    /// As reports tell it.
    pub fn said(&self) -> Said {
        match self {
            Self::Redirect(why) => said!("redirect not followed: {}", why),
            other => words(other.to_string()),
        }
    }
}

impl Method {
    /// The method's name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Options => "OPTIONS",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

impl Request {
    /// A GET of a path relative to the FHIR base.
    pub fn get(path: impl Into<String>) -> Self {
        Self { method: Method::Get, path: path.into(), query: Vec::new(), headers: Vec::new(), payload: None, identity: Identity::Member }
    }

    /// Adds a query parameter.
    #[must_use]
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// The value of a header that was set for this request, whatever its case.
    pub fn header_value(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

impl Response {
    /// The first header of this name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body as a resource, when it was readable.
    pub fn resource(&self) -> Option<&Arc<Document>> {
        match &self.body {
            Body::Resource(value) => Some(value),
            Body::Empty | Body::Unreadable(_) => None,
        }
    }
}

impl Exchange {
    /// Whether the server sent the request on to another address.
    pub fn was_redirected(&self) -> bool {
        self.retries.iter().any(|reason| reason.starts_with(FOLLOWED))
    }

    /// Whose address the response is from: the last one that the request was sent on to, else its own.
    pub fn answered_at(&self) -> &str {
        let followed = self.retries.iter().rev().find(|reason| reason.starts_with(FOLLOWED));
        let quoted = followed.into_iter().flat_map(Said::parts).find_map(|part| match part {
            Part::Quote(url, Quoted::Url) => Some(url),
            _ => None,
        });
        quoted.unwrap_or(&self.url)
    }

    /// The response, if one came.
    pub fn response(&self) -> Option<&Response> {
        self.result.as_ref().ok()
    }

    /// The response's body as a resource, if it could be read.
    pub fn resource(&self) -> Option<&Arc<Document>> {
        self.response()?.resource()
    }

    /// The response's status, if one came.
    pub fn status(&self) -> Option<u16> {
        self.response().map(|response| response.status)
    }
}
