//! What was harvested from the server before judging: the member's whole record and what it references.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::said::{Said, code, said};
use crate::fhir::json::Value;
use crate::fhir::resource;

/// Harvested resources, frozen before the first judgement.
#[derive(Clone, Debug, Default)]
pub struct Samples {
    /// The logical id of the member's Patient, when it is known.
    pub patient: Option<String>,
    by_type: BTreeMap<String, Vec<Arc<Value>>>,
    scopes: BTreeMap<String, Scope>,
    notes: BTreeMap<String, Said>,
}

/// How the resources of one type were found by the member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The search parameter that names the member, such as `patient`.
    pub param: String,
    /// Whether every page was read, so that nothing of the member is missing.
    pub complete: bool,
}

impl Samples {
    /// Adds a resource unless it is already there. Returns whether it was added.
    pub fn add(&mut self, sample: Arc<Value>) -> bool {
        let Some(resource_type) = resource::type_of(&sample).map(str::to_owned) else { return false };
        let id = resource::id_of(&sample);
        let samples = self.by_type.entry(resource_type).or_default();
        if id.is_none() || samples.iter().any(|known| resource::id_of(known) == id) {
            return false;
        }
        samples.push(sample);
        true
    }

    /// Every harvested resource of a type, in the order the server gave them.
    pub fn of(&self, resource_type: &str) -> &[Arc<Value>] {
        self.by_type.get(resource_type).map_or(&[], Vec::as_slice)
    }

    /// The harvested resource of this type and id.
    pub fn find(&self, resource_type: &str, id: &str) -> Option<&Arc<Value>> {
        self.of(resource_type).iter().find(|sample| resource::id_of(sample) == Some(id))
    }

    /// How many resources there are of each type.
    pub fn counts(&self) -> Vec<(String, usize)> {
        self.by_type.iter().map(|(resource_type, samples)| (resource_type.clone(), samples.len())).collect()
    }

    /// How many resources of each type several records hold together; what they share counts once.
    pub fn counts_of_all(records: &[Self]) -> Vec<(String, usize)> {
        let mut ids: BTreeMap<&String, BTreeSet<&str>> = BTreeMap::new();
        for (resource_type, samples) in records.iter().flat_map(|record| &record.by_type) {
            ids.entry(resource_type).or_default().extend(samples.iter().filter_map(|sample| resource::id_of(sample)));
        }
        ids.into_iter().map(|(resource_type, ids)| (resource_type.clone(), ids.len())).collect()
    }

    /// Records how a type was found by the member.
    pub fn set_scope(&mut self, resource_type: &str, scope: Scope) {
        self.scopes.insert(resource_type.to_owned(), scope);
    }

    /// How a type was found by the member, if it was.
    pub fn scope(&self, resource_type: &str) -> Option<&Scope> {
        self.scopes.get(resource_type)
    }

    /// Records why there is nothing, or less than everything, of a type.
    pub fn note(&mut self, resource_type: &str, note: Said) {
        self.notes.entry(resource_type.to_owned()).or_insert(note);
    }

    /// Why there is nothing of a type: the harvest's own words, or that it found none.
    pub fn why_none(&self, resource_type: &str) -> Said {
        self.notes.get(resource_type).cloned().unwrap_or_else(|| match &self.patient {
            Some(_) => said!("the member's record holds no {}", code(resource_type)),
            None => said!("no {} was harvested: name a member with --patient", code(resource_type)),
        })
    }
}
