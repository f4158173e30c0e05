//! Number and quantity search (R4 search.html#number, #quantity): a value without a prefix stands for its own precision.

use super::{Answer, decided, split_unescaped, unescape};
use crate::fhir::date::Prefix;
use crate::fhir::json::Value;

/// The system of the codes in Money.currency, which Money does not spell out.
const CURRENCY: &str = "urn:iso:std:iso:4217";

/// Whether a number or a Range meets a value with its prefix.
pub fn matches_number(value: &str, node: &Value) -> Answer {
    let (prefix, text) = Prefix::split(value);
    let Some(wanted) = Wanted::read(text) else { return Answer::Unknown("the searched value is no number".to_owned()) };
    match number_of(node) {
        Some(own) => wanted.compare(prefix, own),
        None => matches_range(prefix, &wanted, node),
    }
}

/// Whether a Quantity, Money or Range meets `[prefix]number|system|code`.
pub fn matches_quantity(value: &str, node: &Value) -> Answer {
    let parts = split_unescaped(value, '|');
    let (prefix, text) = Prefix::split(parts.first().map(AsRef::as_ref).unwrap_or_default());
    let Some(wanted) = Wanted::read(text) else { return Answer::Unknown("the searched value is no quantity".to_owned()) };
    if parts.len() > 3 {
        return Answer::Unknown("the searched value has more than two unescaped |".to_owned());
    }
    let Some(own) = node.get("value").and_then(number_of) else { return matches_range(prefix, &wanted, node) };
    let part = |index: usize| parts.get(index).map(|part| unescape(part)).filter(|part| !part.is_empty());
    match unit_fits(part(1).as_deref(), part(2).as_deref(), node) {
        Answer::Yes if node.get("comparator").is_some() => {
            Answer::Unknown("the record's value has a comparator, so it is not known exactly".to_owned())
        }
        Answer::Yes => wanted.compare(prefix, own),
        other => other,
    }
}

/// Whether the unit of a Quantity or Money is the searched one.
fn unit_fits(system: Option<&str>, code: Option<&str>, node: &Value) -> Answer {
    let field = |name: &str| node.get(name).and_then(Value::as_str);
    let is_money = field("currency").is_some();
    let own_system = field("system").or(is_money.then_some(CURRENCY));
    if system.is_some() && system != own_system {
        return Answer::No;
    }
    let Some(code) = code else { return Answer::Yes };
    let own_code = field("code").or_else(|| field("currency"));
    if own_code == Some(code) || (system.is_none() && field("unit") == Some(code)) {
        return Answer::Yes;
    }
    if is_money || (own_code.is_none() && field("unit").is_none()) {
        return Answer::No;
    }
    Answer::Unknown("the units differ, and R4 lets servers convert one into the other".to_owned())
}

/// Whether the span of a Range meets a value; what only overlaps is left to the server.
fn matches_range(prefix: Prefix, wanted: &Wanted, node: &Value) -> Answer {
    let end = |name: &str| node.get(name).and_then(|end| end.get("value")).and_then(number_of);
    let (low, high) = (end("low"), end("high"));
    if low.is_none() && high.is_none() {
        return Answer::No;
    }
    let (low, high) = (low.unwrap_or(f64::NEG_INFINITY), high.unwrap_or(f64::INFINITY));
    let (reach_low, reach_high) = wanted.reach();
    let is_above = low > reach_high;
    let is_below = high < reach_low;
    match prefix {
        Prefix::Eq if is_above || is_below => Answer::No,
        Prefix::Ne if is_above || is_below => Answer::Yes,
        Prefix::Gt | Prefix::Ge | Prefix::Sa if is_above || is_below => decided(is_above),
        Prefix::Lt | Prefix::Le | Prefix::Eb if is_above || is_below => decided(is_below),
        _ => Answer::Unknown("R4 does not say how a Range that overlaps the searched value compares".to_owned()),
    }
}

/// The number as f64: search compares magnitudes, never prints them. `None` for what is no finite number.
fn number_of(node: &Value) -> Option<f64> {
    node.as_number()?.to_string().parse().ok().filter(|number: &f64| number.is_finite())
}

/// A searched number.
struct Wanted {
    value: f64,
    /// Half of the last place that is written.
    half: f64,
    /// Whether it is written with an exponent: R4's own example then narrows the range tenfold, against its rule of significant figures.
    has_exponent: bool,
}

impl Wanted {
    /// Reads a decimal (R4 datatypes.html#decimal).
    fn read(text: &str) -> Option<Self> {
        let is_decimal = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'));
        let value: f64 = text.parse().ok().filter(|value: &f64| is_decimal && value.is_finite())?;
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let places = mantissa.split_once('.').map_or(0, |(_, fraction)| i32::try_from(fraction.len()).unwrap_or(i32::MAX));
        let exponent: i32 = exponent.parse().ok()?;
        let half = 0.5 * 10_f64.powi(exponent.saturating_sub(places).clamp(-300, 300));
        Some(Self { value, half, has_exponent: text.contains(['e', 'E']) })
    }

    /// The first and the last number that any reading of R4 takes for equal.
    fn reach(&self) -> (f64, f64) {
        (self.value - self.half, self.value + self.half)
    }

    /// Whether a number of the record is the searched one, to the precision of the latter.
    fn equals(&self, own: f64) -> Answer {
        if own.to_bits() == self.value.to_bits() {
            return Answer::Yes;
        }
        let distance = (own - self.value).abs();
        // Binary arithmetic cannot tell which side of the edge a decimal fraction lies on, and servers differ in it too.
        let edge = self.half * 1e-6 + self.value.abs() * 1e-12;
        if distance > self.half + edge {
            Answer::No
        } else if distance < self.half * if self.has_exponent { 0.1 } else { 1.0 } - edge {
            Answer::Yes
        } else {
            Answer::Unknown("the record's value lies at the edge of the precision that is searched".to_owned())
        }
    }

    fn compare(&self, prefix: Prefix, own: f64) -> Answer {
        match prefix {
            Prefix::Eq => self.equals(own),
            Prefix::Ne => self.equals(own).negated(),
            Prefix::Gt | Prefix::Sa => decided(own > self.value),
            Prefix::Lt | Prefix::Eb => decided(own < self.value),
            Prefix::Ge => decided(own >= self.value),
            Prefix::Le => decided(own <= self.value),
            Prefix::Ap if self.equals(own) == Answer::Yes => Answer::Yes,
            Prefix::Ap => Answer::Unknown("how near ap must be is the server's choice".to_owned()),
        }
    }
}
