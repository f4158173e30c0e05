//! Chooses from the samples what a case asks to come along, or which elements it asks for.

use std::sync::Arc;

use super::bind::Binder;
use crate::check::relation::Relation;
use crate::check::said::{Said, code, said, words};
use crate::check::subset::top_level;
use crate::fhir::json::Value;
use crate::fhir::resource;
use crate::plan::Case;

/// How many elements `_elements` names at most.
const MOST_ELEMENTS: usize = 2;

impl Binder<'_> {
    /// A sample with the `_include` value that the case asks for of it.
    ///
    /// # Errors
    /// Why no sample has one.
    pub(super) fn include(&self, case: &Case, resource_type: &str) -> Result<(Arc<Value>, String), Said> {
        let samples = self.samples.of(resource_type);
        if samples.is_empty() {
            return Err(self.samples.why_none(resource_type));
        }
        if self.uses("{include-versioned}") {
            let found = samples.iter().find_map(|sample| Some((sample.clone(), self.versioned(resource_type, sample)?)));
            return found.ok_or_else(|| said!("no harvested {} has a versioned reference that _include could follow", code(resource_type)));
        }
        let value = case.about.value.as_deref().unwrap_or_default();
        let relation = Relation::new(self.catalogue, resource_type, value).map_err(words)?;
        let iterates = self.uses("{include-iterate}");
        let found = samples.iter().find_map(|sample| {
            let targets = self.harvested(&relation, sample);
            let include = if iterates {
                targets.iter().find_map(|target| self.next_include(target))?
            } else {
                format!("{value}:{}", resource::type_of(targets.first()?)?)
            };
            Some((sample.clone(), include))
        });
        found
            .ok_or_else(|| said!("no harvested {} leads to a harvested resource by {}, or on from there", code(resource_type), code(value)))
    }

    /// The harvested resources that a relation leads to.
    fn harvested(&self, relation: &Relation, source: &Value) -> Vec<&Arc<Value>> {
        let targets = relation.targets(source, self.base);
        targets.iter().filter_map(|(target, id)| self.samples.find(target, id)).collect()
    }

    /// A declared `_include` value by which a resource leads on to a harvested one.
    fn next_include(&self, from: &Value) -> Option<String> {
        let resource_type = resource::type_of(from)?;
        let declared = self.bar.types.get(resource_type)?.includes.iter().filter(|(value, point)| point.declared && !value.ends_with('*'));
        let leads = |value: &str| {
            let relation = Relation::new(self.catalogue, resource_type, value);
            relation.is_ok_and(|relation| !self.harvested(&relation, from).is_empty())
        };
        declared.map(|(value, _)| value).find(|value| leads(value)).cloned()
    }

    /// A declared `_include` value by which a resource references a version of another.
    fn versioned(&self, resource_type: &str, sample: &Value) -> Option<String> {
        let declared = self.bar.types.get(resource_type)?.includes.iter().filter(|(value, point)| point.declared && !value.ends_with('*'));
        let names_version = |value: &str| {
            let relation = Relation::new(self.catalogue, resource_type, value);
            relation.is_ok_and(|relation| relation.names_version(sample))
        };
        declared.map(|(value, _)| value).find(|value| names_version(value)).cloned()
    }

    /// Names of elements that some samples have and may be without, none of them a choice of types: those first that are no summary elements,
    /// which a server that takes `_elements` for `_summary` leaves out.
    pub(super) fn elements(&self, resource_type: &str) -> Result<String, Said> {
        let samples = self.samples.of(resource_type);
        if samples.is_empty() {
            return Err(self.samples.why_none(resource_type));
        }
        let definition = self.catalogue.type_definition(resource_type).ok_or_else(|| said!("R4 has no type {}", code(resource_type)))?;
        let mut names: Vec<(bool, &str)> = Vec::new();
        for key in samples.iter().filter_map(|sample| sample.as_object()).flat_map(|fields| fields.keys()) {
            let plain = !matches!(key.as_str(), "id" | "meta" | "text" | "language" | "contained" | "implicitRules");
            let element = top_level(&definition, key).filter(|element| plain && element.min == 0 && element.path.ends_with(key.as_str()));
            if let Some(element) = element.filter(|_| !names.iter().any(|(_, known)| known == key)) {
                names.push((element.is_summary, key));
            }
        }
        names.sort_by_key(|(is_summary, _)| *is_summary);
        let chosen: Vec<&str> = names.iter().map(|(_, name)| *name).take(MOST_ELEMENTS).collect();
        if chosen.is_empty() {
            return Err(said!("no harvested {} has an element that is not mandatory", code(resource_type)));
        }
        Ok(chosen.join(","))
    }
}
