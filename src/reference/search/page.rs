//! Paging: where a page starts, and the links to the others (R4 http.html#paging).

use std::sync::Arc;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::query::{PAGE, Pair, Query};
use crate::reference::fault::Breach;
use crate::reference::state::{State, Version};

/// Matches a page when `_count` is not given.
pub const DEFAULT_SIZE: usize = 10;
/// The largest page.
pub const LARGEST_SIZE: usize = 500;

const MARK: usize = 0x5eed;
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b':').remove(b'/').remove(b'*');

/// How many matches a page of a search has.
pub fn size(state: &State, query: &Query) -> usize {
    match query.count {
        Some(0) if state.has(Breach::CountZeroHasEntries) => DEFAULT_SIZE,
        Some(count) if count > 0 && state.has(Breach::CountOneMore) => count.min(LARGEST_SIZE) + 1,
        Some(count) if !state.has(Breach::PagingIgnoresCount) => count.min(LARGEST_SIZE),
        _ => DEFAULT_SIZE,
    }
}

/// The matches of one page.
pub fn of(state: &State, matches: &[Arc<Version>], offset: usize, size: usize) -> Vec<Arc<Version>> {
    let start = if state.has(Breach::PagingRepeatsEntry) { offset.saturating_sub(1) } else { offset };
    let start = if offset > 0 && state.has(Breach::PagingSkipsEntry) { start + 1 } else { start };
    matches.iter().take(offset.saturating_add(size)).skip(start).cloned().collect()
}

/// The links of a page; a size of 0 has but one page.
pub fn links(state: &State, url: &str, query: &Query, size: usize, total: usize) -> Vec<(&'static str, String)> {
    let to = |offset: usize| self::url(url, &query.used, (offset > 0).then_some(offset));
    let mut links = vec![("self", to(query.offset))];
    if size == 0 {
        if state.has(Breach::CountZeroHasLinks) {
            links.push(("last", to(0)));
        }
        return links;
    }
    let last = total.saturating_sub(1) / size * size;
    let first = if state.has(Breach::PagingWrongFirst) { size } else { 0 };
    links.push(("first", to(first)));
    if query.offset > 0 {
        let previous = if state.has(Breach::PagingWrongPrevious) { query.offset } else { query.offset.saturating_sub(size) };
        links.push(("previous", to(previous)));
    }
    links.extend(next(state, query, size, total).map(|offset| ("next", next_url(state, url, query, offset))));
    links.push(("last", to(if state.has(Breach::PagingWrongLast) { 0 } else { last })));
    links
}

/// Where the next page starts, if there is one.
fn next(state: &State, query: &Query, size: usize, total: usize) -> Option<usize> {
    let following = query.offset.saturating_add(size);
    if state.has(Breach::PagingLoops) && query.offset == size {
        return Some(query.offset);
    }
    let ends = state.has(Breach::PagingDropsLastPage) && following.saturating_add(size) >= total;
    (following < total && !ends).then_some(following)
}

fn next_url(state: &State, url: &str, query: &Query, offset: usize) -> String {
    let mut used = query.used.clone();
    if state.has(Breach::PagingForgetsCount) {
        used.retain(|(name, _)| name != "_count");
    }
    let link = self::url(url, &used, Some(offset));
    if state.has(Breach::PagingForeignNext) { link.replacen("://", "://elsewhere.", 1) } else { link }
}

/// The token of the page that starts at this match: it needs no memory of the search.
fn token(offset: usize) -> String {
    format!("p{:x}", offset ^ MARK)
}

/// Where the page with this token starts.
pub fn offset(token: &str) -> Option<usize> {
    let offset = usize::from_str_radix(token.strip_prefix('p')?, 16).ok()? ^ MARK;
    (offset <= 10_000_000).then_some(offset)
}

/// The URL of a page of a search.
pub fn url(search: &str, used: &[Pair], offset: Option<usize>) -> String {
    let token = offset.map(token);
    let pairs = used.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain(token.as_deref().map(|token| (PAGE, token)));
    let query: Vec<_> =
        pairs.map(|(name, value)| format!("{}={}", utf8_percent_encode(name, KEPT), utf8_percent_encode(value, KEPT))).collect();
    if query.is_empty() { search.to_owned() } else { format!("{search}?{}", query.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::{offset, token, url};

    #[test]
    fn a_token_leads_back_to_its_page() {
        for start in [0, 10, 70, 12_345] {
            assert_eq!(offset(&token(start)), Some(start));
        }
        assert_eq!(offset("10"), None);
        assert_eq!(offset("pzz"), None);
        assert_eq!(offset("pffffffffff"), None);
    }

    #[test]
    fn links_keep_the_search() {
        let used = [("service-date".to_owned(), "ge2020-01-01T00:00:00+01:00".to_owned())];
        assert_eq!(url("http://h/fhir/X", &used, None), "http://h/fhir/X?service-date=ge2020-01-01T00:00:00%2B01:00");
        assert!(url("http://h/fhir/X", &used, Some(10)).ends_with("&_page=p5ee7"));
    }
}
