//! Types and profiles, found by name and compiled at their first use.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::codes::Codes;
use super::rules::Rules;
use super::schema::{Schema, TypeId};
use crate::fhir::fhirpath::Model;
use crate::fhir::reference::split_canonical;
use crate::guide::{Catalogue, GuideId, ProfileEntry};

const CORE: &str = "http://hl7.org/fhir/StructureDefinition/";

/// All types and profiles of a catalogue.
#[derive(Debug)]
pub struct Library {
    catalogue: Arc<Catalogue>,
    ids: HashMap<String, TypeId>,
    types: Vec<Slot<Schema>>,
    profiles: HashMap<String, Vec<usize>>,
    slots: Vec<(ProfileEntry, OnceLock<Option<Rules>>)>,
    /// Codes and value sets.
    pub codes: Codes,
}

#[derive(Debug)]
struct Slot<T> {
    name: String,
    compiled: OnceLock<Option<T>>,
}

impl Library {
    /// Knows all that a catalogue holds.
    pub fn new(catalogue: Arc<Catalogue>) -> Self {
        let core = GuideId::core();
        let entries = catalogue.all_profiles();
        let is_type = |entry: &&ProfileEntry| {
            entry.guide == core
                && entry.kind != "logical"
                && entry.derivation != "constraint"
                && entry.url.strip_prefix(CORE) == Some(&entry.type_name)
        };
        let mut ids = HashMap::new();
        let mut types = Vec::new();
        for entry in entries.iter().filter(is_type) {
            ids.entry(entry.type_name.clone()).or_insert_with(|| {
                types.push(Slot { name: entry.type_name.clone(), compiled: OnceLock::new() });
                types.len() - 1
            });
        }
        let mut profiles: HashMap<String, Vec<usize>> = HashMap::new();
        for (number, entry) in entries.iter().enumerate() {
            profiles.entry(entry.url.clone()).or_default().push(number);
        }
        let slots = entries.into_iter().map(|entry| (entry, OnceLock::new())).collect();
        let codes = Codes::new(Arc::clone(&catalogue));
        Self { catalogue, ids, types, profiles, slots, codes }
    }

    /// What was loaded.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// Numbers of the types by name.
    pub fn ids(&self) -> &HashMap<String, TypeId> {
        &self.ids
    }

    /// The definition of a type.
    pub fn schema(&self, id: TypeId) -> Option<&Schema> {
        let slot = self.types.get(id)?;
        slot.compiled.get_or_init(|| Some(Schema::compile(&*self.catalogue.type_definition(&slot.name)?, &self.ids))).as_ref()
    }

    /// The definition of the type of that name.
    pub fn schema_named(&self, name: &str) -> Option<(TypeId, &Schema)> {
        let id = *self.ids.get(name)?;
        Some((id, self.schema(id)?))
    }

    /// The profile of a canonical URL, the one nearest to the wanted guides when no version is given.
    pub fn entry(&self, canonical: &str) -> Option<&ProfileEntry> {
        self.slot(canonical).map(|(entry, _)| entry)
    }

    /// The rules of a profile; `None` when there is no such profile or it has no snapshot.
    pub fn rules(&self, canonical: &str) -> Option<&Rules> {
        let (entry, rules) = self.slot(canonical)?;
        rules.get_or_init(|| self.compile(entry)).as_ref()
    }

    /// Whether a canonical URL names a profile, not a type, and with rules.
    pub fn is_constraint(&self, canonical: &str) -> bool {
        self.entry(canonical).is_some_and(|entry| entry.derivation == "constraint")
    }

    fn compile(&self, entry: &ProfileEntry) -> Option<Rules> {
        let versioned = format!("{}|{}", entry.url, entry.version);
        let canonical = if entry.version.is_empty() { &entry.url } else { &versioned };
        let profile = self.catalogue.profile(canonical)?;
        Rules::compile(&profile, entry, self)
    }

    fn slot(&self, canonical: &str) -> Option<&(ProfileEntry, OnceLock<Option<Rules>>)> {
        let (url, version) = split_canonical(canonical);
        let mut known = self.profiles.get(url)?.iter().filter_map(|number| self.slots.get(*number));
        known.find(|(entry, _)| version.is_none_or(|version| entry.version == version))
    }

    /// The name of the type that a profile constrains or a type's own name, for a canonical URL or a bare name.
    pub fn type_of<'l>(&'l self, canonical: &'l str) -> Option<&'l str> {
        match self.entry(canonical) {
            Some(entry) => Some(&entry.type_name),
            None => split_canonical(canonical).0.strip_prefix(CORE).filter(|name| self.ids.contains_key(*name)),
        }
    }
}

impl Model for Library {
    fn child_type(&self, parent: &str, element: &str) -> Option<&str> {
        let type_name = parent.split('.').next()?;
        let (_, schema) = self.schema_named(type_name)?;
        let number = schema.child_named(schema.at(parent)?, element)?;
        let node = schema.node(number)?;
        if node.is_choice {
            return Some("Element");
        }
        match node.types.first() {
            Some(kind) if kind.shape == super::schema::Shape::Inline => schema.node(schema.holder(number)).map(|node| &*node.path),
            Some(kind) => Some(&kind.code),
            None => None,
        }
    }

    fn is_subtype(&self, type_name: &str, of: &str) -> bool {
        let mut current = if type_name.contains('.') { "BackboneElement" } else { type_name };
        for _ in 0..8 {
            if current == of {
                return true;
            }
            match self.schema_named(current).and_then(|(_, schema)| schema.base.as_deref()) {
                Some(base) => current = base,
                None => return false,
            }
        }
        false
    }

    fn is_type(&self, name: &str) -> bool {
        self.ids.contains_key(name)
    }
}
