//! Who may see what: requests without the right to their answer, and answers that show another member's record.

pub mod no_member_data;
pub mod none_of_member;
pub mod own_compartment;
pub mod refused;
pub mod within_scope;

use super::exchange::Exchange;
use super::outcome::Evidence;
use super::said::said;
use crate::fhir::bundle::Bundle;
use crate::fhir::json::Value;
use crate::fhir::resource;

/// The server declines to look at the request for now.
const TOO_MANY: u16 = 429;
/// The server says that it never does what is asked.
const NOT_IMPLEMENTED: u16 = 501;

/// The resources in an answer, each with the way by which it came.
pub fn shown(exchange: &Exchange) -> Vec<(&'static str, &Value)> {
    let Some(document) = exchange.resource() else { return Vec::new() };
    let Some(bundle) = Bundle::in_document(document) else {
        return if resource::type_of(document) == Some("OperationOutcome") { Vec::new() } else { vec![("resource", &**document)] };
    };
    let way = |mode: Option<&str>| match mode {
        Some("include") => "included",
        Some("match") => "match",
        _ => "entry",
    };
    bundle.entries().filter_map(|entry| Some((way(entry.mode()), entry.resource()?))).collect()
}

/// Whether an answer says what its asker may see: a resource, or a refusal. A server that broke, or put the request off, says nothing.
fn says_what_is_seen(exchange: &Exchange) -> bool {
    match exchange.status() {
        Some(200..=299) => exchange.resource().is_some(),
        Some(TOO_MANY) => false,
        Some(400..=499 | NOT_IMPLEMENTED) => true,
        _ => false,
    }
}

/// Tells of an answer that says nothing, as why there was nothing to examine.
fn note_silence(exchange: &Exchange, evidence: &mut Evidence) {
    if let Some(response) = exchange.response().filter(|_| !says_what_is_seen(exchange)) {
        evidence.note = Some(said!("the answer says nothing of what may be seen: status {}", response.status));
    }
}
