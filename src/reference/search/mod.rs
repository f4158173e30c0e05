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
pub mod sort;
pub mod subset;
pub mod system;
pub mod table;
pub mod text;
pub mod token;
pub mod value;
mod widen;

use std::sync::Arc;

use bytes::Bytes;
use time::OffsetDateTime;

use self::criteria::Filter;
use self::matching::Scene;
use self::query::{Pair, Query, Summary, Total};
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
    let access = widen::access(state, access, &query);
    refuse_other_members(state, access, &query.filters)?;
    if state.has(Breach::CountLargeRefused) && query.count.is_some_and(|count| count > page::LARGEST_SIZE) {
        return Err(Refusal::invalid("_count is too large"));
    }
    let mut matches = matches(state, access, base, resource_type, &query)?;
    drop_as_told(state, &query, &mut matches);
    sort::sort(state, resource_type, &query, &mut matches);
    let size = page::size(state, &query);
    let counted = size == 0 || (query.summary == Summary::Count && !state.has(Breach::SummaryCountHasEntries));
    let mut shown = if counted { Vec::new() } else { page::of(state, &matches, query.offset, size) };
    if !counted && state.has(Breach::SortPerPage) {
        shown = page::of(state, &self::matches(state, access, base, resource_type, &query)?, query.offset, size);
        sort::sort(state, resource_type, &query, &mut shown);
    }
    let included = include::included(state, access, &query, &shown);
    let mut bundle = Bundle::searchset(total(state, &query, &matches, &shown, &included));
    let url = format!("{base}/{resource_type}");
    bundle.links = page::links(state, &url, &query, if counted { 0 } else { size }, matches.len());
    for version in &shown {
        bundle.entries.push(entry(state, base, version, "match", &query.summary));
    }
    for version in &included {
        let reverse_as_match = query.wishes.iter().any(|wish| wish.reverse) && state.has(Breach::IncludeReverseMarksAsMatch);
        let mode = if state.has(Breach::IncludeMarksAsMatch) || reverse_as_match { "match" } else { "include" };
        bundle.entries.push(entry(state, base, version, mode, &included_summary(state, &query.summary)));
    }
    if !query.ignored.is_empty() {
        let outcome = error::outcome("warning", "not-supported", &format!("ignored: {}", query.ignored.join("; ")));
        let mode = if state.has(Breach::BundleOutcomeAsMatch) { "match" } else { "outcome" };
        bundle.entries.push(Entry { mode: Some(mode), ..Entry::of(None, Bytes::from(outcome.to_string())) });
    }
    bundle.break_as_told(state, access, base, resource_type);
    Ok(bundle)
}

/// The number of all matches, unless the caller does not want it.
fn total(state: &State, query: &Query, matches: &[Arc<Version>], shown: &[Arc<Version>], included: &[Arc<Version>]) -> Option<usize> {
    let is_zero = query.count == Some(0);
    if (is_zero && state.has(Breach::CountZeroNoTotal))
        || (query.summary == Summary::Count && state.has(Breach::SummaryCountNoTotal))
        || (query.total == Total::Accurate && state.has(Breach::TotalAccurateMissing))
    {
        return None;
    }
    let mut total = matches.len();
    if is_zero && state.has(Breach::CountZeroWrongTotal) {
        total = 0;
    }
    if query.summary == Summary::Count && state.has(Breach::SummaryCountWrongTotal) {
        total += 1;
    }
    if query.total == Total::Accurate && state.has(Breach::TotalAccurateWrong) {
        total += 1;
    }
    if state.has(Breach::TotalCountsIncluded) {
        total += included.len();
    }
    if state.has(Breach::TotalOfRest) {
        total = total.saturating_sub(query.offset);
    }
    if state.has(Breach::TotalOfPage) && !shown.is_empty() {
        total = shown.len();
    }
    (query.total != Total::None).then_some(total)
}

/// The list of `_elements` does not apply to what is included; a summary does.
fn included_summary(state: &State, summary: &Summary) -> Summary {
    match summary {
        Summary::Elements(_) if !state.has(Breach::ElementsCutIncluded) => Summary::Whole,
        other => other.clone(),
    }
}

/// Leaves out matches for what says nothing about matching, when told to break.
fn drop_as_told(state: &State, query: &Query, matches: &mut Vec<Arc<Version>>) {
    let by_summary = matches!(query.summary, Summary::Short | Summary::Text | Summary::Data) && state.has(Breach::SummaryDropsMatch);
    let by_elements = matches!(query.summary, Summary::Elements(_)) && state.has(Breach::ElementsDropMatch);
    let by_total = (query.total == Total::None && state.has(Breach::TotalNoneDropsMatch))
        || (query.total == Total::Estimate && state.has(Breach::TotalEstimateDropsMatch))
        || (query.total == Total::Accurate && state.has(Breach::TotalAccurateDropsMatch));
    let forward = query.wishes.iter().any(|wish| !wish.reverse) && state.has(Breach::IncludeDropsMatch);
    let backward = query.wishes.iter().any(|wish| wish.reverse) && state.has(Breach::IncludeReverseDropsMatch);
    if query.count.is_some_and(|count| count > page::LARGEST_SIZE) && state.has(Breach::CountLargeDropsRest) {
        matches.truncate(page::DEFAULT_SIZE);
    }
    if by_summary || by_elements || by_total || forward || backward {
        matches.pop();
    }
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

fn entry(state: &State, base: &str, version: &Version, mode: &'static str, summary: &Summary) -> Entry {
    let full_url = format!("{base}/{}/{}", version.resource_type, version.id);
    let body = if mode == "include" { include::copy(state, version, summary) } else { subset::of(state, version, summary) };
    Entry { mode: Some(mode), ..Entry::of(Some(full_url), body) }
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
    let mut filters = query.filters.clone();
    let is_combined = table::combination(resource_type)
        .is_some_and(|codes| codes.iter().all(|code| filters.iter().any(|filter| filter.parameter.code == *code)));
    if is_combined && state.has(Breach::SearchCombinationIgnoresDate) {
        filters.retain(|filter| filter.parameter.code != "date");
    }
    let mut found: Vec<_> = all().filter(|version| scene.passes(&filters, version)).collect();
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
