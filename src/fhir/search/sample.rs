//! Search values taken from a resource's own values: each must find the resource that it comes from.

use serde_json::Value;

use super::{Kind, escape};
use crate::fhir::date::Interval;
use crate::fhir::reference::Reference;

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
    match kind {
        Kind::Token => tokens(node),
        Kind::Reference => references(node),
        Kind::Date => day_of(node).map(|day| sample("date", day)).into_iter().collect(),
        Kind::String => strings(node),
        Kind::Number => node.as_number().map(|number| sample("number", number.to_string())).into_iter().collect(),
        Kind::Quantity => quantities(node),
        Kind::Uri => node.as_str().map(|uri| sample("uri", uri.replace(',', "\\,"))).into_iter().collect(),
        Kind::Composite | Kind::Special => Vec::new(),
    }
}

/// A value with a prefix that must find the resource that `node` comes from.
pub fn sample_with_prefix(kind: Kind, prefix: &str, node: &Value) -> Option<String> {
    match kind {
        Kind::Date => date_with_prefix(prefix, node),
        Kind::Number => Some(format!("{prefix}{}", shifted(prefix, node.as_number()?)?)),
        Kind::Quantity => Some(format!("{prefix}{}", shifted(prefix, node.get("value")?.as_number()?)?)),
        _ => None,
    }
}

/// A value of good form that no sensible record holds.
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

fn tokens(node: &Value) -> Vec<SampleValue> {
    match node {
        Value::String(code) => vec![sample("code", escape(code))],
        Value::Bool(value) => vec![sample("code", value.to_string())],
        Value::Object(fields) => {
            if let Some(codings) = fields.get("coding").and_then(Value::as_array) {
                return codings.iter().flat_map(tokens).collect();
            }
            let text = |name: &str| fields.get(name).and_then(Value::as_str);
            let Some(code) = text("code").or_else(|| text("value")) else { return Vec::new() };
            match text("system").filter(|system| system.contains(':')) {
                Some(system) => vec![sample("system|code", format!("{}|{}", escape(system), escape(code))), sample("code", escape(code))],
                None => vec![sample("code", escape(code))],
            }
        }
        _ => Vec::new(),
    }
}

fn references(node: &Value) -> Vec<SampleValue> {
    if let Some(canonical) = node.as_str() {
        // Here `|` separates URL and version: it is syntax, not data (R4 search.html#versions).
        return vec![sample("canonical", canonical.replace(',', "\\,"))];
    }
    match node.get("reference").and_then(Value::as_str).map(Reference::parse) {
        Some(Reference::Relative { resource_type, id, .. }) => vec![sample("Type/id", format!("{resource_type}/{id}")), sample("id", id)],
        Some(Reference::Absolute { base, resource_type, id, .. }) => vec![sample("url", format!("{base}/{resource_type}/{id}"))],
        _ => Vec::new(),
    }
}

fn strings(node: &Value) -> Vec<SampleValue> {
    match node {
        Value::String(text) => vec![sample("whole", escape(text))],
        Value::Object(fields) => {
            let mut found = Vec::new();
            for part in ["family", "city", "state", "postalCode", "text"] {
                found.extend(fields.get(part).and_then(Value::as_str).map(|text| sample("part", escape(text))));
            }
            found
        }
        _ => Vec::new(),
    }
}

fn quantities(node: &Value) -> Vec<SampleValue> {
    let Some(number) = node.get("value").and_then(Value::as_number) else { return Vec::new() };
    let text = |name: &str| node.get(name).and_then(Value::as_str);
    let mut found = Vec::new();
    if let (Some(system), Some(code)) = (text("system"), text("code")) {
        found.push(sample("number|system|code", format!("{number}|{}|{}", escape(system), escape(code))));
    }
    found.push(sample("number", number.to_string()));
    found
}

/// The text of a date-like node, for an `eq` search: at its own precision, so that no time zone is left open.
fn day_of(node: &Value) -> Option<String> {
    let text = node.as_str()?;
    Interval::parse(text).map(|_| text.to_owned())
}

fn date_with_prefix(prefix: &str, node: &Value) -> Option<String> {
    const DAY: i128 = 86_400_000_000_000;
    let own = Interval::of(node)?;
    let first = (own.low != i128::MIN).then_some(own.low);
    let last = (own.high != i128::MAX).then_some(own.high);
    let at = match prefix {
        "ge" | "gt" | "sa" => first? - 2 * DAY,
        "le" | "lt" | "eb" => last? + 2 * DAY,
        "ne" => first.or(last)? - 400 * DAY,
        _ => return None,
    };
    let day = time::OffsetDateTime::from_unix_timestamp_nanos(at).ok()?.date();
    let whole = format!("{:04}-{:02}-{:02}", day.year(), u8::from(day.month()), day.day());
    // A single value is searched at its own precision, where equality counts.
    let text = match node.as_str() {
        Some(text) if matches!(prefix, "ge" | "le") => text.to_owned(),
        _ => whole,
    };
    Some(format!("{prefix}{text}"))
}

fn shifted(prefix: &str, number: &serde_json::Number) -> Option<String> {
    let own: f64 = number.to_string().parse().ok()?;
    Some(match prefix {
        "ge" | "le" => number.to_string(),
        "gt" | "sa" => format!("{}", own.floor() - 1.0),
        "lt" | "eb" => format!("{}", own.ceil() + 1.0),
        "ne" => format!("{}", own.ceil() + 7.0),
        _ => return None,
    })
}
