//! Looks at every answer that a case got for what the token must not show, and keeps those that show it.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::check::access::shown;
use crate::check::compartment::Standing;
use crate::check::exchange::{Exchange, Identity};
use crate::check::{Rights, Samples, Verdicts};
use crate::guide::Catalogue;

/// How many answers are kept.
const MOST_KEPT: usize = 25;

/// What was seen so far.
pub struct Watch {
    catalogue: Arc<Catalogue>,
    rights: Rights,
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
        let rights = Rights::new(&catalogue, records.iter().map(|(samples, _)| samples), members, other_patient, base);
        Self { catalogue, rights, hasher: RandomState::new(), seen: Mutex::default() }
    }

    /// Whom the credentials cover, and whom they must not reach.
    pub fn rights(&self) -> &Rights {
        &self.rights
    }

    /// Looks at an answer to a request as the member, unless an equal request was looked at before.
    pub fn look(&self, exchange: &Arc<Exchange>) {
        let is_new = || self.seen().requests.insert(self.hasher.hash_one(&exchange.request));
        if exchange.request.identity != Identity::Member || self.rights.members().is_empty() || !is_new() {
            return;
        }
        let (mut examined, mut leaks) = (0, false);
        for (_, found) in shown(exchange) {
            match self.rights.standing(&self.catalogue, found) {
                Standing::Open => {}
                Standing::Inside => examined += 1,
                Standing::Outside { patient, .. } => {
                    examined += 1;
                    leaks |= !self.rights.may_come_along(found, &patient);
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

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
