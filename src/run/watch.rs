//! Looks at every answer that a case got for what the token must not show, and keeps those that show it.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::check::access::own_compartment::{referenced_by_own, shown};
use crate::check::compartment::{Compartment, Standing};
use crate::check::exchange::{Exchange, Identity};
use crate::check::{Samples, Verdicts};
use crate::fhir::resource;
use crate::guide::Catalogue;

/// How many answers are kept.
const MOST_KEPT: usize = 25;

/// What was seen so far.
pub struct Watch {
    catalogue: Arc<Catalogue>,
    compartment: Compartment,
    members: Vec<String>,
    other_patient: Option<String>,
    base: String,
    /// Where the harvested resources are that are known to be the members' own: most answers bring the very same ones.
    own: HashSet<usize>,
    referenced: HashSet<String>,
    hasher: RandomState,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    requests: HashSet<u64>,
    examined: usize,
    kept: Vec<Arc<Exchange>>,
}

impl Watch {
    /// Begins with the members' records.
    pub fn new(catalogue: Arc<Catalogue>, records: &[(Samples, Verdicts)], other_patient: Option<String>, base: &str) -> Self {
        let members: Vec<String> = records.iter().filter_map(|(samples, _)| samples.patient.clone()).collect();
        let compartment = Compartment::of_patient(&catalogue);
        let is_own = |sample: &Value| compartment.standing(&catalogue, sample, &members, base) == Standing::Inside;
        let mut own = HashSet::new();
        let mut referenced = HashSet::new();
        for (samples, _) in records.iter().filter(|_| !members.is_empty()) {
            for (resource_type, _) in samples.counts() {
                let of_type = samples.of(&resource_type);
                own.extend(of_type.iter().filter(|sample| is_own(sample)).map(|sample| address(sample)));
                referenced.extend(referenced_by_own(of_type.iter().map(Arc::as_ref), &|sample| own.contains(&address(sample)), base));
            }
        }
        Self {
            compartment,
            members,
            other_patient,
            base: base.to_owned(),
            own,
            referenced,
            hasher: RandomState::new(),
            seen: Mutex::default(),
            catalogue,
        }
    }

    /// The members whom the credentials cover.
    pub fn members(&self) -> &[String] {
        &self.members
    }

    /// Looks at an answer to a request as the member, unless an equal request was looked at before.
    pub fn look(&self, exchange: &Arc<Exchange>) {
        let is_new = || self.seen().requests.insert(self.hasher.hash_one(&exchange.request));
        if exchange.request.identity != Identity::Member || self.members.is_empty() || !is_new() {
            return;
        }
        let (mut examined, mut leaks) = (0, false);
        for (_, found) in shown(exchange) {
            match self.standing(found) {
                Standing::Open => {}
                Standing::Inside => examined += 1,
                Standing::Outside { patient, .. } => {
                    examined += 1;
                    let is_named = self.other_patient.as_deref() == Some(patient.as_str());
                    leaks |= is_named || !resource::key_of(found).is_some_and(|key| self.referenced.contains(&key));
                }
            }
        }
        let mut seen = self.seen();
        seen.examined += examined;
        if leaks && seen.kept.len() < MOST_KEPT {
            seen.kept.push(Arc::clone(exchange));
        }
    }

    /// How many resources were looked at that belong to some patient, and the answers that show another's.
    pub fn result(&self) -> (usize, Vec<Arc<Exchange>>) {
        let seen = self.seen();
        (seen.examined, seen.kept.clone())
    }

    fn standing(&self, found: &Value) -> Standing {
        if self.own.contains(&address(found)) {
            return Standing::Inside;
        }
        self.compartment.standing(&self.catalogue, found, &self.members, &self.base)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a value is. One that is held all the time is at its address alone.
fn address(value: &Value) -> usize {
    std::ptr::from_ref(value).addr()
}
