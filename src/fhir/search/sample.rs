//! Search values taken from a resource's own values: each must find the resource that it comes from.

use super::{Answer, Context, Kind, escape, matches};
use crate::fhir::date::{DAY, Interval};
use crate::fhir::json::{Number, Value};
use crate::fhir::reference::Reference;

/// Longer texts are searched by their beginning, so that the URL stays short.
const LONGEST_TEXT: usize = 100;

/// A search value with the form it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleValue {
    /// Such as `system|code`.
    pub form: &'static str,
    /// The value, escaped.
    pub value: String,
}

fn sample(form: &'static str, value: impl Into<String>) -> SampleValue {
    SampleValue { form, value: value.into() }
}

/// Values that must find the resource that `node` comes from, the most telling first.
pub fn sample_values(kind: Kind, node: &Value) -> Vec<SampleValue> {
    let mut samples = match kind {
        Kind::Token => tokens(node),
        Kind::Reference => references(node),
        Kind::Date => dates(node).into_iter().map(|date| sample("date", date)).collect(),
        Kind::String => strings(node),
        Kind::Number => node.as_number().map(|number| sample("number", number.to_string())).into_iter().collect(),
        Kind::Quantity => quantities(node),
        Kind::Uri => node.as_str().map(|uri| sample("uri", escape_canonical(uri))).into_iter().collect(),
        Kind::Composite | Kind::Special => Vec::new(),
    };
    samples.retain(|sample| finds(kind, &sample.value, node));
    samples
}

/// A value with a prefix (`eq`, `ne`, `gt`, `ge`, `lt`, `le`, `sa`, `eb` or `ap`) that must find the resource that `node` comes from; `None`
/// where there is no such value, or none that every reading of R4 agrees on.
pub fn sample_with_prefix(kind: Kind, prefix: &str, node: &Value) -> Option<String> {
    let value = match kind {
        Kind::Date => date_with_prefix(prefix, node)?,
        Kind::Number => shifted(prefix, node.as_number()?)?,
        Kind::Quantity => shifted(prefix, node.get("value")?.as_number()?)?,
        _ => return None,
    };
    let value = format!("{prefix}{value}");
    finds(kind, &value, node).then_some(value)
}

/// A value of good form that no sensible record holds; `target` is the type that a reference parameter points to.
pub fn no_match_value(kind: Kind, target: Option<&str>) -> String {
    match kind {
        Kind::Date => "1801-02-03".to_owned(),
        Kind::Number => "987654321".to_owned(),
        Kind::Quantity => "987654321.5".to_owned(),
        Kind::Reference => format!("{}/payerspec-no-such-id", target.unwrap_or("Patient")),
        Kind::Uri => "urn:oid:2.999.999.999".to_owned(),
        Kind::String | Kind::Token | Kind::Composite | Kind::Special => "payerspec-no-such-value".to_owned(),
    }
}

/// A value that is malformed for the type, or `None` where any text is well-formed.
pub fn malformed_value(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Date => Some("not-a-date"),
        Kind::Number | Kind::Quantity => Some("not-a-number"),
        Kind::String | Kind::Token | Kind::Reference | Kind::Composite | Kind::Uri | Kind::Special => None,
    }
}

fn finds(kind: Kind, value: &str, node: &Value) -> bool {
    matches(kind, value, &[node], &Context::of("")) == Answer::Yes
}

/// In a canonical `|` parts URL and version: it is syntax, not data (R4 search.html#versions).
fn escape_canonical(canonical: &str) -> String {
    escape(canonical).replace("\\|", "|")
}

fn tokens(node: &Value) -> Vec<SampleValue> {
    match node {
        Value::String(code) => vec![sample("code", escape(code))],
        Value::Bool(_) | Value::Number(_) => vec![sample("code", node.to_string())],
        Value::Object(fields) => {
            if let Some(codings) = fields.get("coding").and_then(Value::as_array) {
                return codings.iter().filter(|coding| coding.is_object()).flat_map(token).collect();
            }
            token(node)
        }
        _ => Vec::new(),
    }
}

/// A Coding, Identifier or ContactPoint.
fn token(node: &Value) -> Vec<SampleValue> {
    let text = |name: &str| node.get(name).and_then(Value::as_str);
    let Some(code) = text("code").or_else(|| text("value")) else { return Vec::new() };
    let mut found = Vec::new();
    if let Some(system) = text("system").filter(|system| system.contains(':')) {
        found.push(sample("system|code", format!("{}|{}", escape(system), escape(code))));
    }
    found.push(sample("code", escape(code)));
    found
}

fn references(node: &Value) -> Vec<SampleValue> {
    if let Some(canonical) = node.as_str() {
        return vec![sample("canonical", escape_canonical(canonical))];
    }
    match node.get("reference").and_then(Value::as_str).map(Reference::parse) {
        Some(Reference::Relative { resource_type, id, .. }) => vec![sample("Type/id", format!("{resource_type}/{id}")), sample("id", id)],
        Some(Reference::Absolute { base, resource_type, id, .. }) => {
            vec![sample("url", format!("{}/{resource_type}/{id}", escape_canonical(base)))]
        }
        _ => Vec::new(),
    }
}

fn strings(node: &Value) -> Vec<SampleValue> {
    match node {
        Value::String(text) => {
            let mut found = vec![sample("whole", escape(beginning(text)))];
            if let Some((word, _)) = text.split_once(' ') {
                found.push(sample("word", escape(word)));
            }
            found
        }
        Value::Object(fields) => {
            let part = |name: &&str| match fields.get(name)? {
                Value::Array(items) => items.iter().find_map(Value::as_str),
                part => part.as_str(),
            };
            let parts = ["family", "given", "city", "state", "postalCode", "line", "text"].iter().filter_map(part);
            parts.map(|text| sample("part", escape(beginning(text)))).collect()
        }
        _ => Vec::new(),
    }
}

/// The text, or what of it fits up to the end of a word.
fn beginning(text: &str) -> &str {
    let Some((end, _)) = text.char_indices().nth(LONGEST_TEXT) else { return text };
    let head = text.get(..end).unwrap_or(text);
    head.rsplit_once(' ').map_or(head, |(words, _)| words)
}

fn quantities(node: &Value) -> Vec<SampleValue> {
    let Some(number) = node.get("value").and_then(Value::as_number) else { return Vec::new() };
    let text = |name: &str| node.get(name).and_then(Value::as_str);
    let mut found = Vec::new();
    if let (Some(system), Some(code)) = (text("system"), text("code")) {
        found.push(sample("number|system|code", format!("{number}|{}|{}", escape(system), escape(code))));
    }
    if let Some(code) = text("code").or_else(|| text("currency")) {
        found.push(sample("number||code", format!("{number}||{}", escape(code))));
    }
    found.push(sample("number", number.to_string()));
    found
}

/// Values for an `eq` search: the text of a date at its own precision, so that no time zone is left open; for a Period the day, month and
/// year of its start, of which those remain that hold all of it.
fn dates(node: &Value) -> Vec<String> {
    match node {
        Value::String(text) => vec![text.to_string()],
        _ => {
            let start = node.get("start").and_then(Value::as_str).unwrap_or_default();
            [10, 7, 4].into_iter().filter_map(|length| start.get(..length)).map(str::to_owned).collect()
        }
    }
}

fn date_with_prefix(prefix: &str, node: &Value) -> Option<String> {
    if let (Value::String(text), "eq" | "ge" | "le" | "ap") = (node, prefix) {
        // A single value is searched at its own precision, where equality counts.
        return Some(text.to_string());
    }
    let own = Interval::of(node)?;
    let first = (own.low != i128::MIN).then_some(own.low);
    let last = (own.high != i128::MAX).then_some(own.high);
    // Two days away no time zone matters.
    let at = match prefix {
        "eq" => return dates(node).into_iter().find(|date| finds(Kind::Date, date, node)),
        "ge" | "gt" | "sa" => first.or(last)? - 2 * DAY,
        "le" | "lt" | "eb" => last.or(first)? + 2 * DAY,
        "ne" => first.or(last)? - 400 * DAY,
        "ap" => first.or(last)?,
        _ => return None,
    };
    let day = time::OffsetDateTime::from_unix_timestamp_nanos(at).ok()?.date();
    Some(format!("{:04}-{:02}-{:02}", day.year(), u8::from(day.month()), day.day()))
}

fn shifted(prefix: &str, number: &Number) -> Option<String> {
    let own: f64 = number.to_string().parse().ok()?;
    let step = (own.abs() / 1000.0).ceil().max(1.0);
    Some(match prefix {
        "eq" | "ge" | "le" | "ap" => number.to_string(),
        "gt" | "sa" => format!("{}", own.floor() - step),
        "lt" | "eb" => format!("{}", own.ceil() + step),
        "ne" => format!("{}", own.ceil() + 7.0 * step),
        _ => return None,
    })
}
