//! What the server said of itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::payer_facts::PayerFacts;
use super::sign_in::SignIn;
use super::transport::Transport;
use crate::fhir::capability::Capability;
use crate::fhir::day::Day;
use crate::fhir::json::Value;
use crate::guide::Catalogue;
use crate::guide::facts::SearchParameter;

/// The answer to `/metadata`, or a file in its place.
#[derive(Clone, Debug, Default)]
pub struct Declared {
    /// The document, whatever it is; without its `rest`, which may be megabytes and is read into `capability`.
    pub statement: Option<Arc<Value>>,
    /// Its server part, when it is a CapabilityStatement.
    pub capability: Option<Capability>,
    /// Why there is no CapabilityStatement to go by.
    pub problem: Option<String>,
    /// Search parameters that the server defines itself, by resource type and code.
    pub parameters: BTreeMap<(String, String), Arc<SearchParameter>>,
    /// How the run signs in; `None` when it was given a token, or none.
    pub sign_in: Option<Arc<SignIn>>,
    /// Whether the FHIR base is on https.
    pub secure: bool,
    /// How the origins speak TLS, once it was tried.
    pub transport: Option<Arc<Transport>>,
    /// What the payer says of its own data.
    pub facts: Arc<PayerFacts>,
    /// The day by whose rules the run judges; `None` where no rule depends on it.
    pub as_of: Option<Day>,
    /// The day that it is where days begin last (UTC-12): those before it are over everywhere.
    pub today: Option<Day>,
}

impl Declared {
    /// The catalogue with what the server defines itself: its definition of a parameter that no wanted guide asks for, and what it claims
    /// of one that a guide does.
    pub fn extend(&self, catalogue: &Arc<Catalogue>) -> Arc<Catalogue> {
        if self.parameters.is_empty() {
            return catalogue.clone();
        }
        let expectations = catalogue.expectations();
        let is_expected = |resource_type: &str, code: &str| {
            let of_type =
                |expected: &Capability| expected.resources.get(resource_type).is_some_and(|known| known.search_param(code).is_some());
            expectations.iter().any(|(_, expected)| of_type(expected))
        };
        let parameters = self.parameters.iter().map(|((resource_type, code), own)| {
            let known = catalogue.search_parameter(resource_type, code).filter(|_| is_expected(resource_type, code));
            let parameter = known.map_or_else(|| own.clone(), |known| Arc::new(with_claims(&known, own)));
            ((resource_type.clone(), code.clone()), parameter)
        });
        Arc::new(catalogue.with_parameters(parameters.collect()))
    }
}

/// A guide's parameter with what a server claims of it beyond.
fn with_claims(guide: &SearchParameter, server: &SearchParameter) -> SearchParameter {
    let mut both = guide.clone();
    for (codes, claimed) in
        [(&mut both.comparator, &server.comparator), (&mut both.modifier, &server.modifier), (&mut both.chain, &server.chain)]
    {
        let further: Vec<String> = claimed.iter().filter(|code| !codes.contains(code)).cloned().collect();
        codes.extend(further);
    }
    let claims = |code: &String| [&server.comparator, &server.modifier, &server.chain].iter().any(|codes| server.claims(codes, code));
    both.optional.retain(|code| !claims(code));
    both
}
