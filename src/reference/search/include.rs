//! `_include` and `_revinclude`: what matches refer to, and what refers to them (R4 search.html#include).

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;

use super::query::{Query, Summary, Wish};
use super::{subset, table};
use crate::fhir::json::{Value, json};
use crate::reference::fault::Breach;
use crate::reference::state::{Access, State, Version};

/// The resources to add to a page of matches: each once, none that is a match of the page, none that the caller may not see.
pub fn included(state: &State, access: Access, query: &Query, matches: &[Arc<Version>]) -> Vec<Arc<Version>> {
    if state.has(Breach::IncludeIgnored) || (query.offset > 0 && state.has(Breach::IncludeFirstPageOnly)) {
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
            let iterates = |wish: &&Wish| wish.iterate && !state.has(Breach::IncludeIterateIgnored);
            for wish in query.wishes.iter().filter(|wish| first || iterates(wish)) {
                let related = if wish.reverse { sources(state, access, wish, source) } else { targets(state, access, wish, source) };
                for target in related {
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
    if state.has(Breach::IncludeTwice) {
        found.extend(found.first().cloned());
    }
    found
}

/// An included resource as it is sent.
pub fn copy(state: &State, version: &Version, summary: &Summary) -> Bytes {
    if state.has(Breach::IncludeStaleCopy) {
        let mut stale = version.value.clone();
        stale["language"] = json!("en-AU");
        return Bytes::from(stale.to_string());
    }
    subset::of(state, version, summary)
}

/// What refers to a match.
fn sources(state: &State, access: Access, wish: &Wish, target: &Version) -> Vec<Arc<Version>> {
    if state.has(Breach::IncludeReverseIgnored) {
        return Vec::new();
    }
    let is_target = |element: &&Value| {
        let named = element.get("reference").and_then(Value::as_str).and_then(|reference| state.resolve(reference));
        named.is_some_and(|(_, found)| found.resource_type == target.resource_type && found.id == target.id)
    };
    let refers = |source: &Version| {
        let followed = table::includes(&wish.source).iter().filter(|include| include.code == wish.code);
        followed.flat_map(|include| (include.pick)(&source.value)).any(|element| is_target(&element))
    };
    let any = state.has(Breach::IncludeReverseUnrelated);
    let access = if state.has(Breach::AuthOtherMemberByRevInclude) { Access::Everything } else { access };
    let records = state.visible(&wish.source, access).map(|record| record.current.clone());
    records.filter(|source| any || refers(source)).collect()
}

fn targets(state: &State, access: Access, wish: &Wish, source: &Version) -> Vec<Arc<Version>> {
    if wish.source != source.resource_type || (wish.code == "*" && state.has(Breach::IncludeStarIgnored)) {
        return Vec::new();
    }
    let followed = table::includes(&source.resource_type).iter().filter(|include| wish.code == "*" || include.code == wish.code);
    let followed = followed.filter(|include| include.code != "care-team" || !state.has(Breach::IncludeIgnoredCareTeam));
    let references = followed.flat_map(|include| (include.pick)(&source.value));
    let mut found: Vec<_> = references
        .filter_map(|element| {
            let reference = element.get("reference").and_then(Value::as_str)?;
            let (record, target) = state.resolve(reference)?;
            let named = reference.contains("/_history/");
            Some((record, if named && state.has(Breach::IncludeOtherVersion) { other_version(&target) } else { target }))
        })
        .filter(|(record, target)| {
            state.may_see(access, record) && wish.target.as_ref().is_none_or(|wanted| target.resource_type == *wanted)
        })
        .map(|(_, target)| target)
        .collect();
    if state.has(Breach::AuthOtherMemberByInclude) {
        let types: BTreeSet<String> = found.iter().map(|target| target.resource_type.clone()).collect();
        for name in types {
            let of_members = state.visible(&name, Access::Everything).filter(|record| record.owner.is_some());
            found.extend(of_members.map(|record| record.current.clone()));
        }
    }
    found
}

/// The same resource, as if it were another version.
fn other_version(version: &Version) -> Arc<Version> {
    let mut other = version.clone();
    other.number = format!("{}0", version.number);
    other.value["meta"]["versionId"] = json!(other.number);
    other.json = Bytes::from(other.value.to_string());
    Arc::new(other)
}
