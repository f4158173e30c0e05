//! The record against what the payer says of its own data (`[facts]` of `payerspec.toml`).

pub mod changed;
pub mod claims;
pub mod clinical;
pub mod coverage;
pub mod cpcds;
pub mod facility;
pub mod formulary;
pub mod member_ids;
pub mod missing;
pub mod must_support;
pub mod no_npi;
pub mod page;
pub mod prior_authorizations;
pub mod processed;
pub mod replaced;
pub mod services_since;
pub mod teeth;

use std::collections::HashMap;
use std::sync::Arc;

use super::data::{entries, has_code};
use super::outcome::Evidence;
use super::payer_facts::{Key, KnownReason};
use super::said::{Said, code, said};
use super::{Samples, Subject};
use crate::fhir::date::Interval;
use crate::fhir::day::Day;
use crate::fhir::json::Value;

/// The type of claims.
const CLAIM: &str = "ExplanationOfBenefit";

/// How far the clock of a zone is ahead of UTC at most, in nanoseconds, and how far behind.
const AHEAD: i128 = 14 * 3600 * 1_000_000_000;
const BEHIND: i128 = 12 * 3600 * 1_000_000_000;

/// A claim or another resource that the facts name.
struct Named<'a> {
    /// Where in the facts, such as `[[facts.claim]] 2`.
    place: Said,
    /// The member whose it is, where that is said.
    patient: Option<&'a str>,
    /// It, where it was harvested; several claims may have one number.
    found: Vec<&'a Arc<Value>>,
    changed: Option<Day>,
    processed: Option<Day>,
    missing: &'a [KnownReason],
}

/// Everything of the case's type that the facts name and of which they say what is wanted, in whichever record it is.
fn named<'a>(subject: &Subject<'a>, wanted: impl Fn(&Named<'a>) -> bool) -> Vec<Named<'a>> {
    let facts = &subject.declared.facts;
    let of_type = subject.resource_type();
    let numbers = if of_type == CLAIM { Numbers::of(subject) } else { Numbers::default() };
    let claims = facts.claims.iter().enumerate().filter(|_| of_type == CLAIM).map(|(at, known)| Named {
        place: place("claim", at),
        patient: known.patient.as_deref(),
        found: numbers.claims(&known.number).to_vec(),
        changed: known.changed,
        processed: known.processed,
        missing: &known.missing,
    });
    let others = facts.resources.iter().enumerate().filter(|(_, known)| known.reference.resource_type() == of_type);
    let others = others.map(|(at, known)| Named {
        place: place("resource", at),
        patient: known.patient.as_deref(),
        found: harvested(subject, &known.reference).into_iter().collect(),
        changed: known.changed,
        processed: known.processed,
        missing: &known.missing,
    });
    claims.chain(others).filter(wanted).collect()
}

/// The harvested claims by the numbers that they have: among those that say they are the payer's, if any do.
#[derive(Default)]
struct Numbers<'a>(HashMap<&'a str, Vec<&'a Arc<Value>>>);

impl<'a> Numbers<'a> {
    fn of(subject: &Subject<'a>) -> Self {
        let mut all = Self::default();
        for claim in records(subject).flat_map(|samples| samples.of(CLAIM)) {
            let own = entries(claim, "identifier");
            let is_typed = |identifier: &Value| has_code(identifier.get("type"), "uc");
            let any_typed = own.iter().any(is_typed);
            let numbers = own.iter().filter(|identifier| !any_typed || is_typed(identifier));
            for number in numbers.filter_map(|identifier| identifier.get("value")?.as_str()) {
                all.0.entry(number).or_default().push(claim);
            }
        }
        all
    }

    /// Every claim with a number.
    fn claims(&self, number: &str) -> &[&'a Arc<Value>] {
        self.0.get(number).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Where an entry of the facts stands. What it names may be member data, and is not told.
fn place(table: &'static str, at: usize) -> Said {
    said!("[[facts.{}]] {}", code(table), at + 1)
}

/// The harvests of all members.
fn records<'a>(subject: &Subject<'a>) -> impl Iterator<Item = &'a Samples> {
    subject.records.iter().map(|(samples, _)| samples)
}

/// The harvested resource of a type and id.
fn harvested<'a>(subject: &Subject<'a>, key: &Key) -> Option<&'a Arc<Value>> {
    records(subject).find_map(|samples| samples.find(key.resource_type(), key.id()))
}

/// Whether all claims of the case's member were harvested.
fn has_all_claims(subject: &Subject<'_>) -> bool {
    subject.samples.scope(CLAIM).is_some_and(|scope| scope.complete)
}

/// Whether everything of a type was harvested, of all members.
fn is_whole(subject: &Subject<'_>, resource_type: &str) -> bool {
    records(subject).next().is_some() && records(subject).all(|samples| samples.scope(resource_type).is_some_and(|scope| scope.complete))
}

/// Whether everything was harvested that leads to resources of a type: it itself, or, where nothing is asked by member, the claims.
fn is_whole_enough(subject: &Subject<'_>, resource_type: &str) -> bool {
    let by_member = records(subject).any(|samples| samples.scope(resource_type).is_some());
    is_whole(subject, if by_member { resource_type } else { CLAIM })
}

/// Tells that something is not in the record. Where the record may not be whole, that says nothing; nor of a member who is not of this run.
fn lost(subject: &Subject<'_>, evidence: &mut Evidence, resource_type: &str, place: Said, patient: Option<&str>) {
    if patient.is_some_and(|patient| records(subject).all(|samples| samples.patient.as_deref() != Some(patient))) {
        evidence.note.get_or_insert(said!("{}: it is about a member who is not of this run", place));
    } else if is_whole(subject, resource_type) {
        evidence.examined += 1;
        evidence.deviation(place, "it is in the member's record", "it is not");
    } else {
        evidence.note.get_or_insert(said!("{}: it was not harvested, and nothing says that it should have been", place));
    }
}

/// Whether a time may be of a day, in whichever zone the day is.
fn is_on(time: &Interval, day: Day) -> bool {
    let day = Interval::parse(&day.to_string());
    day.is_some_and(|day| time.high >= day.low.saturating_sub(AHEAD) && time.low <= day.high.saturating_add(BEHIND))
}
