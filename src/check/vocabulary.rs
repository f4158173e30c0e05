//! What is known of codes where a search parameter looks at them: the loaded packages' terms, and the value sets that can be asked about.

use crate::fhir::search::Terminology;
use crate::guide::facts::SearchParameter;
use crate::guide::{Catalogue, Terms};

/// The terms of the packages, seen from one parameter.
#[derive(Debug)]
pub struct Vocabulary {
    terms: Terms,
    /// Value sets that elements of the parameter are bound to: they imply the system of an element of type `code`.
    bound: Vec<String>,
    /// Further value sets, of the guides.
    others: Vec<String>,
}

impl Vocabulary {
    /// Without value sets.
    pub fn new(catalogue: &Catalogue) -> Self {
        Self { terms: catalogue.terms(), bound: Vec::new(), others: Vec::new() }
    }

    /// Adds the value sets that a parameter of a type can be asked about: those that R4 binds its elements to, and those of the guides.
    pub fn learn_value_sets(&mut self, catalogue: &Catalogue, resource_type: &str, parameter: &SearchParameter) {
        let expression = parameter.expression.as_deref().unwrap_or_default();
        let definition = catalogue.type_definition(resource_type);
        let elements = definition.iter().flat_map(|definition| &definition.elements);
        let looked_at = elements.filter(|element| expression.split('|').any(|part| part.trim() == element.path));
        let bound = looked_at.filter_map(|element| element.binding.as_ref()?.value_set.as_deref());
        self.bound = bound.map(|canonical| canonical.split('|').next().unwrap_or(canonical).to_owned()).collect();
        self.others = self.terms.value_sets_of_guides();
    }

    /// The value sets that can be asked about, by canonical URL.
    pub fn value_sets(&self) -> impl Iterator<Item = &String> {
        self.bound.iter().chain(&self.others)
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
