//! Whether a resource is what a filter looks for.

use serde_json::Value;

use super::query::{Filter, Wanted};
use super::table::Kind;
use crate::reference::fault::Breach;
use crate::reference::state::{State, Target, Version};

/// Whether a resource passes all filters. `now` is in milliseconds since 1970.
pub fn passes(state: &State, filters: &[Filter], version: &Version, now: i64) -> bool {
    filters.iter().filter(|filter| !is_ignored(state, filter)).all(|filter| passes_one(state, filter, version, now))
}

fn is_ignored(state: &State, filter: &Filter) -> bool {
    match filter.parameter.code {
        "service-date" => state.has(Breach::SearchIgnoresServiceDate),
        "type" => state.has(Breach::SearchIgnoresType),
        "_id" => state.has(Breach::SearchIgnoresId),
        "identifier" => state.has(Breach::SearchIgnoresIdentifier),
        "_lastUpdated" => state.has(Breach::SearchIgnoresLastUpdated),
        _ => false,
    }
}

fn passes_one(state: &State, filter: &Filter, version: &Version, now: i64) -> bool {
    let matched = filter.wanted.iter().any(|wanted| is_wanted(state, filter, wanted, version, now));
    matched != filter.negated
}

fn is_wanted(state: &State, filter: &Filter, wanted: &Wanted, version: &Version, now: i64) -> bool {
    let resource = &version.value;
    match (filter.parameter.kind, wanted) {
        (kind, Wanted::Missing(missing)) => *missing == is_missing(kind, resource),
        (Kind::Id, Wanted::Id(id)) => version.id == *id,
        (Kind::Token(pick), Wanted::Token { system, code }) => {
            let unheard = filter.parameter.code == "type" && system.is_none() && state.has(Breach::SearchTypeCodeOnlyExact);
            !unheard && pick(resource).into_iter().any(|element| has_token(element, system.as_deref(), code.as_deref()))
        }
        (Kind::Reference(pick, _), Wanted::Reference { resource_type, id }) => pick(resource).into_iter().any(|element| {
            let target = element.get("reference").and_then(Value::as_str).and_then(Target::of);
            target.is_some_and(|target| target.id == id && resource_type.as_ref().is_none_or(|wanted| target.resource_type == wanted))
        }),
        (Kind::Date(spans), Wanted::Date(prefix, searched)) => spans(resource).into_iter().any(|found| prefix.holds(*searched, found, now)),
        _ => false,
    }
}

fn is_missing(kind: Kind, resource: &Value) -> bool {
    match kind {
        Kind::Id => false,
        Kind::Token(pick) | Kind::Reference(pick, _) => pick(resource).is_empty(),
        Kind::Date(spans) => spans(resource).is_empty(),
    }
}

/// Looks into a CodeableConcept's codings, or at an Identifier itself.
fn has_token(element: &Value, system: Option<&str>, code: Option<&str>) -> bool {
    let text = |owner: &Value, name| owner.get(name).and_then(Value::as_str).map(str::to_owned);
    let equals = |owner: &Value, name| {
        let found_system = text(owner, "system");
        let system_fits = system.is_none_or(|system| found_system.as_deref().unwrap_or_default() == system);
        system_fits && code.is_none_or(|code| text(owner, name).as_deref() == Some(code))
    };
    match element.get("coding").and_then(Value::as_array) {
        Some(codings) => codings.iter().any(|coding| equals(coding, "code")),
        None => equals(element, "value"),
    }
}
