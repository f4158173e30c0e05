//! Which format an answer has: `_format`, else `Accept` (R4 http.html#mime-type).

use axum::http::{HeaderMap, header};

use super::error::Refusal;
use super::fault::Breach;
use super::search::query::Pair;
use super::state::State;

/// A format of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `application/fhir+json`.
    Json,
    /// `application/fhir+xml`.
    Xml,
}

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// The format.
    pub format: Format,
    /// Whether it is indented for people; XML never is.
    pub pretty: bool,
}

impl Default for Form {
    fn default() -> Self {
        Self { format: Format::Json, pretty: false }
    }
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

/// The form that the request asks for; JSON when it does not say.
///
/// # Errors
/// 406 when it asks only for formats that are not offered.
pub fn form(state: &State, query: &[Pair], headers: &HeaderMap) -> Result<Form, Refusal> {
    let value = |wanted: &str| query.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    let pretty = value("_pretty") == Some("true");
    if pretty && state.has(Breach::PrettyRefused) {
        return Err(Refusal::invalid("_pretty is not understood"));
    }
    let parameter = value("_format").filter(|_| !state.has(Breach::FormatIgnored));
    let format = match parameter {
        Some(name) => by_parameter(state, name)?,
        None => by_accept(state, headers)?,
    };
    match format {
        Format::Xml if state.has(Breach::XmlRefused) => Err(refusal("XML")),
        Format::Xml if state.has(Breach::XmlAsJson) => Ok(Form { format: Format::Json, pretty }),
        format => Ok(Form { format, pretty }),
    }
}

fn by_parameter(state: &State, name: &str) -> Result<Format, Refusal> {
    // A plus sign in a query is a space once decoded.
    let essence = essence(name).replace(' ', "+");
    let is_missed = (state.has(Breach::FormatShortNamesUnknown) && !essence.contains('/'))
        || (state.has(Breach::FormatTextXmlUnknown) && essence == "text/xml")
        || (state.has(Breach::FormatPlusUnknown) && essence.contains('+'));
    match Format::named(&essence).filter(|_| !is_missed) {
        Some(format) => Ok(format),
        None if state.has(Breach::FormatUnknownAsJson) => Ok(Format::Json),
        None => Err(refusal(name)),
    }
}

/// The format of the heaviest media range that is offered; of equals, the first.
fn by_accept(state: &State, headers: &HeaderMap) -> Result<Format, Refusal> {
    let mut values = headers.get_all(header::ACCEPT).iter().peekable();
    if values.peek().is_none() {
        return Ok(Format::Json);
    }
    let text = values.filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join(",");
    let mut best: Option<(Format, f32)> = None;
    for range in text.split(',') {
        let weight = if state.has(Breach::AcceptWeightsIgnored) { 1.0 } else { weight(range) };
        let offered = match essence(range).as_str() {
            "*/*" if state.has(Breach::AcceptAnyRefused) => None,
            "application/json" if state.has(Breach::AcceptPlainJsonRefused) => None,
            "application/xml" if state.has(Breach::AcceptPlainXmlAsJson) => Some(Format::Json),
            "*/*" | "application/*" => Some(Format::Json),
            name => Format::named(name).filter(|_| is_r4(range)),
        };
        if let Some(offered) = offered.filter(|_| weight > 0.0 && best.is_none_or(|(_, highest)| weight > highest)) {
            best = Some((offered, weight));
        }
    }
    match best {
        Some((format, _)) => Ok(format),
        None if state.has(Breach::AcceptUnknownAsJson) => Ok(Format::Json),
        None => Err(refusal(&text)),
    }
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

    use super::{Format, State, form};
    use crate::reference::fault::Faults;

    fn format(parameter: Option<&str>, headers: &HeaderMap) -> Option<Format> {
        let state = State::new("2.0.0".parse().unwrap(), Faults::default(), false, Vec::new());
        let query: Vec<_> = parameter.map(|value| ("_format".to_owned(), value.to_owned())).into_iter().collect();
        form(&state, &query, headers).ok().map(|form| form.format)
    }

    fn accepted(value: &'static str) -> Option<Format> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static(value));
        format(None, &headers)
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
        assert_eq!(format(Some("application/fhir xml"), &HeaderMap::new()), Some(Format::Xml));
        assert_eq!(format(Some("json"), &HeaderMap::new()), Some(Format::Json));
        assert_eq!(format(Some("turtle"), &HeaderMap::new()), None);
    }
}
