//! `http.format`

use crate::check::exchange::Request;
use crate::check::outcome::Evidence;
use crate::check::said::code;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "http.format",
    summary: "an answer has the format that was asked for, and says so",
    why: "R4 http.html#mime-type: servers SHALL negotiate the format by the Accept header and SHOULD let _format override it, with the values that the page lists.",
    accepts: r#"{"steps": [{"request": "GET Patient/1?_format=json", "asked": {"Accept": "application/fhir+xml"}, "status": 200, "headers": {"content-type": "application/fhir+json"}, "body": {"resourceType": "Patient"}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient/1", "asked": {"Accept": "application/fhir+xml"}, "status": 200, "headers": {"content-type": "application/fhir+xml"}, "body": {"resourceType": "Patient"}}]}"#,
    run,
};

/// The formats that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Json,
    Xml,
}

fn run(subject: &Subject<'_>) -> Evidence {
    let mut evidence = Evidence::default();
    for exchange in subject.steps.iter().flatten() {
        let (Some(response), Some(wanted)) = (exchange.response(), wanted(&exchange.request)) else { continue };
        if response.bytes.is_empty() {
            continue;
        }
        evidence.examined += 1;
        let label = response.header("content-type").unwrap_or("no content-type header");
        // A label that names no format at all is for http.content-type to judge.
        if named(label).is_some_and(|format| format != wanted) {
            evidence.deviation("header content-type", word(wanted), code(label));
        }
        let text = response.bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&response.bytes).trim_ascii_start();
        let actual = match text.first() {
            Some(b'{') => Some(Format::Json),
            Some(b'<') => Some(Format::Xml),
            _ => None,
        };
        if actual != Some(wanted) {
            evidence.deviation("body", word(wanted), actual.map_or("neither JSON nor XML", word));
        }
    }
    if evidence.examined == 0 {
        evidence.note = Some("no answer to a request for a format has a body".into());
    }
    evidence
}

/// The format that a request asks for first: by `_format`, else by its heaviest media range.
fn wanted(request: &Request) -> Option<Format> {
    if let Some((_, value)) = request.query.iter().find(|(name, _)| name == "_format") {
        return named(value);
    }
    let ranges = request.header_value("accept")?.split(',');
    let weight = |range: &str| {
        let text = range.split(';').skip(1).find_map(|part| part.trim().strip_prefix("q="));
        text.map_or(1.0, |text| text.trim().parse::<f64>().unwrap_or(0.0))
    };
    let heaviest = ranges.reduce(|best, next| if weight(next) > weight(best) { next } else { best })?;
    named(heaviest)
}

fn named(media_type: &str) -> Option<Format> {
    let essence = super::essence(media_type);
    match essence.rsplit(['/', '+']).next() {
        Some("json") => Some(Format::Json),
        Some("xml") => Some(Format::Xml),
        _ => None,
    }
}

fn word(format: Format) -> &'static str {
    match format {
        Format::Json => "JSON",
        Format::Xml => "XML",
    }
}
