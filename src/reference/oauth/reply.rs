//! What the authorization server sends: pages, JSON documents, redirects and the errors of RFC 6749.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};

use crate::fhir::json::{Value, json};

/// An answer before it is bytes.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: Vec<(HeaderName, String)>,
    /// The body.
    pub body: String,
}

impl Reply {
    /// A JSON document that may be cached.
    pub fn json(document: &Value) -> Self {
        let headers = vec![(header::CONTENT_TYPE, "application/json".to_owned())];
        Self { status: StatusCode::OK, headers, body: document.to_string() }
    }

    /// What an app in a browser may send to the token endpoint.
    pub fn preflight() -> Self {
        let headers = vec![
            (header::ACCESS_CONTROL_ALLOW_METHODS, "POST".to_owned()),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, "Authorization, Content-Type".to_owned()),
        ];
        Self { status: StatusCode::NO_CONTENT, headers, body: String::new() }
    }

    /// A page for people, which no other site may frame.
    pub fn page(status: StatusCode, html: String) -> Self {
        let headers = vec![
            (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
            (header::CACHE_CONTROL, "no-store".to_owned()),
            (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'".to_owned()),
            (header::REFERRER_POLICY, "no-referrer".to_owned()),
        ];
        Self { status, headers, body: html }
    }

    /// Sends the browser on.
    pub fn redirect(location: String) -> Self {
        let headers = vec![(header::LOCATION, location), (header::CACHE_CONTROL, "no-store".to_owned())];
        Self { status: StatusCode::FOUND, headers, body: String::new() }
    }

    /// An error of the token endpoint (RFC 6749 section 5.2).
    pub fn refusal(status: StatusCode, error: &str, description: &str) -> Self {
        let mut reply = Self::json(&json!({ "error": error, "error_description": description })).uncached();
        reply.status = status;
        reply
    }

    /// 400 `invalid_request`.
    pub fn invalid_request(description: &str) -> Self {
        Self::refusal(StatusCode::BAD_REQUEST, "invalid_request", description)
    }

    /// 400 `invalid_grant`.
    pub fn invalid_grant(description: &str) -> Self {
        Self::refusal(StatusCode::BAD_REQUEST, "invalid_grant", description)
    }

    /// 401 `invalid_client` with a challenge.
    pub fn invalid_client() -> Self {
        let mut reply =
            Self::refusal(StatusCode::UNAUTHORIZED, "invalid_client", "the client is not registered, or did not show who it is");
        reply.headers.push((header::WWW_AUTHENTICATE, "Basic realm=\"payerspec reference payer\"".to_owned()));
        reply
    }

    /// The same, not to be kept by any cache (RFC 6749 section 5.1).
    #[must_use]
    pub fn uncached(mut self) -> Self {
        self.headers.push((header::CACHE_CONTROL, "no-store".to_owned()));
        self.headers.push((header::PRAGMA, "no-cache".to_owned()));
        self
    }

    /// The bytes.
    pub fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::try_from(value) {
                response.headers_mut().append(name, value);
            }
        }
        response
    }
}
