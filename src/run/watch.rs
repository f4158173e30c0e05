//! Looks at every answer that a case got for what the token must not show, and keeps those that show it.

use std::collections::HashSet;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ring::hmac;

use super::event::{Look, RunFacts};
use crate::check::access::shown;
use crate::check::compartment::Standing;
use crate::check::exchange::{Exchange, Identity, Request};
use crate::check::{Rights, Samples, Verdicts};
use crate::guide::Catalogue;

/// How many answers are kept.
const MOST_KEPT: usize = 25;

/// What was seen so far.
pub struct Watch {
    catalogue: Arc<Catalogue>,
    rights: Rights,
    /// What tells requests apart is made with, so that nobody can try ids out by it.
    key: hmac::Key,
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
    pub fn new(catalogue: Arc<Catalogue>, records: &[(Samples, Verdicts)], other_patient: Option<String>, facts: &RunFacts) -> Self {
        let base = facts.target.as_str();
        let members: Vec<String> = records.iter().filter_map(|(samples, _)| samples.patient.clone()).collect();
        let rights = Rights::new(&catalogue, records.iter().map(|(samples, _)| samples), members, other_patient, base);
        let key = hmac::Key::new(hmac::HMAC_SHA256, format!("{}\n{base}", facts.pseudonym_key).as_bytes());
        Self { catalogue, rights, key, seen: Mutex::default() }
    }

    /// Whom the credentials cover, and whom they must not reach.
    pub fn rights(&self) -> &Rights {
        &self.rights
    }

    /// Takes over what was looked at before; none of it shows what is another's.
    pub fn remember(&self, looks: &[Look]) {
        let mut seen = self.seen();
        for look in looks {
            if seen.requests.insert(look.request) {
                seen.examined += look.examined;
            }
        }
    }

    /// Looks at an answer to a request as the member, unless an equal request was looked at before. Says what it saw, if that is anybody's.
    pub fn look(&self, exchange: &Arc<Exchange>) -> Option<Look> {
        if exchange.request.identity != Identity::Member || self.rights.members().is_empty() {
            return None;
        }
        let request = self.number(&exchange.request);
        if !self.seen().requests.insert(request) {
            return None;
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
        (examined > 0).then_some(Look { request, examined, outside: leaks })
    }

    /// Tells a request from others, the same in every run against the server.
    fn number(&self, request: &Request) -> u64 {
        let mut tag = Tag(hmac::Context::with_key(&self.key));
        request.hash(&mut tag);
        tag.finish()
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

/// What [`Hash`] says of a value, through HMAC.
struct Tag(hmac::Context);

impl Hasher for Tag {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        self.0.clone().sign().as_ref().iter().take(size_of::<u64>()).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}
