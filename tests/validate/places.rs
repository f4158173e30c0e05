//! The elements of a resource with what R4 says of each, found by walking the resource beside its type's definition.

use payerspec::fhir::json::Value;
use payerspec::guide::Catalogue;
use payerspec::guide::profile::{Element, Profile};

/// One property of an object in a resource.
#[derive(Clone, Debug)]
pub struct Place {
    /// JSON pointer of the property.
    pub pointer: String,
    /// Name in JSON.
    pub name: String,
    /// Its type.
    pub type_name: String,
    /// The element's definition.
    pub element: Element,
    /// Whether the type of a choice stands in the name.
    pub is_choice: bool,
}

/// Every property in a resource, contained resources left out.
pub fn of(resource: &Value, catalogue: &Catalogue) -> Vec<Place> {
    let mut places = Vec::new();
    let name = resource["resourceType"].as_str().unwrap_or_default();
    if let Some(definition) = catalogue.type_definition(name) {
        object(resource, &definition, &definition.type_name, "", catalogue, &mut places);
    }
    places
}

fn object(value: &Value, definition: &Profile, path: &str, pointer: &str, catalogue: &Catalogue, places: &mut Vec<Place>) {
    let Some(fields) = value.as_object() else { return };
    for (name, child) in fields {
        let Some((element, type_name, is_choice)) = find(definition, path, name) else { continue };
        let pointer = format!("{pointer}/{name}");
        let place =
            Place { pointer: pointer.clone(), name: name.to_string(), type_name: type_name.clone(), element: element.clone(), is_choice };
        places.push(place);
        let items: Vec<(String, &Value)> = match child {
            Value::Array(items) => items.iter().enumerate().map(|(index, item)| (format!("{pointer}/{index}"), item)).collect(),
            other => vec![(pointer, other)],
        };
        let inline = element.content_reference.as_deref().map(|reference| reference.trim_start_matches('#').to_owned());
        let inline = inline.or_else(|| has_children(definition, &element.path).then(|| element.path.clone()));
        for (pointer, item) in items {
            match &inline {
                Some(path) => object(item, definition, path, &pointer, catalogue, places),
                None if type_name != "Resource" => {
                    if let Some(inner) = catalogue.type_definition(&type_name) {
                        object(item, &inner, &inner.type_name, &pointer, catalogue, places);
                    }
                }
                None => {}
            }
        }
    }
}

fn has_children(definition: &Profile, path: &str) -> bool {
    definition.elements.iter().any(|element| element.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')))
}

fn find<'p>(definition: &'p Profile, path: &str, name: &str) -> Option<(&'p Element, String, bool)> {
    let own = format!("{path}.{name}");
    if let Some(element) = definition.elements.iter().find(|element| element.path == own) {
        return Some((element, element.types.first().map(|kind| kind.code.clone()).unwrap_or_default(), false));
    }
    definition.elements.iter().find_map(|element| {
        let base = element.path.strip_suffix("[x]")?.strip_prefix(path)?.strip_prefix('.')?;
        let suffix = name.strip_prefix(base)?;
        let kind = element.types.iter().find(|kind| kind.code.eq_ignore_ascii_case(suffix))?;
        Some((element, kind.code.clone(), true))
    })
}
