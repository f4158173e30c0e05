//! `_include`: what matches refer to (R4 search.html#include).

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use super::query::Wish;
use super::table;
use crate::reference::fault::Breach;
use crate::reference::state::{Access, State, Version};

/// The resources to add to a page of matches: each once, none that is a match of the page, none that the caller may not see.
pub fn included(state: &State, access: Access, wishes: &[Wish], matches: &[Arc<Version>]) -> Vec<Arc<Version>> {
    if state.has(Breach::IncludeIgnored) {
        return Vec::new();
    }
    let key = |version: &Version| (version.resource_type.clone(), version.id.clone(), version.number.clone());
    let mut seen: BTreeSet<_> = matches.iter().map(|version| key(version)).collect();
    let mut found = Vec::new();
    let mut fresh = matches.to_vec();
    let mut first = true;
    while !fresh.is_empty() {
        let mut next = Vec::new();
        for source in &fresh {
            for wish in wishes.iter().filter(|wish| first || wish.iterate) {
                for target in targets(state, access, wish, source) {
                    if seen.insert(key(&target)) {
                        next.push(target);
                    }
                }
            }
        }
        found.extend(next.iter().cloned());
        fresh = next;
        first = false;
    }
    found
}

fn targets(state: &State, access: Access, wish: &Wish, source: &Version) -> Vec<Arc<Version>> {
    if wish.source != source.resource_type {
        return Vec::new();
    }
    let followed = table::includes(&source.resource_type).iter().filter(|include| wish.code == "*" || include.code == wish.code);
    let followed = followed.filter(|include| include.code != "care-team" || !state.has(Breach::IncludeIgnoredCareTeam));
    let references = followed.flat_map(|include| (include.pick)(&source.value));
    references
        .filter_map(|element| state.resolve(element.get("reference").and_then(Value::as_str)?))
        .filter(|(record, target)| {
            state.may_see(access, record) && wish.target.as_ref().is_none_or(|wanted| target.resource_type == *wanted)
        })
        .map(|(_, target)| target)
        .collect()
}
