//! Everything that a search asks of whom it finds, read off the request itself; all of it must be met.

use super::condition::{Condition, World};
use super::exchange::{Payload, Request};
use super::said::{Said, parameter};
use super::subject::Subject;
use crate::fhir::json::Value;
use crate::fhir::search::Answer;
use crate::guide::Catalogue;

/// Parameters that shape the answer and select nobody (R4 search.html#Summary).
const RESULT_PARAMETERS: [&str; 11] =
    ["_contained", "_containedType", "_count", "_elements", "_format", "_include", "_pretty", "_revinclude", "_sort", "_summary", "_total"];

/// The conditions of a search, each as it stands in the URL.
pub struct Criteria {
    resource_type: String,
    asked: Vec<(Condition, String, String)>,
}

impl Criteria {
    /// Reads the conditions of the case's last search, without the one that only narrows it to the member.
    ///
    /// # Errors
    /// Why whom it selects cannot be told.
    pub fn of(subject: &Subject<'_>) -> Result<Self, String> {
        let Some(exchange) = subject.exchange() else { return Err("nothing was asked".to_owned()) };
        let scope = subject.binding.scope.as_ref().filter(|_| !subject.binding.scope_asked);
        let pairs = pairs_of(&exchange.request).filter(|pair| scope != Some(pair));
        Self::read(subject.catalogue, subject.resource_type(), pairs)
    }

    /// Reads conditions from names and values.
    ///
    /// # Errors
    /// Why whom they select cannot be told.
    pub fn read<'p>(catalogue: &Catalogue, resource_type: &str, pairs: impl Iterator<Item = &'p (String, String)>) -> Result<Self, String> {
        let read = |(name, value): &(String, String)| Ok((Condition::new(catalogue, resource_type, name)?, name.clone(), value.clone()));
        let asked: Vec<_> = pairs.filter(|(name, _)| selects(name)).map(read).collect::<Result<_, String>>()?;
        if asked.is_empty() {
            Err("the search asks for nothing".to_owned())
        } else {
            Ok(Self { resource_type: resource_type.to_owned(), asked })
        }
    }

    /// Whether a resource must be found.
    pub fn matches(&self, resource: &Value, world: &World<'_>) -> Answer {
        Answer::all(self.asked.iter().map(|(condition, _, value)| condition.matches(resource, value, world)))
    }

    /// As it stands in the URL, decoded.
    pub fn said(&self) -> Said {
        Said::joined(self.asked.iter().map(|(_, name, value)| parameter(&self.resource_type, name, value)), "&")
    }
}

/// Whether a parameter selects resources, and does not shape the answer.
pub fn selects(name: &str) -> bool {
    !RESULT_PARAMETERS.contains(&name.split(':').next().unwrap_or(name))
}

/// The parameters of a search, from its URL and its form.
fn pairs_of(request: &Request) -> impl Iterator<Item = &(String, String)> {
    let form = match &request.payload {
        Some(Payload::Form(form)) => form.as_slice(),
        _ => &[],
    };
    request.query.iter().chain(form)
}
