//! What an `_include` or `_revinclude` value relates to what.

use super::criterion::Criterion;
use super::declared::Declared;
use crate::fhir::json::Value;
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

    /// What a server promises with an include value. `*` stands for the reference parameters that it declares for the type (R4
    /// search.html#include: any search parameter of type reference).
    ///
    /// # Errors
    /// Why the references cannot be told.
    pub fn promised(catalogue: &Catalogue, declared: &Declared, source_type: &str, value: &str) -> Result<Vec<Self>, String> {
        let relation = Self::new(catalogue, source_type, value)?;
        let statement = declared.capability.as_ref().and_then(|capability| capability.resources.get(source_type));
        let (Self::All, statement) = (&relation, statement) else { return Ok(vec![relation]) };
        let statement = statement.ok_or_else(|| format!("nothing declares which references of {source_type} * stands for"))?;
        let by_param =
            statement.search_params.iter().filter(|stated| stated.value.kind == "reference").map(|stated| stated.value.name.as_str());
        let by_include = statement.includes.iter().map(|stated| stated.value.as_str()).filter(|include| !include.ends_with('*'));
        let relations: Vec<Self> = by_param.chain(by_include).filter_map(|name| Self::named(catalogue, source_type, name)).collect();
        if relations.is_empty() {
            return Err(format!("{source_type} declares no reference parameter that * could stand for"));
        }
        Ok(relations)
    }

    /// Whether `source` references a version of a resource by it.
    pub fn names_version(&self, source: &Value) -> bool {
        let mut found = false;
        let mut look = |text: &str| {
            found |= matches!(
                Reference::parse(text),
                Reference::Relative { version: Some(_), .. } | Reference::Absolute { version: Some(_), .. }
            );
        };
        match self {
            Self::All => resource::for_each_reference(source, &mut look),
            Self::By { criterion, .. } => {
                criterion.nodes(source).into_iter().for_each(|node| resource::for_each_reference(node, &mut look));
            }
        }
        found
    }

    fn named(catalogue: &Catalogue, source_type: &str, name: &str) -> Option<Self> {
        let value = if name.contains(':') { name.to_owned() } else { format!("{source_type}:{name}") };
        Self::new(catalogue, source_type, &value).ok()
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
