//! Refusals: a status with an OperationOutcome (R4 operationoutcome.html, http.html#Status-Codes).

use axum::http::StatusCode;

use crate::fhir::json::{Value, json};

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: StatusCode,
    /// A code of the value set issue-type.
    pub code: &'static str,
    /// What is wrong and what to do.
    pub diagnostics: String,
    /// `Allow` for 405, `WWW-Authenticate` for 401.
    pub header: Option<(&'static str, String)>,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, diagnostics: impl Into<String>) -> Self {
        Self { status, code, diagnostics: diagnostics.into(), header: None }
    }

    /// 400: a parameter, its modifier or its value is not understood.
    pub fn invalid(diagnostics: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid", diagnostics)
    }

    /// 401: no token, or not one of ours.
    pub fn unknown_caller(diagnostics: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "login", diagnostics)
    }

    /// 403: the token belongs to another member.
    pub fn forbidden(diagnostics: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", diagnostics)
    }

    /// 404: no such resource, or version of it.
    pub fn not_found(diagnostics: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", diagnostics)
    }

    /// 410: there was such a resource, and it was deleted.
    pub fn gone(diagnostics: impl Into<String>) -> Self {
        Self::new(StatusCode::GONE, "deleted", diagnostics)
    }

    /// 412: the resource is not, or not alone, what the caller's condition names.
    pub fn precondition(diagnostics: impl Into<String>) -> Self {
        Self::new(StatusCode::PRECONDITION_FAILED, "conflict", diagnostics)
    }

    /// 422: the patch does not fit the resource.
    pub fn unprocessable(diagnostics: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "processing", diagnostics)
    }

    /// 404: no such resource type, or no FHIR endpoint at all.
    pub fn not_supported(diagnostics: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-supported", diagnostics)
    }

    /// 405: the interaction is not offered; `allow` lists the methods that are.
    pub fn method(allow: &str, diagnostics: impl Into<String>) -> Self {
        Self { header: Some(("allow", allow.to_owned())), ..Self::new(StatusCode::METHOD_NOT_ALLOWED, "not-supported", diagnostics) }
    }

    /// 406: no format that both sides know.
    pub fn not_acceptable(diagnostics: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_ACCEPTABLE, "not-supported", diagnostics)
    }

    /// 413: the body is larger than the bound.
    pub fn too_large(limit: usize) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-long", format!("the body is larger than {limit} bytes"))
    }

    /// 414: the URL is longer than the bound.
    pub fn uri_too_long(limit: usize) -> Self {
        Self::new(StatusCode::URI_TOO_LONG, "too-long", format!("the URL is longer than {limit} bytes: search by POST"))
    }

    /// 415: the body is not of a type that the interaction takes.
    pub fn media_type(diagnostics: impl Into<String>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-supported", diagnostics)
    }

    /// 500: only when told to break, or when a resource cannot be written in the format asked for.
    pub fn broken(diagnostics: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "exception", diagnostics)
    }

    /// The refusal as an OperationOutcome.
    pub fn outcome(&self) -> Value {
        outcome("error", self.code, &self.diagnostics)
    }
}

/// An OperationOutcome with one issue.
pub fn outcome(severity: &str, code: &str, diagnostics: &str) -> Value {
    json!({
        "resourceType": "OperationOutcome",
        "issue": [{ "severity": severity, "code": code, "diagnostics": diagnostics }],
    })
}
