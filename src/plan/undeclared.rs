//! What a server does not declare, so that the declaration is held against what works: one interaction and one search parameter of each type.

use super::bar::TypeBar;
use crate::fhir::capability::Expectation;
use crate::guide::Catalogue;

/// Read-only interactions of a type, with a path that exercises each.
const READ_ONLY: [(&str, &str); 5] = [
    ("history-type", "{type}/_history"),
    ("search-type", "{type}"),
    ("history-instance", "{type}/{sample.id}/_history"),
    ("read", "{type}/{sample.id}"),
    ("vread", "{type}/{sample.id}/_history/{sample.version}"),
];
/// Types of search parameters for which any value can be told from all others.
const TELLING: [&str; 4] = ["token", "date", "reference", "string"];

/// The first read-only interaction that a declared type neither lists nor is expected to: its code, and a path to try it by. What a guide
/// expects and the server does not list is a gap of its own.
pub fn interaction(resource_type: &str, type_bar: &TypeBar) -> Option<(&'static str, String)> {
    let is_open = |code: &str| {
        let point = type_bar.interactions.get(code);
        let expected = point.and_then(|point| point.expected.as_ref());
        let wanted = expected.is_some_and(|(_, expectation)| matches!(expectation, Expectation::Shall | Expectation::Should));
        !wanted && !point.is_some_and(|point| point.declared)
    };
    let open = READ_ONLY.iter().find(|(code, _)| type_bar.point.declared && is_open(code));
    open.map(|(code, path)| (*code, path.replace("{type}", resource_type)))
}

/// The first search parameter that R4 or a guide defines for a type and that is neither declared nor expected: its code.
pub fn search_param(catalogue: &Catalogue, resource_type: &str, type_bar: &TypeBar) -> Option<String> {
    let is_open = |code: &str| !code.starts_with('_') && !type_bar.params.contains_key(code);
    let mut known: Vec<_> = catalogue.search_parameters(resource_type).into_iter().filter(|known| is_open(&known.code)).collect();
    known.retain(|known| TELLING.contains(&known.kind.as_str()) && known.expression.is_some());
    known.into_iter().map(|known| known.code.clone()).filter(|_| type_bar.point.declared && type_bar.offers("search-type")).min()
}
