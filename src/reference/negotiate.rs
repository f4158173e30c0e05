//! Which format an answer has: `_format`, else `Accept` (R4 http.html#mime-type).

use axum::http::{HeaderMap, header};

use super::error::Refusal;

/// A format of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `application/fhir+json`.
    Json,
    /// `application/fhir+xml`.
    Xml,
}

impl Format {
    /// The media type with its character set.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/fhir+json; charset=utf-8",
            Self::Xml => "application/fhir+xml; charset=utf-8",
        }
    }

    fn named(name: &str) -> Option<Self> {
        match name {
            "json" | "application/json" | "application/fhir+json" | "text/json" => Some(Self::Json),
            "xml" | "application/xml" | "application/fhir+xml" | "text/xml" => Some(Self::Xml),
            _ => None,
        }
    }
}

/// The format that the request asks for; JSON when it does not say.
///
/// # Errors
/// 406 when it asks only for formats that are not offered.
pub fn format(parameter: Option<&str>, headers: &HeaderMap) -> Result<Format, Refusal> {
    if let Some(name) = parameter {
        // A plus sign in a query is a space once decoded.
        let essence = essence(name).replace(' ', "+");
        return Format::named(&essence).ok_or_else(|| refusal(name));
    }
    let mut values = headers.get_all(header::ACCEPT).iter().peekable();
    if values.peek().is_none() {
        return Ok(Format::Json);
    }
    let text = values.filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join(",");
    let mut best: Option<(Format, f32)> = None;
    for range in text.split(',') {
        let weight = weight(range);
        let offered = match essence(range).as_str() {
            "*/*" | "application/*" => Some(Format::Json),
            name => Format::named(name).filter(|_| is_r4(range)),
        };
        if let Some(offered) = offered.filter(|_| weight > 0.0 && best.is_none_or(|(_, highest)| weight > highest)) {
            best = Some((offered, weight));
        }
    }
    best.map(|(format, _)| format).ok_or_else(|| refusal(&text))
}

fn refusal(wanted: &str) -> Refusal {
    Refusal::not_acceptable(format!("`{wanted}` is not offered: ask for application/fhir+json or application/fhir+xml"))
}

fn essence(range: &str) -> String {
    range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn parameter<'a>(range: &'a str, name: &str) -> Option<&'a str> {
    range
        .split(';')
        .skip(1)
        .filter_map(|part| part.split_once('='))
        .find(|(key, _)| key.trim().eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}

fn weight(range: &str) -> f32 {
    parameter(range, "q").map_or(1.0, |text| text.parse().unwrap_or(0.0))
}

fn is_r4(range: &str) -> bool {
    parameter(range, "fhirVersion").is_none_or(|version| version.trim_matches('"').starts_with("4.0"))
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};

    use super::{Format, format};

    fn accepted(value: &'static str) -> Option<Format> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static(value));
        format(None, &headers).ok()
    }

    #[test]
    fn the_heaviest_known_range_wins() {
        assert_eq!(accepted("application/fhir+json"), Some(Format::Json));
        assert_eq!(accepted("application/fhir+xml"), Some(Format::Xml));
        assert_eq!(accepted("application/fhir+xml;q=0.5, application/json"), Some(Format::Json));
        assert_eq!(accepted("text/html, */*;q=0.1"), Some(Format::Json));
        assert_eq!(accepted("text/html"), None);
        assert_eq!(accepted("application/fhir+json;fhirVersion=5.0"), None);
        assert_eq!(accepted("application/fhir+json;q=0"), None);
    }

    #[test]
    fn the_parameter_wins_over_the_header() {
        assert_eq!(format(Some("application/fhir xml"), &HeaderMap::new()), Ok(Format::Xml));
        assert_eq!(format(Some("json"), &HeaderMap::new()), Ok(Format::Json));
        assert!(format(Some("turtle"), &HeaderMap::new()).is_err());
    }
}
