//! What the server says of itself: `/metadata` live, or a CapabilityStatement from a file (R4 http.html#capabilities).

use std::path::Path;
use std::sync::Arc;

use crate::check::exchange::{Body, Exchange, Identity, Request};
use crate::fhir::capability::Capability;
use crate::fhir::document::Interner;
use crate::fhir::json::Value;
use crate::fhir::resource::type_of;

use super::body;
use super::error::TargetError;
use super::send::Target;

/// The answer to GET metadata, and what could be read from it.
#[derive(Clone, Debug)]
pub struct Discovery {
    /// The exchange that counted: the one without credentials, or with them when the server asked for them.
    pub exchange: Arc<Exchange>,
    /// Whether credentials were needed: `/metadata` should be open.
    pub needed_token: bool,
    /// The statement, of any FHIR version, without its `rest`.
    pub statement: Option<Arc<Value>>,
    /// The whole statement, read.
    pub capability: Option<Capability>,
    /// Why there is no statement, one line.
    pub problem: Option<String>,
}

impl Target {
    /// Asks for the CapabilityStatement, first without credentials.
    pub async fn discover(&self) -> Discovery {
        let mut request = Request::get(self.config().metadata.as_str());
        request.identity = Identity::Anonymous;
        let mut exchange = self.fetch(&request).await;
        let mut needed_token = false;
        if matches!(exchange.status(), Some(401 | 403)) && self.has_token() && self.trusts(&request.path) {
            request.identity = Identity::Member;
            exchange = self.fetch(&request).await;
            needed_token = true;
        }
        let (statement, problem) = match statement(&exchange) {
            Ok(statement) => (Some(statement), None),
            Err(problem) => (None, Some(problem)),
        };
        let capability = statement.as_deref().map(Capability::read);
        let statement = statement.as_deref().map(without_rest);
        Discovery { exchange, needed_token, statement, capability, problem }
    }
}

/// A statement without its largest part.
fn without_rest(statement: &Value) -> Arc<Value> {
    let fields = statement.as_object().into_iter().flatten().filter(|(name, _)| *name != "rest");
    Arc::new(Value::Object(fields.map(|(name, value)| (name.clone(), value.clone())).collect()))
}

fn statement(exchange: &Exchange) -> Result<Arc<Value>, String> {
    let response = exchange.result.as_ref().map_err(ToString::to_string)?;
    if !(200..300).contains(&response.status) {
        return Err(format!("status {} instead of a CapabilityStatement", response.status));
    }
    of_body(&response.body)
}

fn of_body(body: &Body) -> Result<Arc<Value>, String> {
    match body {
        Body::Empty => Err("nothing instead of a CapabilityStatement".to_owned()),
        Body::Unreadable(reason) => Err(reason.clone()),
        Body::Resource(value) => match type_of(value) {
            Some("CapabilityStatement") => Ok(Arc::clone(value.tree())),
            Some(other) => {
                Err(format!("resourceType `{}` instead of a CapabilityStatement", other.escape_debug().take(60).collect::<String>()))
            }
            None => Err("JSON without a resourceType instead of a CapabilityStatement".to_owned()),
        },
    }
}

/// Reads a statement, JSON or XML, of any FHIR version; `path` is for messages. What is returned of it lacks its `rest`.
///
/// # Errors
/// When the bytes are no CapabilityStatement.
pub fn declaration_from_bytes(bytes: &[u8], path: &Path) -> Result<(Arc<Value>, Capability), TargetError> {
    let statement =
        of_body(&body::read(None, bytes, &Interner::default())).map_err(|what| TargetError::Statement { path: path.to_owned(), what })?;
    let capability = Capability::read(&statement);
    Ok((without_rest(&statement), capability))
}

/// As [`declaration_from_bytes`], from a file.
///
/// # Errors
/// When the file cannot be read or is no CapabilityStatement.
pub fn declaration_from_file(path: &Path) -> Result<(Arc<Value>, Capability), TargetError> {
    let bytes = std::fs::read(path).map_err(|source| TargetError::File { path: path.to_owned(), source })?;
    declaration_from_bytes(&bytes, path)
}
