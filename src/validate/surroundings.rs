//! Other resources at hand, to which references of the judged one may lead.

use std::collections::HashMap;

use crate::fhir::bundle::Bundle;
use crate::fhir::json::Value;
use crate::fhir::reference::Reference;
use crate::fhir::resource;

/// What a reference leads to.
pub trait Surroundings: Sync {
    /// The resource, when it is at hand.
    fn resolve(&self, reference: &str) -> Option<&Value>;
}

/// No other resource.
#[derive(Clone, Copy, Debug, Default)]
pub struct Alone;

impl Surroundings for Alone {
    fn resolve(&self, _reference: &str) -> Option<&Value> {
        None
    }
}

/// Resources found by `Type/id` and by full URL.
#[derive(Clone, Debug, Default)]
pub struct Neighbours<'r> {
    by_key: HashMap<String, &'r Value>,
    by_url: HashMap<&'r str, &'r Value>,
}

impl<'r> Neighbours<'r> {
    /// The entries of a Bundle.
    pub fn in_bundle(bundle: &'r Value) -> Self {
        let mut neighbours = Self::default();
        for entry in Bundle::of(bundle).into_iter().flat_map(|bundle| bundle.entries().collect::<Vec<_>>()) {
            let Some(resource) = entry.resource() else { continue };
            neighbours.add(resource);
            if let Some(url) = entry.full_url() {
                neighbours.by_url.entry(url).or_insert(resource);
            }
        }
        neighbours
    }

    /// One more resource.
    pub fn add(&mut self, resource: &'r Value) {
        if let Some(key) = resource::key_of(resource) {
            self.by_key.entry(key).or_insert(resource);
        }
    }
}

impl Surroundings for Neighbours<'_> {
    fn resolve(&self, reference: &str) -> Option<&Value> {
        let unversioned = reference.split("/_history/").next().unwrap_or(reference);
        if let Some(resource) = self.by_url.get(unversioned) {
            return Some(resource);
        }
        match Reference::parse(reference) {
            Reference::Relative { resource_type, id, .. } => self.by_key.get(&format!("{resource_type}/{id}")).copied(),
            _ => None,
        }
    }
}
