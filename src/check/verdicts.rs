//! What the validator says of the harvested resources, found out once for each type.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::samples::Samples;
use crate::fhir::json::Value;
use crate::fhir::reference::Reference;
use crate::guide::Catalogue;
use crate::validate::{Observer, Options, Surroundings, Validator, Verdict};

/// A validator with what it has said so far.
pub struct Verdicts {
    validator: Validator,
    by_type: Mutex<HashMap<String, Arc<OfType>>>,
    catalogue: Arc<Catalogue>,
    observer: OnceLock<Observer>,
}

/// The verdicts on the resources of one type. Whoever needs them takes the next resource, so that nobody waits for more than one.
struct OfType {
    each: Box<[OnceLock<Arc<Verdict>>]>,
    next: AtomicUsize,
    all: OnceLock<Arc<[Arc<Verdict>]>>,
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

    /// One verdict for each harvested resource of a type, in the order of the harvest, which must be the same in every call. `base` is the
    /// server's FHIR base.
    pub fn of(&self, resource_type: &str, samples: &Samples, base: &str) -> Arc<[Arc<Verdict>]> {
        let samples_of_type = samples.of(resource_type);
        let of_type = {
            let mut known = self.by_type.lock().unwrap_or_else(PoisonError::into_inner);
            let new = || Arc::new(OfType::new(samples_of_type.len()));
            match known.get(resource_type) {
                Some(of_type) => Arc::clone(of_type),
                None => Arc::clone(known.entry(resource_type.to_owned()).or_insert_with(new)),
            }
        };
        let harvest = Harvest { samples, base };
        of_type.all(|at| samples_of_type.get(at).map(|sample| self.validator.validate(sample, &harvest)).unwrap_or_default())
    }

    /// The verdict on a resource that an answer brought; it is not kept.
    pub fn of_answer(&self, resource: &Value, samples: &Samples, base: &str) -> Verdict {
        self.validator.validate(resource, &Harvest { samples, base })
    }
}

impl OfType {
    fn new(count: usize) -> Self {
        Self { each: (0..count).map(|_| OnceLock::new()).collect(), next: AtomicUsize::new(0), all: OnceLock::new() }
    }

    /// All of them; `judge` tells one by its place.
    fn all(&self, judge: impl Fn(usize) -> Verdict) -> Arc<[Arc<Verdict>]> {
        while self.all.get().is_none() {
            let at = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(verdict) = self.each.get(at) else { break };
            verdict.get_or_init(|| Arc::new(judge(at)));
        }
        // Those that another is at are waited for.
        let all = || self.each.iter().enumerate().map(|(at, verdict)| Arc::clone(verdict.get_or_init(|| Arc::new(judge(at))))).collect();
        Arc::clone(self.all.get_or_init(all))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_verdict_is_found_once_however_many_ask() {
        let (of_type, judged) = (OfType::new(50), AtomicUsize::new(0));
        let judge = |at: usize| {
            judged.fetch_add(1, Ordering::Relaxed);
            Verdict { resource: at.to_string(), ..Verdict::default() }
        };
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let all = of_type.all(judge);
                    assert!(all.len() == 50 && all.iter().enumerate().all(|(at, verdict)| verdict.resource == at.to_string()));
                });
            }
        });
        assert_eq!(judged.into_inner(), 50);
        assert!(OfType::new(0).all(|_| Verdict::default()).is_empty());
    }
}
