//! What an `_include` or `_revinclude` value relates to what.

use serde_json::Value;

use super::criterion::Criterion;
use crate::fhir::reference::Reference;
use crate::fhir::resource;
use crate::guide::Catalogue;

/// The references of a source type that an include value follows.
pub enum Relation {
    /// `*`: every reference.
    All,
    /// `Source:param` or `Source:param:Target`.
    By {
        /// The parameter.
        criterion: Box<Criterion>,
        /// The target type, when the value names one.
        target: Option<String>,
    },
}

impl Relation {
    /// Reads `*`, `Source:*`, `Source:param` or `Source:param:Target`.
    ///
    /// # Errors
    /// Why the references cannot be told.
    pub fn new(catalogue: &Catalogue, source_type: &str, value: &str) -> Result<Self, String> {
        let mut parts = value.split(':');
        let first = parts.next().unwrap_or_default();
        let (source, param) = match parts.next() {
            Some(param) => (first, param),
            None => (source_type, first),
        };
        if param == "*" {
            return Ok(Self::All);
        }
        let criterion = Box::new(Criterion::new(catalogue, source, param)?);
        Ok(Self::By { criterion, target: parts.next().map(str::to_owned) })
    }

    /// Type and id of each resource on this server that `source` references by it, without repeats.
    pub fn targets(&self, source: &Value, base: &str) -> Vec<(String, String)> {
        let mut targets = Vec::new();
        let mut add = |text: &str| {
            if let Some(target) = local_target(text, base)
                && !targets.contains(&target)
            {
                targets.push(target);
            }
        };
        match self {
            Self::All => resource::for_each_reference(source, &mut add),
            Self::By { criterion, target } => {
                for node in criterion.nodes(source) {
                    resource::for_each_reference(node, &mut add);
                }
                if let Some(wanted) = target {
                    targets.retain(|(target_type, _)| target_type == wanted);
                }
            }
        }
        targets
    }
}

/// Type and id of a reference that leads to this server.
pub fn local_target(text: &str, base: &str) -> Option<(String, String)> {
    let relative = text.strip_prefix(base).map_or(text, |rest| rest.trim_start_matches('/'));
    match Reference::parse(relative) {
        Reference::Relative { resource_type, id, .. } => Some((resource_type.to_owned(), id.to_owned())),
        _ => None,
    }
}
