//! Search of a type: its own matching, which shares nothing with the harness's.

pub mod criteria;
pub mod date;
pub mod include;
pub mod matching;
pub mod number;
pub mod page;
pub mod path;
pub mod query;
pub mod reference;
pub mod subset;
pub mod table;
pub mod text;
pub mod token;
pub mod value;

use std::cmp::Ordering;
use std::sync::Arc;

use bytes::Bytes;
use time::OffsetDateTime;

use self::criteria::Filter;
use self::matching::Scene;
use self::query::{Pair, Query, Summary};
use self::reference::Literal;
use self::table::Kind;
use self::value::Wanted;
use super::bundle::{Bundle, Entry};
use super::error::{self, Refusal};
use super::fault::Breach;
use super::state::{Access, State, Version};

/// Answers a search of one type. `search` is the URL of the type.
///
/// # Errors
/// 400 when a parameter is not understood, 403 when it names another member.
pub fn search(state: &State, access: Access, base: &str, resource_type: &str, pairs: &[Pair], lenient: bool) -> Result<Bundle, Refusal> {
    let mut query = Query::read(state, base, resource_type, pairs, lenient)?;
    let access = if state.has(Breach::SearchIgnoresPatient) && query.filters.iter().any(|filter| filter.parameter.code == "patient") {
        query.filters.retain(|filter| filter.parameter.code != "patient");
        Access::Everything
    } else {
        access
    };
    refuse_other_members(state, access, &query.filters)?;
    let mut matches = matches(state, access, base, resource_type, &query)?;
    if !state.has(Breach::SortIgnored) {
        sort(state, resource_type, &query.sort, &mut matches);
    }
    let size = match query.count {
        Some(count) if !state.has(Breach::PagingIgnoresCount) => count.min(page::LARGEST_SIZE),
        _ => page::DEFAULT_SIZE,
    };
    let counted = size == 0 || (query.summary == Summary::Count && !state.has(Breach::SummaryCountHasEntries));
    let shown = if counted { Vec::new() } else { page_of(state, &matches, query.offset, size) };
    let included = include::included(state, access, &query.wishes, &shown);
    let mut bundle = Bundle::searchset(query.total.then_some(matches.len()));
    let url = format!("{base}/{resource_type}");
    bundle.links = links(state, &url, &query, if counted { 0 } else { size }, matches.len());
    for version in &shown {
        bundle.entries.push(entry(base, version, "match", &query.summary));
    }
    for version in &included {
        let mode = if state.has(Breach::IncludeMarksAsMatch) { "match" } else { "include" };
        bundle.entries.push(entry(base, version, mode, &query.summary));
    }
    if !query.ignored.is_empty() {
        let outcome = error::outcome("warning", "not-supported", &format!("ignored: {}", query.ignored.join("; ")));
        bundle.entries.push(Entry { mode: Some("outcome"), ..Entry::of(None, Bytes::from(outcome.to_string())) });
    }
    bundle.break_as_told(state, access, base, resource_type);
    Ok(bundle)
}

/// The ids of what a condition selects, as a conditional write names it.
///
/// # Errors
/// As [`search`].
pub fn ids(state: &State, access: Access, base: &str, resource_type: &str, pairs: &[Pair]) -> Result<Vec<String>, Refusal> {
    let query = Query::read(state, base, resource_type, pairs, false)?;
    if query.filters.is_empty() {
        return Err(Refusal::invalid("a conditional write needs a condition, such as _id=1"));
    }
    Ok(matches(state, access, base, resource_type, &query)?.iter().map(|version| version.id.clone()).collect())
}

fn entry(base: &str, version: &Version, mode: &'static str, summary: &Summary) -> Entry {
    let full_url = format!("{base}/{}/{}", version.resource_type, version.id);
    Entry { mode: Some(mode), ..Entry::of(Some(full_url), subset::of(version, summary)) }
}

fn refuse_other_members(state: &State, access: Access, filters: &[Filter]) -> Result<(), Refusal> {
    let Access::Member(caller) = access else { return Ok(()) };
    for filter in filters {
        if !matches!(filter.parameter.kind, Kind::Reference(types) if types.contains(&"Patient")) {
            continue;
        }
        for wanted in &filter.wanted {
            if let Wanted::Reference(Literal::Own { resource_type, id, .. }) = wanted
                && resource_type.as_ref().is_none_or(|name| name == "Patient")
                && state.member_of(id).is_some_and(|member| member != caller)
            {
                return Err(Refusal::forbidden(format!("the token is not for Patient/{id}")));
            }
        }
    }
    Ok(())
}

fn matches(state: &State, access: Access, base: &str, resource_type: &str, query: &Query) -> Result<Vec<Arc<Version>>, Refusal> {
    let now = OffsetDateTime::now_utc().unix_timestamp() * 1000;
    let scene = Scene { state, access, base, now };
    let all = || state.visible(resource_type, access).map(|record| record.current.clone());
    let mut found: Vec<_> = all().filter(|version| scene.passes(&query.filters, version)).collect();
    let is_narrowed = resource_type == "ExplanationOfBenefit" && query.filters.iter().any(|filter| filter.parameter.code != "patient");
    if is_narrowed && state.has(Breach::SearchDropsNewestMatch) {
        let newest = found.iter().enumerate().max_by_key(|(_, version)| version.last_updated.clone()).map(|(at, _)| at);
        newest.map(|at| found.remove(at));
    }
    if found.is_empty() && state.has(Breach::SearchNoMatch404) {
        return Err(Refusal::not_found("nothing matches"));
    }
    if found.is_empty() && state.has(Breach::SearchNoMatchReturnsAll) {
        found = all().collect();
    }
    Ok(found)
}

/// Stable: what the keys do not tell apart stays in the order of ids.
fn sort(state: &State, resource_type: &str, keys: &[(String, bool)], matches: &mut [Arc<Version>]) {
    for (code, descending) in keys.iter().rev() {
        let Some(parameter) = table::parameter(resource_type, code, state.version) else { continue };
        matches.sort_by(|left, right| match parameter.kind {
            Kind::Date => {
                let key = |version: &Version| {
                    let spans = parameter.spans(&version.value).into_iter();
                    if *descending { spans.map(|span| span.high).max() } else { spans.map(|span| span.low).min() }
                };
                match (key(left), key(right)) {
                    (Some(left), Some(right)) => directed(left.cmp(&right), *descending),
                    // What has no value comes last in either direction.
                    (left, right) => right.is_some().cmp(&left.is_some()),
                }
            }
            _ => directed(left.id.cmp(&right.id), *descending),
        });
    }
}

fn directed(ordering: Ordering, descending: bool) -> Ordering {
    if descending { ordering.reverse() } else { ordering }
}

fn page_of(state: &State, matches: &[Arc<Version>], offset: usize, size: usize) -> Vec<Arc<Version>> {
    let start = if state.has(Breach::PagingRepeatsEntry) { offset.saturating_sub(1) } else { offset };
    matches.iter().take(offset.saturating_add(size)).skip(start).cloned().collect()
}

/// The links of a page; a size of 0 has but one page.
fn links(state: &State, url: &str, query: &Query, size: usize, total: usize) -> Vec<(&'static str, String)> {
    let to = |offset: usize| page::url(url, &query.used, (offset > 0).then_some(offset));
    let mut links = vec![("self", to(query.offset))];
    if size == 0 {
        return links;
    }
    links.push(("first", to(0)));
    if query.offset > 0 {
        links.push(("previous", to(query.offset.saturating_sub(size))));
    }
    let following = query.offset.saturating_add(size);
    let next = if state.has(Breach::PagingLoops) && query.offset == size {
        Some(query.offset)
    } else if state.has(Breach::PagingDropsLastPage) && following.saturating_add(size) >= total {
        None
    } else {
        (following < total).then_some(following)
    };
    links.extend(next.map(|offset| ("next", to(offset))));
    links.push(("last", to(total.saturating_sub(1) / size * size)));
    links
}
