//! Code systems and value sets, looked up by code.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::guide::Catalogue;
use crate::guide::terminology::{CodeSystem, ValueSet};

/// The terminology of a catalogue.
#[derive(Debug)]
pub struct Codes {
    catalogue: Arc<Catalogue>,
    systems: RwLock<HashMap<String, Option<Arc<System>>>>,
}

/// A code system by code.
#[derive(Debug)]
pub struct System {
    /// Whether what is not listed is not a code.
    pub is_complete: bool,
    ignores_case: bool,
    displays: HashMap<String, Option<String>>,
}

impl Codes {
    pub fn new(catalogue: Arc<Catalogue>) -> Self {
        Self { catalogue, systems: RwLock::default() }
    }

    /// The value set of a canonical URL.
    pub fn value_set(&self, canonical: &str) -> Option<Arc<ValueSet>> {
        self.catalogue.value_set(canonical)
    }

    /// The code system of a URL, when the packages have it.
    pub fn system(&self, url: &str) -> Option<Arc<System>> {
        if let Some(known) = self.systems.read().unwrap_or_else(PoisonError::into_inner).get(url) {
            return known.clone();
        }
        let system = self.catalogue.code_system(url).map(|system| Arc::new(System::of(&system)));
        let mut systems = self.systems.write().unwrap_or_else(PoisonError::into_inner);
        // Systems come from the data: what is unknown is not remembered without end.
        if system.is_some() || systems.len() < 4096 {
            systems.insert(url.to_owned(), system.clone());
        }
        system
    }
}

impl System {
    fn of(system: &CodeSystem) -> Self {
        let ignores_case = system.case_sensitive == Some(false);
        let key = |code: &str| if ignores_case { code.to_ascii_lowercase() } else { code.to_owned() };
        Self {
            is_complete: system.is_complete(),
            ignores_case,
            displays: system.concepts.iter().map(|concept| (key(&concept.code), concept.display.clone())).collect(),
        }
    }

    /// The display of a code, if it has one; `None` when there is no such code.
    pub fn concept(&self, code: &str) -> Option<Option<&str>> {
        let found = if self.ignores_case { self.displays.get(&code.to_ascii_lowercase()) } else { self.displays.get(code) };
        found.map(Option::as_deref)
    }
}
