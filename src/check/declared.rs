//! What the server said of itself.

use std::sync::Arc;

use serde_json::Value;

use super::exchange::Exchange;
use super::sign_in::SignIn;
use crate::fhir::capability::Capability;

/// The answer to `/metadata`, or a file in its place.
#[derive(Clone, Debug, Default)]
pub struct Declared {
    /// The exchange that brought it; `None` when it came from a file.
    pub exchange: Option<Arc<Exchange>>,
    /// The document as it came, whatever it is.
    pub statement: Option<Arc<Value>>,
    /// Its server part, when it is a CapabilityStatement.
    pub capability: Option<Capability>,
    /// Why there is no CapabilityStatement to go by.
    pub problem: Option<String>,
    /// How the run signs in; `None` when it was given a token, or none.
    pub sign_in: Option<Arc<SignIn>>,
}
