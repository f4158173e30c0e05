//! What the validator says of the harvested resources, found out once for each type.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::samples::Samples;
use crate::fhir::json::Value;
use crate::fhir::reference::Reference;
use crate::guide::Catalogue;
use crate::validate::{Observer, Options, Surroundings, Validator, Verdict};

/// A validator with what it has said so far.
pub struct Verdicts {
    validator: Validator,
    by_type: Mutex<HashMap<String, Arc<[Verdict]>>>,
    catalogue: Arc<Catalogue>,
    observer: OnceLock<Observer>,
}

/// The harvest as what references lead to.
pub struct Harvest<'a> {
    /// The harvest.
    pub samples: &'a Samples,
    /// The server's FHIR base.
    pub base: &'a str,
}

impl Verdicts {
    /// Judges by what a catalogue holds.
    pub fn new(catalogue: Arc<Catalogue>) -> Self {
        let validator = Validator::new(Arc::clone(&catalogue), Options::default());
        Self { validator, by_type: Mutex::default(), catalogue, observer: OnceLock::new() }
    }

    /// What looks for must-support elements.
    pub fn observer(&self) -> &Observer {
        self.observer.get_or_init(|| Observer::new(Arc::clone(&self.catalogue)))
    }

    /// One verdict for each harvested resource of a type, in the order of the harvest. `base` is the server's FHIR base.
    pub fn of(&self, resource_type: &str, samples: &Samples, base: &str) -> Arc<[Verdict]> {
        let mut known = self.by_type.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(verdicts) = known.get(resource_type) {
            return Arc::clone(verdicts);
        }
        let harvest = Harvest { samples, base };
        let verdicts: Arc<[Verdict]> = samples.of(resource_type).iter().map(|sample| self.validator.validate(sample, &harvest)).collect();
        known.insert(resource_type.to_owned(), Arc::clone(&verdicts));
        verdicts
    }

    /// The verdict on a resource that an answer brought; it is not kept.
    pub fn of_answer(&self, resource: &Value, samples: &Samples, base: &str) -> Verdict {
        self.validator.validate(resource, &Harvest { samples, base })
    }
}

impl fmt::Debug for Verdicts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Verdicts").finish_non_exhaustive()
    }
}

impl Surroundings for Harvest<'_> {
    fn resolve(&self, reference: &str) -> Option<&Value> {
        match Reference::parse(reference) {
            Reference::Relative { resource_type, id, .. } => self.samples.find(resource_type, id).map(Arc::as_ref),
            Reference::Absolute { base, resource_type, id, .. } if base == self.base => {
                self.samples.find(resource_type, id).map(Arc::as_ref)
            }
            _ => None,
        }
    }
}
