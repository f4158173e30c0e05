//! What an `_include` must have brought for one resource.

use std::collections::HashSet;

use crate::check::Subject;
use crate::check::outcome::Evidence;
use crate::check::relation::Relation;
use crate::check::said::{Said, code, key, said};
use crate::fhir::json::Value;
use crate::fhir::resource;

/// One include value, and what a searchset holds.
pub struct Brought<'a> {
    /// The include value, for findings.
    pub value: &'a str,
    /// Keys of all resources that are there.
    pub present: HashSet<String>,
    /// The place, for findings.
    pub at: Said,
}

impl Brought<'_> {
    /// Judges the references of `source`. Only targets that were harvested are expected: one that cannot be read with this token cannot be
    /// included either.
    pub fn judge(&self, subject: &Subject<'_>, relations: &[Relation], source: &Value, evidence: &mut Evidence) {
        for (target_type, id) in relations.iter().flat_map(|relation| relation.targets(source, subject.base)) {
            if subject.samples.find(&target_type, &id).is_none() {
                continue;
            }
            evidence.examined += 1;
            let target = format!("{target_type}/{id}");
            if !self.present.contains(&target) {
                let from = resource::key_of(source).unwrap_or_default();
                evidence.deviation(
                    self.at.clone(),
                    said!("{}, which {} references by {}", key(target), key(from), code(self.value)),
                    "not included",
                );
            }
        }
    }
}
