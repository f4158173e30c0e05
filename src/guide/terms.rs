//! What the loaded packages say of codes, to be asked from anywhere: a handle that is cheap to clone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::index::Kind;
use super::membership;
use super::shelf::Shelf;
use super::terminology::{CodeSystem, Membership, ValueSet};
use crate::fhir::search::Terminology;

/// The code systems and value sets of the loaded packages, nearest to the wanted guides first. Each value set is worked out once.
#[derive(Clone, Debug)]
pub struct Terms {
    shelves: Arc<[Arc<Shelf>]>,
    known: Arc<Known>,
}

/// Places among the value sets of the guides, in order.
type Places = Arc<[usize]>;

/// What was worked out.
#[derive(Debug, Default)]
struct Known {
    value_sets: Mutex<HashMap<String, Option<Arc<ValueSet>>>>,
    of_guides: OnceLock<Vec<String>>,
    /// By system and code.
    holders: Mutex<HashMap<(String, String), Places>>,
}

impl Terms {
    pub fn new(shelves: Arc<[Arc<Shelf>]>) -> Self {
        Self { shelves, known: Arc::default() }
    }

    /// A value set's members, as far as the packages decide them.
    pub fn value_set(&self, canonical: &str) -> Option<Arc<ValueSet>> {
        if let Some(known) = self.known.value_sets.lock().unwrap_or_else(PoisonError::into_inner).get(canonical) {
            return known.clone();
        }
        let (url, version) = split(canonical);
        let worked_out = membership::work_out(&self.shelves, url, version).map(Arc::new);
        self.known.value_sets.lock().unwrap_or_else(PoisonError::into_inner).insert(canonical.to_owned(), worked_out.clone());
        worked_out
    }

    /// The canonical URLs, without version, of the value sets of all loaded packages but R4, which is the last.
    pub fn value_sets_of_guides(&self) -> &[String] {
        self.known.of_guides.get_or_init(|| {
            let guides = self.shelves.split_last().map_or(&[][..], |(_, guides)| guides);
            guides.iter().flat_map(|shelf| shelf.rows(Kind::ValueSet)).map(|row| row.url.clone()).collect()
        })
    }

    /// Which of the value sets of the guides are known to hold a code: their places among them, in order.
    pub fn value_sets_with(&self, system: &str, code: &str) -> Places {
        let key = (system.to_owned(), code.to_owned());
        if let Some(known) = self.known.holders.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return known.clone();
        }
        let all = self.value_sets_of_guides().iter().enumerate();
        let holders: Places = all.filter(|(_, url)| self.holds(url, Some(system), code) == Some(true)).map(|(at, _)| at).collect();
        self.known.holders.lock().unwrap_or_else(PoisonError::into_inner).insert(key, holders.clone());
        holders
    }

    /// The code system of a URL. With `|version` that version or none.
    pub fn code_system(&self, url: &str) -> Option<Arc<CodeSystem>> {
        let (url, version) = split(url);
        self.shelves.iter().find_map(|shelf| shelf.code_system(url, version))
    }
}

impl Terminology for Terms {
    fn case_sensitive(&self, system: &str) -> Option<bool> {
        self.code_system(system)?.case_sensitive
    }

    fn holds(&self, value_set: &str, system: Option<&str>, code: &str) -> Option<bool> {
        match self.value_set(value_set)?.membership(system, code) {
            Membership::Member => Some(true),
            Membership::NotMember => Some(false),
            Membership::Undecidable => None,
        }
    }

    fn are_apart(&self, system: &str, one: &str, other: &str) -> bool {
        let Some(system) = self.code_system(system).filter(|system| system.is_complete()) else { return false };
        !system.lies_below(one, other) && !system.lies_below(other, one)
    }
}

/// A canonical's URL and version (R4 references.html#canonical).
pub(super) fn split(canonical: &str) -> (&str, Option<&str>) {
    let canonical = canonical.split_once('#').map_or(canonical, |(url, _)| url);
    match canonical.split_once('|') {
        Some((url, "")) => (url, None),
        Some((url, version)) => (url, Some(version)),
        None => (canonical, None),
    }
}
