//! What a search asked for, what the server says that it used of it, and what it found.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::Subject;
use super::exchange::Payload;
use crate::fhir::bundle::Bundle;
use crate::fhir::resource;

impl<'a> Subject<'a> {
    /// The value of a parameter that the last step sent, in the URL or in a form.
    pub fn asked(&self, name: &str) -> Option<&'a str> {
        let request = &self.exchange()?.request;
        let form = match &request.payload {
            Some(Payload::Form(pairs)) => pairs.as_slice(),
            _ => &[],
        };
        request.query.iter().chain(form).find(|(asked, _)| asked == name).map(|(_, value)| value.as_str())
    }

    /// The parameters in the self link of the first page of the last step, decoded; `None` without a self link.
    pub fn stated(&self) -> Option<Vec<(Cow<'a, str>, Cow<'a, str>)>> {
        let pages = self.pages();
        let link = pages.first()?.link("self").filter(|link| !link.is_empty())?;
        let query = link.split_once('?').map_or("", |(_, query)| query);
        Some(url::form_urlencoded::parse(query.as_bytes()).collect())
    }

    /// Whether the self link of the last step says that a parameter was used (R4 search.html#conformance).
    pub fn states(&self, name: &str) -> bool {
        self.stated().is_some_and(|stated| stated.iter().any(|(used, _)| used.split(':').next() == Some(name)))
    }

    /// `Type/id` of every match of the searched type that a step brought, and whether all its pages were read; why not, when the step was
    /// not answered with Bundles.
    ///
    /// # Errors
    /// What was answered in place of a Bundle.
    pub fn found(&self, step: usize) -> Result<(BTreeSet<String>, bool), String> {
        let exchanges = self.steps.get(step).map_or(&[][..], Vec::as_slice);
        let mut keys = BTreeSet::new();
        let mut more = false;
        for exchange in exchanges {
            let bundle = exchange.resource().and_then(|document| Bundle::in_document(document)).ok_or_else(|| {
                exchange.status().map_or_else(|| "no response".to_owned(), |status| format!("no Bundle, but status {status}"))
            })?;
            let wanted = self.about.resource_type.as_deref();
            let matches = bundle.matches().filter(|found| wanted.is_none() || resource::type_of(found) == wanted);
            keys.extend(matches.filter_map(resource::key_of));
            more = bundle.link("next").is_some();
        }
        if exchanges.is_empty() { Err("no response".to_owned()) } else { Ok((keys, !more)) }
    }
}
