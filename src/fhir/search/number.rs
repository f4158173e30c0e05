//! Number and quantity search (R4 search.html#number, #quantity): a value without a prefix stands for its own precision.

use serde_json::Value;

use super::{Answer, decided, split_unescaped, unescape};
use crate::fhir::date::Prefix;

/// Whether a number, or the ends of a Range, meets a value with its prefix.
pub fn matches_number(value: &str, node: &Value) -> Answer {
    let (prefix, text) = Prefix::split(value);
    let Some(own) = number_of(node) else { return Answer::No };
    compare(prefix, text, own)
}

/// Whether a Quantity or Money meets `[prefix]number|system|code`.
pub fn matches_quantity(value: &str, node: &Value) -> Answer {
    let parts = split_unescaped(value, '|');
    let (prefix, text) = Prefix::split(parts.first().map(String::as_str).unwrap_or_default());
    let Some(own) = node.get("value").and_then(number_of) else { return Answer::No };
    let field = |name: &str| node.get(name).and_then(Value::as_str);
    let system = parts.get(1).map(|part| unescape(part)).filter(|part| !part.is_empty());
    let code = parts.get(2).map(|part| unescape(part)).filter(|part| !part.is_empty());
    let compared = compare(prefix, text, own);
    if compared == Answer::No
        && (system.is_none() || field("system") == system.as_deref())
        && code.as_deref() != field("code")
        && code.is_some()
    {
        return Answer::Unknown("units may be converted into each other".to_owned());
    }
    let unit_fits = match (&system, &code) {
        (None, None) => true,
        (None, Some(code)) => [field("code"), field("unit"), field("currency")].contains(&Some(code)),
        (Some(system), code) => field("system") == Some(system) && (code.is_none() || field("code") == code.as_deref()),
    };
    if unit_fits { compared } else { Answer::No }
}

/// The number as f64: search compares magnitudes, never prints them.
fn number_of(node: &Value) -> Option<f64> {
    node.as_f64().or_else(|| node.as_number()?.to_string().parse().ok())
}

fn compare(prefix: Prefix, text: &str, own: f64) -> Answer {
    let Ok(wanted) = text.parse::<f64>() else { return Answer::No };
    let half = half_step(text);
    let (low, high) = (wanted - half, wanted + half);
    let same = (low..high).contains(&own) || own.to_bits() == wanted.to_bits();
    match prefix {
        Prefix::Eq => decided(same),
        Prefix::Ne => decided(!same),
        Prefix::Gt | Prefix::Sa => decided(own > wanted),
        Prefix::Lt | Prefix::Eb => decided(own < wanted),
        Prefix::Ge => decided(own >= wanted),
        Prefix::Le => decided(own <= wanted),
        Prefix::Ap if same => Answer::Yes,
        Prefix::Ap => Answer::Unknown("how near ap must be is the server's choice".to_owned()),
    }
}

/// Half of the last place of a number as it is written.
fn half_step(text: &str) -> f64 {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let places = mantissa.split_once('.').map_or(0, |(_, fraction)| i32::try_from(fraction.len()).unwrap_or(0));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    0.5 * 10f64.powi(exponent.saturating_sub(places).clamp(-300, 300))
}
