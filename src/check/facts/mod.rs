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

use std::sync::Arc;

use serde_json::Value;

use super::data::{entries, has_code};
use super::outcome::Evidence;
use super::payer_facts::{Key, KnownReason};
use super::said::{Said, code, said};
use super::{Samples, Subject};
use crate::fhir::day::Day;
use crate::fhir::resource;

/// The type of claims.
const CLAIM: &str = "ExplanationOfBenefit";

/// A claim or another resource that the facts name.
struct Named<'a> {
    /// Where in the facts, such as `[[facts.claim]] 2`.
    place: Said,
    /// It, where it was harvested.
    found: Option<&'a Arc<Value>>,
    changed: Option<Day>,
    processed: Option<Day>,
    missing: &'a [KnownReason],
}

/// Everything of the case's type that the facts name, in whichever record it is.
fn named<'a>(subject: &Subject<'a>) -> Vec<Named<'a>> {
    let facts = &subject.declared.facts;
    let wanted = subject.resource_type();
    let claims = facts.claims.iter().enumerate().filter(|_| wanted == CLAIM).map(|(at, known)| Named {
        place: place("claim", at),
        found: claim(subject, &known.number),
        changed: known.changed,
        processed: known.processed,
        missing: &known.missing,
    });
    let others = facts.resources.iter().enumerate().filter(|(_, known)| known.reference.resource_type() == wanted);
    let others = others.map(|(at, known)| Named {
        place: place("resource", at),
        found: harvested(subject, &known.reference),
        changed: known.changed,
        processed: known.processed,
        missing: &known.missing,
    });
    claims.chain(others).collect()
}

/// Where an entry of the facts stands. What it names may be member data, and is not told.
fn place(table: &'static str, at: usize) -> Said {
    said!("[[facts.{}]] {}", code(table), at + 1)
}

/// The harvests of all members.
fn records<'a>(subject: &Subject<'a>) -> impl Iterator<Item = &'a Samples> {
    subject.records.iter().map(|(samples, _)| samples)
}

/// The harvested claim with a number of the payer's.
fn claim<'a>(subject: &Subject<'a>, number: &str) -> Option<&'a Arc<Value>> {
    records(subject).flat_map(|samples| samples.of(CLAIM)).find(|claim| has_number(claim, number))
}

/// Whether a claim has a number: among those that say they are the payer's, if any do.
fn has_number(claim: &Value, number: &str) -> bool {
    let own = entries(claim, "identifier");
    let is_typed = |identifier: &Value| has_code(identifier.get("type"), "uc");
    let any_typed = own.iter().any(is_typed);
    own.iter().any(|identifier| (!any_typed || is_typed(identifier)) && identifier.get("value").is_some_and(|value| value == number))
}

/// The harvested resource of a type and id.
fn harvested<'a>(subject: &Subject<'a>, key: &Key) -> Option<&'a Arc<Value>> {
    records(subject).flat_map(|samples| samples.of(key.resource_type())).find(|sample| resource::key_of(sample).as_ref() == Some(&key.0))
}

/// Tells that something is not in the record. Where the record may not be whole, that says nothing.
fn lost(subject: &Subject<'_>, evidence: &mut Evidence, resource_type: &str, place: Said) {
    let mut scopes = records(subject).filter_map(|samples| samples.scope(resource_type)).peekable();
    if scopes.peek().is_some() && scopes.all(|scope| scope.complete) {
        evidence.examined += 1;
        evidence.deviation(place, "it is in the member's record", "it is not");
    } else {
        evidence.note.get_or_insert(said!("{}: it was not harvested, and nothing says that it should have been", place));
    }
}
