//! The occurrences of an element in JSON: where FHIR's one element is a property, an array, a choice or a primitive with a sibling.

use super::schema::{Schema, Shape};
use super::slicing::Step;
use super::surroundings::Surroundings;
use crate::fhir::fhirpath::Node;
use crate::fhir::json::{Map, Value};
use crate::fhir::resource;

/// One occurrence of an element.
#[derive(Clone, Copy, Debug)]
pub struct Occurrence<'a> {
    /// Its JSON value, unless it is a primitive without value.
    pub value: Option<&'a Value>,
    /// The sibling with a primitive's id and extensions.
    pub companion: Option<&'a Value>,
    /// Type name, path of an inline structure, or resource type.
    pub type_name: &'a str,
    /// Place in its array.
    pub index: Option<usize>,
}

impl<'a> Occurrence<'a> {
    /// A resource.
    pub fn of_resource(value: &'a Value) -> Self {
        Self { value: Some(value), companion: None, type_name: resource::type_of(value).unwrap_or_default(), index: None }
    }

    /// As FHIRPath sees it.
    pub fn node(&self) -> Node<'a> {
        Node { value: self.value, companion: self.companion, type_name: Some(self.type_name).filter(|name| !name.is_empty()) }
    }

    /// The object that holds its children.
    pub fn fields(&self) -> Option<&'a Map> {
        match self.value {
            Some(Value::Object(fields)) => Some(fields),
            Some(Value::Array(_)) => None,
            _ => self.companion?.as_object(),
        }
    }
}

/// The occurrences of an element of a type in an object of that type.
pub fn of<'a>(fields: &'a Map, schema: &'a Schema, number: usize) -> Vec<Occurrence<'a>> {
    let Some(node) = schema.node(number) else { return Vec::new() };
    let mut found = Vec::new();
    if node.is_choice {
        for (kind, name) in choices(fields, &node.name, node) {
            push(fields, name, &kind.code, &mut found);
        }
        return found;
    }
    let type_name = match node.types.first() {
        Some(kind) if kind.shape == Shape::Inline => schema.node(schema.holder(number)).map_or("", |node| &node.path),
        Some(kind) => &kind.code,
        None => "",
    };
    push(fields, &node.name, type_name, &mut found);
    found
}

fn choices<'a, 's>(
    fields: &'a Map,
    name: &'s str,
    node: &'s super::schema::Node,
) -> impl Iterator<Item = (&'s super::schema::Type, &'a str)> + use<'a, 's> {
    let keys = fields.keys().map(|key| -> &str { key }).filter_map(move |key| Some((key, key.trim_start_matches('_').strip_prefix(name)?)));
    keys.filter(|(key, _)| !(key.starts_with('_') && fields.contains_key(key.trim_start_matches('_')))).filter_map(move |(key, suffix)| {
        let is_this = |kind: &&super::schema::Type| is_capitalised(&kind.code, suffix);
        Some((node.types.iter().find(is_this)?, key.trim_start_matches('_')))
    })
}

fn is_capitalised(code: &str, suffix: &str) -> bool {
    let (mut code, mut suffix) = (code.bytes(), suffix.bytes());
    code.next().map(|letter| letter.to_ascii_uppercase()) == suffix.next() && code.eq(suffix)
}

fn push<'a>(fields: &'a Map, name: &str, type_name: &'a str, found: &mut Vec<Occurrence<'a>>) {
    let value = fields.get(name);
    // Only primitives have siblings.
    let is_structure = match value {
        Some(Value::Object(_)) => true,
        Some(Value::Array(items)) => matches!(items.first(), Some(Value::Object(_))),
        _ => false,
    };
    let companion = if is_structure { None } else { companion(fields, name) };
    match (value, companion) {
        (Some(Value::Array(items)), companion) => {
            let companions = companion.and_then(Value::as_array);
            for (index, item) in items.iter().enumerate() {
                let companion =
                    companions.and_then(|companions| companions.get(index)).filter(|companion| !matches!(companion, Value::Null));
                let value = Some(item).filter(|item| !matches!(item, Value::Null));
                found.push(Occurrence { value, companion, type_name: of_resource(item, type_name), index: Some(index) });
            }
        }
        (None, Some(Value::Array(companions))) => {
            let items = companions.iter().enumerate();
            found.extend(items.map(|(index, companion)| Occurrence {
                value: None,
                companion: Some(companion),
                type_name,
                index: Some(index),
            }));
        }
        (None, None) => {}
        (Some(Value::Null), None) => {}
        (value, companion) => {
            let type_name = value.map_or(type_name, |value| of_resource(value, type_name));
            found.push(Occurrence { value: value.filter(|value| !matches!(value, Value::Null)), companion, type_name, index: None });
        }
    }
}

/// The sibling of a primitive.
pub fn companion<'a>(fields: &'a Map, name: &str) -> Option<&'a Value> {
    // Most objects have no sibling at all, and composing the name costs more than looking.
    let mut siblings = fields.iter().filter(|(key, _)| key.starts_with('_'));
    siblings.find(|(key, _)| key.strip_prefix('_') == Some(name)).map(|(_, value)| value)
}

fn of_resource<'a>(value: &'a Value, type_name: &'a str) -> &'a str {
    if matches!(type_name, "Resource" | "") { resource::type_of(value).unwrap_or(type_name) } else { type_name }
}

/// What stands at the end of a discriminator's path.
pub fn follow<'a>(start: Occurrence<'a>, path: &[Step], root: &'a Value, surroundings: &'a dyn Surroundings) -> Vec<Occurrence<'a>> {
    let mut current = vec![start];
    for step in path {
        let mut next = Vec::new();
        for occurrence in current {
            take(occurrence, step, root, surroundings, &mut next);
        }
        current = next;
    }
    current
}

fn take<'a>(from: Occurrence<'a>, step: &Step, root: &'a Value, surroundings: &'a dyn Surroundings, found: &mut Vec<Occurrence<'a>>) {
    match step {
        Step::Field(name) => {
            let Some(fields) = from.fields() else { return };
            let before = found.len();
            push(fields, name, "", found);
            if found.len() == before {
                let suffixed = fields.keys().find(|key| {
                    key.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with(|sign: char| sign.is_ascii_uppercase()))
                });
                if let Some(key) = suffixed {
                    push(fields, key, key.get(name.len()..).unwrap_or_default(), found);
                }
            }
        }
        Step::Extension(url) => {
            let extensions = from.fields().and_then(|fields| fields.get("extension")).and_then(Value::as_array);
            let wanted = extensions.into_iter().flatten().filter(|extension| extension.get("url").and_then(Value::as_str) == Some(url));
            found.extend(wanted.map(|extension| Occurrence {
                value: Some(extension),
                companion: None,
                type_name: "Extension",
                index: None,
            }));
        }
        Step::Resolve => {
            let reference = from.value.and_then(|value| value.as_str().or_else(|| value.get("reference")?.as_str()));
            found.extend(reference.and_then(|reference| resolve(reference, root, surroundings)).map(Occurrence::of_resource));
        }
        Step::OfType(name) => {
            if from.type_name.eq_ignore_ascii_case(name) || from.type_name.is_empty() {
                found.push(from);
            }
        }
    }
}

/// The resource that a reference in `root` leads to: a contained one, or one at hand.
pub fn resolve<'a>(reference: &str, root: &'a Value, surroundings: &'a dyn Surroundings) -> Option<&'a Value> {
    match reference.strip_prefix('#') {
        Some("") => Some(root),
        Some(id) => root.get("contained")?.as_array()?.iter().find(|contained| resource::id_of(contained) == Some(id)),
        None => surroundings.resolve(reference),
    }
}
