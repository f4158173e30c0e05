//! Which top-level elements of a resource a `_summary` or `_elements` search leaves in it (R4 search.html#summary, #elements).

use std::cell::OnceCell;
use std::sync::Arc;

use crate::check::Subject;
use crate::check::claims::Claims;
use crate::fhir::json::Value;
use crate::fhir::resource;
use crate::guide::Catalogue;
use crate::guide::profile::{Element, Profile};

/// Elements that identify a resource or that R4 does not place in or out of a subset, such as extensions.
const ALWAYS: [&str; 8] = ["resourceType", "id", "meta", "implicitRules", "language", "contained", "extension", "modifierExtension"];

/// The part of a resource that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// `_summary=true`: summary elements.
    Summary,
    /// `_summary=text`: narrative and mandatory elements.
    Text,
    /// `_summary=data`: all but the narrative.
    Data,
    /// `_elements`: the listed elements.
    Listed(Vec<String>),
}

/// What is known of the elements of a type.
pub struct Subset<'a> {
    /// The part that was asked for.
    pub part: Part,
    resource_type: &'a str,
    catalogue: &'a Catalogue,
    /// Read when there is a resource to look at.
    definition: OnceCell<Option<Arc<Profile>>>,
}

impl Part {
    /// What the last step of a case asks for, with the parameter that says it.
    pub fn asked(subject: &Subject<'_>) -> Option<(Self, &'static str)> {
        if let Some(names) = subject.asked("_elements") {
            return Some((Self::Listed(names.split(',').map(|name| name.trim().to_owned()).collect()), "_elements"));
        }
        let part = match subject.asked("_summary")? {
            "true" => Self::Summary,
            "text" => Self::Text,
            "data" => Self::Data,
            _ => return None,
        };
        Some((part, "_summary"))
    }
}

impl<'a> Subset<'a> {
    /// The part that a case asks for of its type.
    ///
    /// # Errors
    /// Why it cannot be told what belongs to it.
    pub fn asked(subject: &Subject<'a>) -> Result<(Self, &'static str), String> {
        let (part, name) = Part::asked(subject).ok_or("the search asks for no part of the resources")?;
        let (resource_type, catalogue) = (subject.resource_type(), subject.catalogue);
        if !catalogue.is_resource_type(resource_type) {
            return Err(format!("R4 has no type {resource_type}"));
        }
        Ok((Self { part, resource_type, catalogue, definition: OnceCell::new() }, name))
    }

    /// Whether an element must be there when the whole resource has it: it is asked for, or mandatory in R4. A summary is what is marked so.
    pub fn is_due(&self, key: &str) -> bool {
        self.is_asked_for(key) || (self.part != Part::Summary && self.part != Part::Data && self.is_mandatory(key))
    }

    fn is_mandatory(&self, key: &str) -> bool {
        self.element(key).is_some_and(|element| element.min > 0)
    }

    /// Whether an element is what the search asks for.
    pub fn is_asked_for(&self, key: &str) -> bool {
        let name = key.strip_prefix('_').unwrap_or(key);
        if ALWAYS.contains(&name) {
            return false;
        }
        match &self.part {
            Part::Summary => self.element(key).is_some_and(|element| element.is_summary),
            Part::Text => name == "text",
            Part::Data => name != "text",
            Part::Listed(names) => names.iter().any(|listed| listed == name),
        }
    }

    /// Whether an element may be there: it is asked for, mandatory by R4 or a profile that the resource claims, a modifier, or R4 does not
    /// say.
    pub fn may_stay(&self, whole: &Value, key: &str) -> bool {
        let name = key.strip_prefix('_').unwrap_or(key);
        if ALWAYS.contains(&name) || self.is_asked_for(key) {
            return true;
        }
        if self.part == Part::Data {
            return false;
        }
        let Some(element) = self.element(key) else { return true };
        element.min > 0 || element.is_modifier || claims_mandatory(self.catalogue, whole, &element.path)
    }

    fn element(&self, key: &str) -> Option<&Element> {
        let definition = self.definition.get_or_init(|| self.catalogue.type_definition(self.resource_type));
        top_level(definition.as_deref()?, key)
    }
}

/// The top-level element of a type that a JSON property belongs to.
pub fn top_level<'a>(definition: &'a Profile, key: &str) -> Option<&'a Element> {
    let name = key.strip_prefix('_').unwrap_or(key);
    definition.elements.iter().find(|element| {
        let Some(own) = element.path.strip_prefix(definition.type_name.as_str()).and_then(|rest| rest.strip_prefix('.')) else {
            return false;
        };
        let is_choice =
            |stem: &str| name.strip_prefix(stem).is_some_and(|rest| rest.starts_with(|letter: char| letter.is_ascii_uppercase()));
        own == name || own.strip_suffix("[x]").is_some_and(is_choice)
    })
}

/// Whether a profile that a resource may be of makes an element mandatory.
fn claims_mandatory(catalogue: &Catalogue, whole: &Value, path: &str) -> bool {
    Claims::of(catalogue, whole).elements(path).any(|element| element.min > 0 && element.slice_name.is_none())
}

/// The matches of the last step with their harvested copies of the same version.
pub fn with_copies<'a>(subject: &Subject<'a>) -> Vec<(&'a Value, &'a Value)> {
    let copy = |found: &'a Value| {
        let whole = subject.samples.find(resource::type_of(found)?, resource::id_of(found)?)?;
        super::copies::same_version(found, whole).then_some((found, whole.as_ref()))
    };
    subject.matches().into_iter().filter_map(copy).collect()
}
