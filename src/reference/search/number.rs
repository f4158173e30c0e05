//! Search by number and quantity (R4 search.html#number, #quantity): decimals are compared exactly, as whole numbers of a very small unit.

use super::date::Prefix;
use super::path::text;
use crate::fhir::json::Value;
use crate::reference::fault::Breach;
use crate::reference::state::State;

/// A number in units of 10⁻¹⁵.
type Units = i128;

/// Decimal places that can be told apart.
const PLACES: i32 = 15;
/// The system of currency codes, which Money does not spell out.
const CURRENCY: &str = "urn:iso:std:iso:4217";

/// A searched number with its prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comparison {
    prefix: Prefix,
    value: Units,
    /// Half of the last place that is written.
    half: Units,
}

/// From `low` to `high`, both included; an open end is `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    low: Option<Units>,
    high: Option<Units>,
}

impl Comparison {
    /// Reads a number that may have a prefix.
    pub fn read(text: &str) -> Option<Self> {
        let (prefix, number) = Prefix::split(text);
        let (value, exponent) = units(number)?;
        // R4 gives 95 to 105 for 1e2: a tenth of what its last written place would give.
        let exponent = if number.contains(['e', 'E']) { exponent - 1 } else { exponent };
        let half = power(exponent.checked_add(PLACES)?)? / 2;
        Some(Self { prefix, value, half })
    }

    fn is_met(&self, state: &State, own: Range) -> bool {
        let half = if state.has(Breach::NumberPrecisionIgnored) { 0 } else { self.half };
        let (first, last) = (self.value - half, self.value + half);
        let within = own.low.is_some_and(|low| low >= first) && own.high.is_some_and(|high| high < last || high == self.value);
        let above = own.high.is_none_or(|high| high > self.value);
        let below = own.low.is_none_or(|low| low < self.value);
        match misread(state, self.prefix) {
            Prefix::Eq => within,
            Prefix::Ne => !within,
            Prefix::Gt => above,
            Prefix::Lt => below,
            Prefix::Ge => above || own.high == Some(self.value),
            Prefix::Le => below || own.low == Some(self.value),
            Prefix::Sa => own.low.is_some_and(|low| low > self.value),
            Prefix::Eb => own.high.is_some_and(|high| high < self.value),
            Prefix::Ap => {
                let slack = (self.value.abs() / 10).max(half);
                own.low.is_none_or(|low| low <= self.value + slack) && own.high.is_none_or(|high| high >= self.value - slack)
            }
        }
    }

    /// Whether a number or a Range agrees.
    pub fn finds(&self, state: &State, element: &Value) -> bool {
        range(element).is_some_and(|own| self.is_met(state, own))
    }

    /// Whether a Quantity, or a Money, agrees in number and unit.
    pub fn finds_quantity(&self, state: &State, element: &Value, system: Option<&str>, unit: Option<&str>) -> bool {
        let currency = text(element, "currency");
        let own_system = text(element, "system").or(currency.map(|_| CURRENCY));
        let system_fits = system.is_none_or(|wanted| own_system == Some(wanted)) || state.has(Breach::QuantitySystemIgnored);
        let by_code = text(element, "code").or(currency);
        let unit_fits = match unit {
            None => !state.has(Breach::QuantityNeedsUnit),
            Some(_) if system.is_none() && state.has(Breach::QuantityCodeNeedsSystem) => false,
            Some(wanted) => by_code == Some(wanted) || (system.is_none() && text(element, "unit") == Some(wanted)),
        };
        system_fits && unit_fits && self.finds(state, element)
    }
}

/// What the payer takes a prefix for, when told to break.
fn misread(state: &State, prefix: Prefix) -> Prefix {
    let misreadings = [
        (Breach::NumberPrefixIgnored, prefix, Prefix::Eq),
        (Breach::NumberNeAsEq, Prefix::Ne, Prefix::Eq),
        (Breach::NumberGtAsLt, Prefix::Gt, Prefix::Lt),
        (Breach::NumberLtAsGt, Prefix::Lt, Prefix::Gt),
        (Breach::NumberGeAsGt, Prefix::Ge, Prefix::Gt),
        (Breach::NumberLeAsLt, Prefix::Le, Prefix::Lt),
        (Breach::NumberSaAsEb, Prefix::Sa, Prefix::Eb),
        (Breach::NumberEbAsSa, Prefix::Eb, Prefix::Sa),
    ];
    let misread = misreadings.into_iter().find(|(breach, from, _)| *from == prefix && state.has(*breach));
    misread.map_or(prefix, |(_, _, to)| to)
}

/// What a number, a Range or a Quantity with its comparator spans.
fn range(element: &Value) -> Option<Range> {
    let number = |value: &Value| value.as_number().and_then(|number| units(&number.to_string())).map(|(value, _)| value);
    if let Some(value) = number(element) {
        return Some(Range { low: Some(value), high: Some(value) });
    }
    if let Some(value) = element.get("value").and_then(number) {
        return Some(match text(element, "comparator") {
            Some("<" | "<=") => Range { low: None, high: Some(value) },
            Some(">" | ">=") => Range { low: Some(value), high: None },
            _ => Range { low: Some(value), high: Some(value) },
        });
    }
    let end = |name: &str| element.get(name).and_then(|end| end.get("value")).and_then(number);
    let (low, high) = (end("low"), end("high"));
    (low.is_some() || high.is_some()).then_some(Range { low, high })
}

/// A decimal in units, with the exponent of its last written place.
fn units(text: &str) -> Option<(Units, i32)> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (sign, digits) = mantissa.strip_prefix('-').map_or((1, mantissa), |digits| (-1, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let shape = is_number(whole) && is_number(fraction) && !whole.is_empty() && !digits.ends_with('.') && digits.len() <= 30;
    let last = exponent.parse::<i32>().ok()?.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    let value: Units = shape.then(|| format!("{whole}{fraction}").parse().ok())??;
    let value = value.checked_mul(power(last.checked_add(PLACES)?)?)?;
    // What is left below the bound can be doubled, halved and added without a care.
    (value < Units::MAX / 8).then_some((sign * value, last))
}

/// Ten to a power from 0 to 36.
fn power(exponent: i32) -> Option<Units> {
    u32::try_from(exponent).ok().filter(|exponent| *exponent <= 36).map(|exponent| 10_i128.pow(exponent))
}

#[cfg(test)]
mod tests {

    use super::Comparison;
    use crate::fhir::json::{Value, json};
    use crate::reference::data::CarinVersion;
    use crate::reference::fault::Faults;
    use crate::reference::state::State;

    fn finds(search: &str, element: &Value) -> bool {
        let state = State::new(CarinVersion::V2_0_0, Faults::default(), false, Vec::new());
        Comparison::read(search).unwrap_or_else(|| panic!("{search} is a number")).finds(&state, element)
    }

    fn number(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_number_is_as_wide_as_its_last_place() {
        for (search, own, expected) in [
            ("100", "100.4", true),
            ("100", "99.5", true),
            ("100", "100.5", false),
            ("100.00", "100.004", true),
            ("100.00", "100.4", false),
            ("1e2", "96", true),
            ("1e2", "94", false),
            ("-5", "-5.2", true),
            ("0.1", "0.1", true),
            ("ne5.40", "5.4", false),
            ("gt100", "100.1", true),
            ("gt100", "100", false),
            ("ge100", "100.00", true),
            ("le100", "100", true),
            ("le100", "100.4", false),
            ("lt100", "99.99", true),
            ("sa5", "5.1", true),
            ("eb5", "5", false),
            ("ap100", "109", true),
            ("ap100", "111", false),
        ] {
            assert_eq!(finds(search, &number(own)), expected, "{search} {own}");
        }
    }

    #[test]
    fn ranges_and_comparators_are_open_where_they_say() {
        let range = json!({ "low": { "value": 10 }, "high": { "value": 20 } });
        assert!(finds("gt15", &range) && finds("lt15", &range) && finds("sa5", &range) && !finds("15", &range) && !finds("sa15", &range));
        let above = json!({ "value": 60, "comparator": ">" });
        assert!(finds("gt1000", &above) && !finds("60", &above) && !finds("lt60", &above) && finds("ne60", &above));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", "x", "1.", ".5", "1e", "nan", "1e999", "0.0000000000000000001", "--1", "1 000"] {
            assert_eq!(Comparison::read(text), None, "{text}");
        }
    }
}
