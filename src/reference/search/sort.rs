//! The order of matches (R4 search.html#sort).

use std::cmp::Ordering;
use std::sync::Arc;

use super::query::Query;
use super::table::{self, Kind};
use crate::fhir::json::Value;
use crate::reference::fault::Breach;
use crate::reference::state::{State, Version};

/// What a match is sorted by; what has no value comes last in either direction.
#[derive(Debug, PartialEq, PartialOrd)]
enum Key {
    Instant(i128),
    Number(f64),
    Text(String),
}

/// Sorts matches by the keys of a search. Stable: what the keys do not tell apart stays in the order of ids.
pub fn sort(state: &State, resource_type: &str, query: &Query, matches: &mut Vec<Arc<Version>>) {
    if state.has(Breach::SortIgnored) {
        return;
    }
    if state.has(Breach::SortDropsMatch) && !query.sort.is_empty() {
        matches.pop();
    }
    let mut keys = query.sort.clone();
    if state.has(Breach::SortSecondKeyIgnored) {
        keys.truncate(1);
    }
    for (code, descending) in keys.iter().rev() {
        let falls = *descending && !state.has(Breach::SortAlwaysAscending);
        matches.sort_by(|left, right| {
            let key = |version: &Version| key(state, resource_type, code, falls, version);
            match (key(left), key(right)) {
                (Some(left), Some(right)) => {
                    let order = left.partial_cmp(&right).unwrap_or(Ordering::Equal);
                    if falls || (!*descending && state.has(Breach::SortAscendingFalls)) { order.reverse() } else { order }
                }
                (left, right) => right.is_some().cmp(&left.is_some()),
            }
        });
    }
}

/// The value that comes first in the direction of the sort.
fn key(state: &State, resource_type: &str, code: &str, falls: bool, version: &Version) -> Option<Key> {
    let outermost = |keys: &mut dyn Iterator<Item = Key>| {
        let order = |left: &Key, right: &Key| left.partial_cmp(right).unwrap_or(Ordering::Equal);
        if falls { keys.max_by(order) } else { keys.min_by(order) }
    };
    let parameter = table::parameter(resource_type, code, state.version)?;
    match parameter.kind {
        Kind::Date => {
            let spans = parameter.spans(&version.value).into_iter();
            outermost(&mut spans.map(|span| Key::Instant(i128::from(if falls { span.high } else { span.low }))))
        }
        Kind::String if state.has(Breach::SortTextIgnored) => None,
        Kind::String => outermost(&mut parameter.elements(&version.value).into_iter().filter_map(text_of).map(Key::Text)),
        Kind::Number | Kind::Quantity if state.has(Breach::SortNumberIgnored) => None,
        Kind::Number | Kind::Quantity => {
            outermost(&mut parameter.elements(&version.value).into_iter().filter_map(number_of).map(Key::Number))
        }
        Kind::Token => outermost(&mut parameter.elements(&version.value).into_iter().filter_map(code_of).map(Key::Text)),
        _ => None,
    }
}

/// A text, or that of a name or address by its most telling part, without regard to case.
fn text_of(element: &Value) -> Option<String> {
    let parts = ["family", "text", "city", "line"].into_iter().filter_map(|part| element.get(part));
    let text = element.as_str().or_else(|| parts.into_iter().find_map(|part| part.get(0).unwrap_or(part).as_str()))?;
    Some(text.to_lowercase())
}

/// A number, or that of a quantity.
fn number_of(element: &Value) -> Option<f64> {
    element.get("value").unwrap_or(element).as_number()?.to_string().parse().ok()
}

/// The code, or the value of an identifier.
fn code_of(element: &Value) -> Option<String> {
    let coding = element.get("coding").and_then(|codings| codings.get(0)).unwrap_or(element);
    let text = coding.get("code").or_else(|| coding.get("value")).unwrap_or(coding);
    text.as_str().map(str::to_owned).or_else(|| text.as_bool().map(|truth| truth.to_string()))
}
