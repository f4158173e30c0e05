//! From a request's path and query to the URL on the wire.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

/// What stays as it is in a query: RFC 3986 unreserved characters and those that FHIR search values use as their own punctuation (R4 search.html#escaping), but `|`, which no URL may hold.
const QUERY: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b':').remove(b',').remove(b'/').remove(b'$').remove(b'*');

/// The URL of `path`: absolute, relative to the origin when it begins with `/`, else relative to the base. The query is appended encoded.
///
/// # Errors
/// With the reason, when there is no http or https URL in it, or one with credentials.
pub(super) fn build(base: &Url, path: &str, query: &[(String, String)]) -> Result<Url, String> {
    let mut url = if let Some(scheme) = scheme_of(path) {
        if !matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https") {
            return Err(format!("`{scheme}:` is neither http nor https"));
        }
        Url::parse(path).map_err(|error| error.to_string())?
    } else if path.starts_with('/') {
        base.join(path).map_err(|error| error.to_string())?
    } else {
        relative(base, path)?
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it carries credentials".to_owned());
    }
    url.set_fragment(None);
    if !query.is_empty() {
        let own = url.query().filter(|own| !own.is_empty()).map(str::to_owned);
        url.set_query(Some(&own.into_iter().chain([encode(query)]).collect::<Vec<_>>().join("&")));
    }
    Ok(url)
}

/// Pairs as `application/x-www-form-urlencoded`, with `%20` for a space since some servers take `+` literally.
pub(super) fn encode(pairs: &[(String, String)]) -> String {
    let pairs = pairs.iter().map(|(name, value)| format!("{}={}", utf8_percent_encode(name, QUERY), utf8_percent_encode(value, QUERY)));
    pairs.collect::<Vec<_>>().join("&")
}

/// Whether a token for `base` may go to `url`: same scheme, host and port.
pub(super) fn same_origin(base: &Url, url: &Url) -> bool {
    base.scheme() == url.scheme() && base.host() == url.host() && base.port_or_known_default() == url.port_or_known_default()
}

/// Scheme, host and port as text.
pub(super) fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

fn scheme_of(path: &str) -> Option<&str> {
    let (scheme, rest) = path.split_once(':')?;
    let is_scheme =
        scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    (is_scheme && (rest.starts_with("//") || !scheme.contains('.'))).then_some(scheme)
}

fn relative(base: &Url, path: &str) -> Result<Url, String> {
    let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
    let mut url = base.clone();
    if !path.is_empty() {
        let mut segments = url.path_segments_mut().map_err(|()| "the base has no path".to_owned())?;
        segments.pop_if_empty().extend(path.split('/'));
    }
    url.set_query(query.filter(|query| !query.is_empty()));
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(path: &str, query: &[(&str, &str)]) -> Result<String, String> {
        let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>();
        build(&Url::parse("https://payer.example/fhir/r4").unwrap(), path, &query).map(|url| url.to_string())
    }

    #[test]
    fn a_relative_path_goes_below_the_base() {
        assert_eq!(built("Patient/1", &[]).unwrap(), "https://payer.example/fhir/r4/Patient/1");
        assert_eq!(built("Patient/a b%?x=1", &[]).unwrap(), "https://payer.example/fhir/r4/Patient/a%20b%25?x=1");
        assert_eq!(built("", &[]).unwrap(), "https://payer.example/fhir/r4");
        assert_eq!(built("/other?page=2", &[]).unwrap(), "https://payer.example/other?page=2");
        assert_eq!(built("?page=2", &[]).unwrap(), "https://payer.example/fhir/r4?page=2");
    }

    #[test]
    fn no_path_leaves_the_base() {
        assert_eq!(built("../../admin", &[]).unwrap(), "https://payer.example/fhir/r4/admin");
        assert_eq!(built("Patient/urn:uuid:1", &[]).unwrap(), "https://payer.example/fhir/r4/Patient/urn:uuid:1");
    }

    #[test]
    fn query_values_are_encoded_and_fhir_punctuation_is_kept() {
        assert_eq!(
            built(
                "Patient",
                &[("identifier", "http://a|b c"), ("name:exact", "O'Neil+&=,x"), ("_lastUpdated", "ge2020-01-01T00:00:00+01:00")]
            )
            .unwrap(),
            "https://payer.example/fhir/r4/Patient?identifier=http://a%7Cb%20c&name:exact=O%27Neil%2B%26%3D,x&_lastUpdated=ge2020-01-01T00:00:00%2B01:00"
        );
    }

    #[test]
    fn absolute_urls_stand_and_only_for_the_web() {
        assert_eq!(built("http://other.example/x?a=1", &[("b", "2")]).unwrap(), "http://other.example/x?a=1&b=2");
        assert!(built("file:///etc/passwd", &[]).unwrap_err().contains("neither http"));
        assert!(built("urn:uuid:1", &[]).unwrap_err().contains("neither http"));
        assert!(built("https://user:pw@payer.example/x", &[]).unwrap_err().contains("credentials"));
        assert!(built("http://[", &[]).is_err());
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let base = Url::parse("https://payer.example/fhir").unwrap();
        let same = |text: &str| same_origin(&base, &Url::parse(text).unwrap());
        assert!(same("https://payer.example:443/x") && same("https://PAYER.example/"));
        assert!(!same("http://payer.example/fhir") && !same("https://payer.example:8443/") && !same("https://payer.example.evil.example/"));
    }
}
