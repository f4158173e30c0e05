//! Paging: where a page starts, and the links to the others (R4 http.html#paging).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::query::{PAGE, Pair};

/// Matches a page when `_count` is not given.
pub const DEFAULT_SIZE: usize = 10;
/// The largest page.
pub const LARGEST_SIZE: usize = 500;

const MARK: usize = 0x5eed;
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b':').remove(b'/').remove(b'*');

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
