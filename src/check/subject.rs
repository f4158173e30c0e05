//! Everything that a check may look at. There is no way to send from here.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::about::About;
use super::condition::World;
use super::counts::Counts;
use super::declared::Declared;
use super::exchange::{Exchange, Response};
use super::outcome::{Evidence, Finding};
use super::rights::Rights;
use super::said::Said;
use super::samples::Samples;
use super::verdicts::Verdicts;
use crate::fhir::bundle::Bundle;
use crate::fhir::json::Value;
use crate::guide::Catalogue;

/// Statuses by which a server refuses what it does not support.
pub const REFUSALS: [u16; 5] = [400, 403, 405, 422, 501];

/// What the harvest put into a case's placeholders.
#[derive(Clone, Debug, Default)]
pub struct Binding {
    /// The harvested resource that the case is about.
    pub sample: Option<Arc<Value>>,
    /// The search value, prefix included.
    pub value: Option<String>,
    /// The `_include` value that the samples make: one with a target type, the next one to iterate by, or one of a versioned reference.
    pub include: String,
    /// Names of top-level elements, for `_elements`.
    pub elements: String,
    /// The values of further placeholders, from `{value.2}` on.
    pub further_values: Vec<String>,
    /// The type that a reference is searched or followed by.
    pub target: Option<String>,
    /// Whether the record holds nothing that meets the search, so that nothing of it must be found.
    pub expects_nothing: bool,
    /// The member criterion that narrows the search, such as `("patient", "member-1")`.
    pub scope: Option<(String, String)>,
    /// Whether the case itself asks by the scope's parameter, so that the scope is not added.
    pub scope_asked: bool,
    /// What the case made on the server first.
    pub made: Option<Made>,
    /// The ETag of the case's first answer; empty until there is one.
    pub etag: String,
    /// The Last-Modified of the case's first answer; empty until there is one.
    pub last_modified: String,
    /// An id for what the case makes by update; no server holds it before.
    pub new_id: String,
    /// What the harvest and the guides put into placeholders of terminology, such as `coding.code`, by name.
    pub terms: BTreeMap<&'static str, String>,
    /// An instant in the middle of the changes of the member's record.
    pub since: String,
    /// What earlier answers of the case handed on, by name.
    pub saved: BTreeMap<String, String>,
}

/// A resource that the run made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// The resource type.
    pub resource_type: String,
    /// The id that the server gave it.
    pub id: String,
    /// Its version when it was made, if the server told one.
    pub version: Option<String>,
}

/// One judged case.
pub struct Subject<'a> {
    /// What the case is about.
    pub about: &'a About,
    /// What was sent, a list for each step: the pages of a search, else one.
    pub steps: &'a [Vec<Arc<Exchange>>],
    /// What the placeholders were filled with.
    pub binding: &'a Binding,
    /// The harvest.
    pub samples: &'a Samples,
    /// What the validator says of the harvest.
    pub verdicts: &'a Verdicts,
    /// The harvests of all members, with what the validator says of them: for what holds of the payer and not of one member.
    pub records: &'a [(Samples, Verdicts)],
    /// What was counted over them.
    pub counts: &'a Counts,
    /// What the server said of itself.
    pub declared: &'a Declared,
    /// What the guides say.
    pub catalogue: &'a Catalogue,
    /// How many pages of one search were asked for at most.
    pub page_limit: usize,
    /// The target's FHIR base without trailing slash.
    pub base: &'a str,
    /// Whom the credentials cover, and whom they must not reach.
    pub rights: &'a Rights,
}

impl<'a> Subject<'a> {
    /// The first exchange of the last step: what most rules look at.
    pub fn exchange(&self) -> Option<&'a Exchange> {
        self.steps.last()?.first().map(Arc::as_ref)
    }

    /// The response to the last step.
    pub fn response(&self) -> Option<&'a Response> {
        self.exchange()?.response()
    }

    /// The resource that the last step brought.
    pub fn resource(&self) -> Option<&'a Value> {
        self.response()?.resource().map(|document| -> &Value { document })
    }

    /// The Bundles of all pages of the last step.
    pub fn pages(&self) -> Vec<Bundle<'a>> {
        let exchanges = self.steps.last().map_or(&[][..], Vec::as_slice);
        exchanges.iter().filter_map(|exchange| exchange.resource()).filter_map(|resource| Bundle::in_document(resource)).collect()
    }

    /// The matches on all pages of the last step that are of the searched type.
    pub fn matches(&self) -> Vec<&'a Value> {
        let wanted = self.about.resource_type.as_deref();
        self.pages()
            .iter()
            .flat_map(|page| page.matches().collect::<Vec<_>>())
            .filter(|found| wanted.is_none() || crate::fhir::resource::type_of(found) == wanted)
            .collect()
    }

    /// Where conditions are looked up.
    pub fn world(&self) -> World<'a> {
        World { base: self.base, samples: self.samples }
    }

    /// Whether the server declined what nobody claims: it refused, or its self link says that it left the parameter out. A modifier must
    /// not be left out (R4 search.html#modifiers).
    pub fn declined(&self) -> bool {
        let Some(response) = self.response().filter(|_| self.about.observed) else { return false };
        let left_out = || {
            let asked = self.exchange().map(|exchange| exchange.request.query.as_slice()).unwrap_or_default();
            let chained = asked.iter().map(|(name, _)| name).find(|name| name.contains('.') || name.starts_with("_has:"));
            let link = self.pages().first().and_then(|page| page.link("self"));
            chained.zip(link).is_some_and(|(name, link)| !link.replace("%3A", ":").contains(name.as_str()))
        };
        REFUSALS.contains(&response.status) || left_out()
    }

    /// The resource type that the case is about, or an empty text.
    pub fn resource_type(&self) -> &'a str {
        self.about.resource_type.as_deref().unwrap_or_default()
    }
}

impl Evidence {
    /// Nothing was there to examine, and why.
    pub fn nothing(note: impl Into<Said>) -> Self {
        Self { examined: 0, findings: Vec::new(), note: Some(note.into()) }
    }

    /// Evidence of one thing: fine.
    pub fn fine() -> Self {
        Self { examined: 1, ..Self::default() }
    }

    /// Evidence of one thing: wrong.
    pub fn wrong(at: impl Into<Said>, expected: impl Into<Said>, actual: impl Into<Said>) -> Self {
        let mut evidence = Self::fine();
        evidence.deviation(at, expected, actual);
        evidence
    }

    /// Adds a finding; [`super::Check::judge`] puts the check's id on it.
    pub fn deviation(&mut self, at: impl Into<Said>, expected: impl Into<Said>, actual: impl Into<Said>) {
        self.findings.push(Finding { check: String::new(), at: at.into(), expected: expected.into(), actual: actual.into() });
    }
}
