//! What is known of codes where a search parameter looks at them: the loaded packages' terms, and the value sets that can be asked about.

use std::collections::BTreeSet;

use crate::fhir::search::Terminology;
use crate::guide::facts::SearchParameter;
use crate::guide::{Catalogue, Terms};

/// The terms of the packages, seen from one parameter.
#[derive(Debug)]
pub struct Vocabulary {
    terms: Terms,
    /// Value sets that elements of the parameter are bound to: they imply the system of an element of type `code`.
    bound: Vec<String>,
}

impl Vocabulary {
    /// Without value sets.
    pub fn new(catalogue: &Catalogue) -> Self {
        Self { terms: catalogue.terms(), bound: Vec::new() }
    }

    /// Adds the value sets that R4 binds the elements of a parameter of a type to.
    pub fn learn_value_sets(&mut self, catalogue: &Catalogue, resource_type: &str, parameter: &SearchParameter) {
        let expression = parameter.expression.as_deref().unwrap_or_default();
        let definition = catalogue.type_definition(resource_type);
        let elements = definition.iter().flat_map(|definition| &definition.elements);
        let looked_at = elements.filter(|element| expression.split('|').any(|part| part.trim() == element.path));
        let bound = looked_at.filter_map(|element| element.binding.as_ref()?.value_set.as_deref());
        self.bound = bound.map(|canonical| canonical.split('|').next().unwrap_or(canonical).to_owned()).collect();
    }

    /// The canonical URLs of the value sets that are known to hold any of some codes, each given with its system unless its element implies
    /// it: those of the parameter's own elements, then those of the guides.
    pub fn value_sets_with<'c>(&self, codes: impl Iterator<Item = (Option<&'c str>, &'c str)> + Clone) -> Vec<&str> {
        let holds_any = |value_set: &&String| codes.clone().any(|(system, code)| self.holds(value_set, system, code) == Some(true));
        let bound = self.bound.iter().filter(holds_any);
        let guides = self.terms.value_sets_of_guides();
        let mut places = BTreeSet::new();
        for (system, code) in codes.clone() {
            match system {
                Some(system) => places.extend(self.terms.value_sets_with(system, code).iter().copied()),
                None => {
                    places.extend(guides.iter().enumerate().filter(|(_, url)| self.holds(url, None, code) == Some(true)).map(|(at, _)| at))
                }
            }
        }
        bound.chain(places.into_iter().filter_map(|at| guides.get(at))).map(String::as_str).collect()
    }
}

impl Terminology for Vocabulary {
    fn case_sensitive(&self, system: &str) -> Option<bool> {
        self.terms.case_sensitive(system)
    }

    fn holds(&self, value_set: &str, system: Option<&str>, code: &str) -> Option<bool> {
        let is_implied = || self.bound.iter().any(|bound| bound == value_set);
        if system.is_none() && !is_implied() {
            return None;
        }
        self.terms.holds(value_set, system, code)
    }

    fn are_apart(&self, system: &str, one: &str, other: &str) -> bool {
        self.terms.are_apart(system, one, other)
    }
}
