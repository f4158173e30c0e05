//! All mutants of an example, and a choice of them that has every kind.

use std::collections::{BTreeMap, HashSet};

use payerspec::fhir::json::Value;

use super::mutant::Mutant;
use super::spots::Types;
use super::{invariants, profiled, shapes};

/// Every mutant of an example: one a kind and place. `profiles` are those that it is judged by.
pub fn mutants(types: &Types<'_>, resource: &Value, profiles: &[String], others: &[(String, Value)]) -> Vec<Mutant> {
    let mut all = Vec::new();
    let spots = types.spots(resource);
    shapes::of_resource(resource, &mut all);
    for canonical in profiles {
        let Some(profile) = types.catalogue().profile(canonical) else { continue };
        invariants::of_profile(types, resource, &profile, others, &mut all);
        profiled::of_profile(types, resource, &profile, &mut all);
    }
    if let Some(definition) = types.definition(resource["resourceType"].as_str().unwrap_or_default()) {
        invariants::of_profile(types, resource, &definition, others, &mut all);
    }
    for spot in &spots.elements {
        shapes::of_element(types, resource, spot, &mut all);
    }
    for holder in &spots.holders {
        shapes::of_object(resource, holder, &mut all);
    }
    let mut seen = HashSet::new();
    all.retain(|mutant| seen.insert((mutant.kind, mutant.rule.clone(), mutant.place.clone())));
    all
}

/// At most so many: every kind once, then again in turn, so that no kind crowds the others out.
pub fn choose(all: Vec<Mutant>, most: usize) -> Vec<Mutant> {
    let mut by_kind: BTreeMap<(&str, String), Vec<Mutant>> = BTreeMap::new();
    for mutant in all {
        by_kind.entry((mutant.kind, mutant.rule.clone())).or_default().push(mutant);
    }
    let mut rounds: Vec<Vec<Mutant>> = by_kind.into_values().collect();
    for kind in &mut rounds {
        kind.reverse();
    }
    let mut chosen = Vec::new();
    while chosen.len() < most && rounds.iter().any(|kind| !kind.is_empty()) {
        chosen.extend(rounds.iter_mut().filter_map(Vec::pop));
    }
    chosen.truncate(most);
    chosen
}
