//! What the wanted guides demand, with everything that they build on.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use super::embedded;
use super::error::GuideError;
use super::facts::{Compartment, GuideId, Operation, SearchParameter};
use super::index::Kind;
use super::profile::Profile;
use super::shelf::Shelf;
use super::sources::{Loaded, Missing, Sources};
use super::terminology::{CodeSystem, ValueSet};
use super::terms::{Terms, split};
use crate::fhir::capability::Capability;
use crate::fhir::fhirpath::{Expression, ParseError};

/// How many definitions that were only glanced at are kept.
const MOST_GLANCED: usize = 4;

/// A resource type, and the types of elements whose paths in it are known.
type TypedPaths = (String, &'static [&'static str]);

/// The wanted guides, the packages they depend on and R4 itself. Records are read when asked for.
#[derive(Debug)]
pub struct Catalogue {
    guides: Vec<Guide>,
    /// What the wanted guides themselves hold, in their order.
    wanted: Vec<Arc<Shelf>>,
    /// Where records are looked for: the wanted guides, then packages given by hand, then dependencies by distance, R4 last.
    shelves: Arc<[Arc<Shelf>]>,
    terms: Terms,
    missing: Vec<Missing>,
    resource_types: Vec<String>,
    expressions: Mutex<HashMap<String, Expression>>,
    paths: Mutex<HashMap<TypedPaths, Arc<[String]>>>,
    /// The latest first.
    glanced: Mutex<Vec<(String, Arc<Profile>)>>,
    /// Search parameters of the server itself, by resource type and code.
    own_parameters: BTreeMap<(String, String), Arc<SearchParameter>>,
}

/// A wanted guide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guide {
    /// Package and version.
    pub id: GuideId,
    /// As case ids name it: `c4bb`, `us-core`, `r4`.
    pub short_name: String,
    /// Whether its catalogue is embedded in this program.
    pub embedded: bool,
}

/// A profile as the index knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileEntry {
    /// Canonical URL without version.
    pub url: String,
    /// Business version; empty when not stated.
    pub version: String,
    /// The type that it constrains or defines, such as `Patient` or `Extension`.
    pub type_name: String,
    /// `resource`, `complex-type`, `primitive-type` or `logical`.
    pub kind: String,
    /// `specialization` or `constraint`; empty when not stated.
    pub derivation: String,
    /// Whether instances cannot exist.
    pub is_abstract: bool,
    /// Where it comes from.
    pub guide: GuideId,
}

impl Catalogue {
    /// Loads guides with all that they depend on, and R4. A dependency that cannot be had is recorded as missing.
    ///
    /// # Errors
    /// A wanted guide is nowhere or its package cannot be used; a package or resource given by hand cannot be used.
    pub fn load(wanted: &[GuideId], sources: &Sources) -> Result<Self, GuideError> {
        let Loaded { wanted, others, core, missing } = sources.load(wanted)?;
        let guides = wanted.iter().map(|shelf| Guide { short_name: shelf.id().short_name(), id: shelf.id(), embedded: shelf.embedded });
        let guides = guides.collect();
        let is_core = |shelf: &&Arc<Shelf>| shelf.id() == GuideId::core();
        let core = wanted.iter().chain(&others).find(is_core).cloned().unwrap_or(core);
        let mut shelves: Vec<Arc<Shelf>> = wanted.iter().chain(&others).filter(|shelf| !is_core(shelf)).cloned().collect();
        let resource_types = concrete_resources(&core);
        shelves.push(core);
        let shelves: Arc<[Arc<Shelf>]> = shelves.into();
        Ok(Self {
            guides,
            wanted,
            terms: Terms::new(shelves.clone()),
            shelves,
            missing,
            resource_types,
            expressions: Mutex::default(),
            paths: Mutex::default(),
            glanced: Mutex::default(),
            own_parameters: BTreeMap::new(),
        })
    }

    /// The same with search parameters, by resource type and code, that come before those of every package.
    #[must_use]
    pub fn with_parameters(&self, own_parameters: BTreeMap<(String, String), Arc<SearchParameter>>) -> Self {
        Self {
            guides: self.guides.clone(),
            wanted: self.wanted.clone(),
            shelves: self.shelves.clone(),
            terms: self.terms.clone(),
            missing: self.missing.clone(),
            resource_types: self.resource_types.clone(),
            expressions: Mutex::default(),
            paths: Mutex::default(),
            glanced: Mutex::default(),
            own_parameters,
        }
    }

    /// The ids of the catalogues inside this program.
    pub fn embedded() -> Vec<GuideId> {
        embedded::ids()
    }

    /// The wanted guides, in the order given.
    pub fn guides(&self) -> &[Guide] {
        &self.guides
    }

    /// Every package that is looked in, with its version: the wanted guides, what was given by hand, what they build on, R4 last.
    pub fn packages(&self) -> Vec<GuideId> {
        self.shelves.iter().map(|shelf| shelf.id()).collect()
    }

    /// Dependencies that could not be had.
    pub fn missing(&self) -> &[Missing] {
        &self.missing
    }

    /// What the wanted guides expect of servers: their CapabilityStatements of kind `requirements` with a server part.
    pub fn expectations(&self) -> Vec<(&Guide, Arc<Capability>)> {
        let shelves = self.guides.iter().zip(&self.wanted);
        shelves.flat_map(|(guide, shelf)| shelf.expectations().iter().map(move |expected| (guide, Arc::clone(expected)))).collect()
    }

    /// The search parameter of a resource type by its code: a wanted guide's own before a dependency's before R4's.
    /// Parameters of `DomainResource` and `Resource` count for every resource type.
    pub fn search_parameter(&self, resource_type: &str, code: &str) -> Option<Arc<SearchParameter>> {
        if !self.own_parameters.is_empty()
            && let Some(own) = self.own_parameters.get(&(resource_type.to_owned(), code.to_owned()))
        {
            return Some(own.clone());
        }
        let bases = self.search_bases(resource_type);
        bases.iter().find_map(|base| self.shelves.iter().find_map(|shelf| shelf.search_parameter(base, code)))
    }

    /// All search parameters of a resource type, one for each code, chosen as `search_parameter` does, in the order of their codes.
    pub fn search_parameters(&self, resource_type: &str) -> Vec<Arc<SearchParameter>> {
        let mut by_code: BTreeMap<String, Arc<SearchParameter>> = BTreeMap::new();
        for base in self.search_bases(resource_type) {
            for shelf in self.shelves.iter() {
                for parameter in shelf.search_parameters(base) {
                    by_code.entry(parameter.code.clone()).or_insert(parameter);
                }
            }
        }
        by_code.into_values().collect()
    }

    /// The search parameter of a canonical URL.
    pub fn search_parameter_by_url(&self, url: &str) -> Option<Arc<SearchParameter>> {
        let (url, _) = split(url);
        let own = || self.own_parameters.values().find(|own| own.url == url).cloned();
        self.shelves.iter().find_map(|shelf| shelf.search_parameter_by_url(url)).or_else(own)
    }

    /// The operation of a canonical URL.
    pub fn operation(&self, canonical: &str) -> Option<Arc<Operation>> {
        let (url, _) = split(canonical);
        self.shelves.iter().find_map(|shelf| shelf.operation(url))
    }

    /// R4's definition of the compartment of a resource type, such as `Patient`.
    pub fn compartment(&self, resource_type: &str) -> Option<Arc<Compartment>> {
        let name = resource_type.get(..1).unwrap_or_default().to_ascii_lowercase() + resource_type.get(1..).unwrap_or_default();
        let url = format!("http://hl7.org/fhir/CompartmentDefinition/{name}");
        self.shelves.iter().rev().find_map(|shelf| shelf.compartment(&url))
    }

    /// The profile of a canonical URL. With `|version` that version or none; without, the one nearest to the wanted guides.
    pub fn profile(&self, canonical: &str) -> Option<Arc<Profile>> {
        let (url, version) = split(canonical);
        self.shelves.iter().find_map(|shelf| shelf.profile(url, version))
    }

    /// The definition of a type of R4 by its name, such as `Patient` or `HumanName`.
    pub fn type_definition(&self, type_name: &str) -> Option<Arc<Profile>> {
        self.profile(&format!("http://hl7.org/fhir/StructureDefinition/{type_name}"))
    }

    /// The definition of a resource type, kept only until some others are looked at: for who needs little of each of many types.
    pub fn glance(&self, resource_type: &str) -> Option<Arc<Profile>> {
        let mut latest = self.glanced.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = latest.iter().find(|(name, _)| name == resource_type) {
            return Some(Arc::clone(known));
        }
        let url = format!("http://hl7.org/fhir/StructureDefinition/{resource_type}");
        let definition = self.shelves.iter().find_map(|shelf| shelf.glance(&url))?;
        latest.truncate(MOST_GLANCED - 1);
        latest.insert(0, (resource_type.to_owned(), Arc::clone(&definition)));
        Some(definition)
    }

    /// The paths of a resource type's elements that are of one of these types, such as `boolean`.
    pub fn paths(&self, resource_type: &str, types: &'static [&'static str]) -> Arc<[String]> {
        let key = (resource_type.to_owned(), types);
        if let Some(known) = self.paths.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Arc::clone(known);
        }
        let definition = self.glance(resource_type);
        let elements = definition.iter().flat_map(|definition| &definition.elements);
        let of_types = elements.filter(|element| element.types.iter().any(|kind| types.contains(&kind.code.as_str())));
        let paths: Arc<[String]> = of_types.map(|element| element.path.clone()).collect();
        self.paths.lock().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&paths));
        paths
    }

    /// The wanted guides' profiles, without loading them.
    pub fn profiles(&self) -> Vec<ProfileEntry> {
        self.wanted.iter().flat_map(|shelf| entries(shelf)).collect()
    }

    /// What the index says of the profile of a canonical URL, without loading it.
    pub fn profile_entry(&self, canonical: &str) -> Option<ProfileEntry> {
        let (url, version) = split(canonical);
        let is_this = |entry: &ProfileEntry| entry.url == url && version.is_none_or(|version| entry.version == version);
        self.shelves.iter().find_map(|shelf| entries(shelf).find(is_this))
    }

    /// The profiles and type definitions of every loaded package, nearest to the wanted guides first, without loading them.
    pub fn all_profiles(&self) -> Vec<ProfileEntry> {
        self.shelves.iter().flat_map(|shelf| entries(shelf)).collect()
    }

    /// A value set's members, as far as the loaded packages decide them.
    pub fn value_set(&self, canonical: &str) -> Option<Arc<ValueSet>> {
        self.terms.value_set(canonical)
    }

    /// The code system of a URL. With `|version` that version or none.
    pub fn code_system(&self, url: &str) -> Option<Arc<CodeSystem>> {
        self.terms.code_system(url)
    }

    /// What the loaded packages say of codes, to be kept.
    pub fn terms(&self) -> Terms {
        self.terms.clone()
    }

    /// A FHIRPath expression, such as that of a search parameter; each is compiled once.
    ///
    /// # Errors
    /// It is none.
    pub fn expression(&self, text: &str) -> Result<Expression, ParseError> {
        if let Some(known) = self.expressions.lock().unwrap_or_else(PoisonError::into_inner).get(text) {
            return Ok(known.clone());
        }
        let compiled = Expression::parse(text)?;
        self.expressions.lock().unwrap_or_else(PoisonError::into_inner).insert(text.to_owned(), compiled.clone());
        Ok(compiled)
    }

    /// All resource types of R4 that can have instances, sorted.
    pub fn resource_types(&self) -> &[String] {
        &self.resource_types
    }

    /// Whether R4 has a resource type of that name that can have instances.
    pub fn is_resource_type(&self, name: &str) -> bool {
        self.resource_types.binary_search_by(|known| known.as_str().cmp(name)).is_ok()
    }

    fn search_bases<'a>(&self, resource_type: &'a str) -> Vec<&'a str> {
        match resource_type {
            "Resource" => vec!["Resource"],
            // These three resource types are no domain resources (R4 resource.html).
            "DomainResource" | "Bundle" | "Binary" | "Parameters" => vec![resource_type, "Resource"],
            _ => vec![resource_type, "DomainResource", "Resource"],
        }
    }
}

fn entries(shelf: &Shelf) -> impl Iterator<Item = ProfileEntry> {
    let guide = shelf.id();
    shelf.rows(Kind::Profile).map(move |row| {
        let mut detail = row.detail.split('/');
        ProfileEntry {
            url: row.url.clone(),
            version: row.version.clone(),
            type_name: row.types.clone(),
            kind: detail.next().unwrap_or_default().to_owned(),
            derivation: detail.next().unwrap_or_default().to_owned(),
            is_abstract: detail.next() == Some("abstract"),
            guide: guide.clone(),
        }
    })
}

fn concrete_resources(core: &Shelf) -> Vec<String> {
    let resources = entries(core).filter(|entry| entry.kind == "resource" && entry.derivation == "specialization" && !entry.is_abstract);
    let mut names: Vec<String> = resources.map(|entry| entry.type_name).collect();
    names.sort_unstable();
    names.dedup();
    names
}
