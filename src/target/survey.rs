//! What a server says of itself to anybody, for whoever writes down how to reach it.

use std::sync::Arc;

use super::auth::stated;
use super::metadata::Discovery;
use super::send::Target;
use crate::check::exchange::{Identity, Request};
use crate::check::sign_in::StatedEndpoint;
use crate::fhir::json::Value;

/// The answers to `/metadata` and `.well-known/smart-configuration`.
#[derive(Clone, Debug)]
pub struct Survey {
    /// The declaration.
    pub declaration: Discovery,
    /// `.well-known/smart-configuration`, when it is served (SMART App Launch 2.2, Conformance).
    pub configuration: Option<Arc<Value>>,
    /// The endpoints of the authorization server, as both state them.
    pub endpoints: Vec<StatedEndpoint>,
}

impl Target {
    /// Asks for both documents.
    pub async fn survey(&self) -> Survey {
        let declaration = self.discover().await;
        let mut request = Request::get(".well-known/smart-configuration").header("Accept", "application/json");
        request.identity = Identity::Anonymous;
        let answer = self.fetch(&request).await;
        let configuration = answer.resource().filter(|found| answer.status() == Some(200) && found.is_object());
        let configuration = configuration.map(|document| Arc::clone(document.tree()));
        let statement = declaration.exchange.resource().map(|document| document.tree().as_ref());
        let endpoints = stated(configuration.as_deref(), statement);
        Survey { declaration, configuration, endpoints }
    }
}
