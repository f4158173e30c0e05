//! The elements that an example has, each with its definition in R4.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use payerspec::fhir::json::Value;
use payerspec::guide::Catalogue;
use payerspec::guide::profile::{Element, Profile};

use super::mutant::{Pointer, index, key};

/// An element that is there.
#[derive(Clone, Debug)]
pub struct Spot {
    /// Where its value stands: the whole array when it repeats.
    pub pointer: Pointer,
    /// The property's name.
    pub name: String,
    /// Its definition.
    pub element: Element,
    /// The type of its value.
    pub type_name: String,
    /// Whether it repeats.
    pub is_list: bool,
    /// The path of its definition from the root of the resource, such as `Patient.name.given`.
    pub place: String,
}

/// An object that is there.
#[derive(Clone, Debug)]
pub struct Holder {
    pub pointer: Pointer,
    /// The type that it is of, or the path of the backbone element.
    pub type_name: String,
    pub place: String,
    pub may_modify: bool,
}

/// The definitions of types.
pub struct Types<'c> {
    catalogue: &'c Catalogue,
    known: RefCell<HashMap<String, Option<Arc<Profile>>>>,
}

/// What an example has.
#[derive(Default)]
pub struct Spots {
    pub elements: Vec<Spot>,
    pub holders: Vec<Holder>,
}

/// Where the walk is.
struct Here<'a> {
    definition: &'a Profile,
    /// Path of the object in the definition.
    path: &'a str,
    place: &'a str,
    pointer: &'a Pointer,
}

impl<'c> Types<'c> {
    pub fn new(catalogue: &'c Catalogue) -> Self {
        Self { catalogue, known: RefCell::default() }
    }

    pub fn catalogue(&self) -> &'c Catalogue {
        self.catalogue
    }

    /// The definition of a type.
    pub fn definition(&self, name: &str) -> Option<Arc<Profile>> {
        let mut known = self.known.borrow_mut();
        known.entry(name.to_owned()).or_insert_with(|| self.catalogue.type_definition(name)).clone()
    }

    /// Everything that a resource has.
    pub fn spots(&self, resource: &Value) -> Spots {
        let mut found = Spots::default();
        let name = resource["resourceType"].as_str().unwrap_or_default();
        if let Some(definition) = self.definition(name) {
            self.object(resource, &Here { definition: &definition, path: name, place: name, pointer: &Vec::new() }, &mut found);
        }
        found
    }

    fn object(&self, value: &Value, here: &Here<'_>, found: &mut Spots) {
        let Some(fields) = value.as_object() else { return };
        let modifier = format!("{}.modifierExtension", here.path);
        found.holders.push(Holder {
            pointer: here.pointer.clone(),
            type_name: here.path.to_owned(),
            place: here.place.to_owned(),
            may_modify: here.definition.elements.iter().any(|element| element.path == modifier),
        });
        for (name, value) in fields {
            let Some((element, type_name)) = child(here.definition, here.path, name) else { continue };
            let pointer = key(here.pointer, name);
            let place = format!("{}.{}", here.place, element.path.rsplit('.').next().unwrap_or_default());
            let is_list = element.max != Some(1);
            found.elements.push(Spot {
                pointer: pointer.clone(),
                name: name.clone(),
                element: element.clone(),
                type_name: type_name.clone(),
                is_list,
                place: place.clone(),
            });
            match value.as_array() {
                Some(items) => {
                    for (number, item) in items.iter().enumerate() {
                        self.inside(item, element, &type_name, &place, &index(&pointer, number), here, found);
                    }
                }
                None => self.inside(value, element, &type_name, &place, &pointer, here, found),
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a place is all of these")]
    fn inside(&self, value: &Value, element: &Element, type_name: &str, place: &str, pointer: &Pointer, here: &Here<'_>, found: &mut Spots) {
        if !value.is_object() {
            return;
        }
        if let Some(other) = &element.content_reference {
            let path = other.rsplit('#').next().unwrap_or_default();
            return self.object(value, &Here { path, place, pointer, ..*here }, found);
        }
        if matches!(type_name, "BackboneElement" | "Element") {
            return self.object(value, &Here { path: &element.path, place, pointer, ..*here }, found);
        }
        let name = if type_name == "Resource" { value["resourceType"].as_str().unwrap_or_default() } else { type_name };
        // The resources in a Bundle's entries are judged by themselves.
        if type_name == "Resource" && !place.ends_with(".contained") {
            return;
        }
        if let Some(definition) = self.definition(name) {
            self.object(value, &Here { definition: &definition, path: name, place, pointer }, found);
        }
    }
}

/// The definition of a property, and the type of its value.
fn child<'p>(definition: &'p Profile, path: &str, name: &str) -> Option<(&'p Element, String)> {
    let plain = format!("{path}.{name}");
    if let Some(element) = definition.elements.iter().find(|element| element.path == plain) {
        return Some((element, element.types.first().map(|kind| kind.code.clone()).unwrap_or_default()));
    }
    definition.elements.iter().find_map(|element| {
        let stem = element.path.strip_suffix("[x]")?.strip_prefix(path)?.strip_prefix('.')?;
        let suffix = name.strip_prefix(stem)?;
        let kind = element.types.iter().find(|kind| capitalised(&kind.code) == suffix)?;
        Some((element, kind.code.clone()))
    })
}

/// A type's name as the name of a choice ends in it.
pub fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}
