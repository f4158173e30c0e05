//! Quantities and the part of UCUM that real expressions compare: metric prefixes, products, quotients and powers of common units.

use std::{borrow::Cow, cmp::Ordering, fmt};

use super::decimal::Decimal;

/// A number with a unit: a UCUM code, or a calendar word such as `day`.
#[derive(Clone, Debug)]
pub struct Quantity<'a> {
    pub value: Decimal,
    pub unit: Cow<'a, str>,
    /// Whether the unit is a calendar word and not a UCUM code.
    pub calendar: bool,
}

/// A unit as powers of base units and a factor (numerator over denominator).
#[derive(Clone, Copy, Debug)]
struct Scale {
    numerator: Decimal,
    denominator: Decimal,
    /// Powers of metre, second, gram, mole, kelvin, ampere, candela and calendar month.
    dimensions: [i32; 8],
}

const CALENDAR: [(&str, &str, &str); 8] = [
    ("year", "years", "a"),
    ("month", "months", "mo"),
    ("week", "weeks", "wk"),
    ("day", "days", "d"),
    ("hour", "hours", "h"),
    ("minute", "minutes", "min"),
    ("second", "seconds", "s"),
    ("millisecond", "milliseconds", "ms"),
];

/// The singular calendar word of `word` (`days` gives `day`).
pub fn calendar_word(word: &str) -> Option<&'static str> {
    CALENDAR.iter().find(|(one, many, _)| word == *one || word == *many).map(|(one, ..)| *one)
}

const UNITS: [(&str, &str, bool, [i32; 8]); 29] = [
    ("m", "1", true, [1, 0, 0, 0, 0, 0, 0, 0]),
    ("s", "1", true, [0, 1, 0, 0, 0, 0, 0, 0]),
    ("g", "1", true, [0, 0, 1, 0, 0, 0, 0, 0]),
    ("mol", "1", true, [0, 0, 0, 1, 0, 0, 0, 0]),
    ("K", "1", true, [0, 0, 0, 0, 1, 0, 0, 0]),
    ("A", "1", true, [0, 0, 0, 0, 0, 1, 0, 0]),
    ("cd", "1", true, [0, 0, 0, 0, 0, 0, 1, 0]),
    ("min", "60", false, [0, 1, 0, 0, 0, 0, 0, 0]),
    ("h", "3600", false, [0, 1, 0, 0, 0, 0, 0, 0]),
    ("d", "86400", false, [0, 1, 0, 0, 0, 0, 0, 0]),
    ("wk", "604800", false, [0, 1, 0, 0, 0, 0, 0, 0]),
    ("mo", "2629800", false, [0, 1, 0, 0, 0, 0, 0, 0]),
    ("a", "31557600", false, [0, 1, 0, 0, 0, 0, 0, 0]),
    ("l", "0.001", true, [3, 0, 0, 0, 0, 0, 0, 0]),
    ("L", "0.001", true, [3, 0, 0, 0, 0, 0, 0, 0]),
    ("Hz", "1", true, [0, -1, 0, 0, 0, 0, 0, 0]),
    ("N", "1000", true, [1, -2, 1, 0, 0, 0, 0, 0]),
    ("Pa", "1000", true, [-1, -2, 1, 0, 0, 0, 0, 0]),
    ("J", "1000", true, [2, -2, 1, 0, 0, 0, 0, 0]),
    ("W", "1000", true, [2, -3, 1, 0, 0, 0, 0, 0]),
    ("%", "0.01", false, [0; 8]),
    ("[lb_av]", "453.59237", false, [0, 0, 1, 0, 0, 0, 0, 0]),
    ("[oz_av]", "28.349523125", false, [0, 0, 1, 0, 0, 0, 0, 0]),
    ("[in_i]", "0.0254", false, [1, 0, 0, 0, 0, 0, 0, 0]),
    ("[ft_i]", "0.3048", false, [1, 0, 0, 0, 0, 0, 0, 0]),
    ("[yd_i]", "0.9144", false, [1, 0, 0, 0, 0, 0, 0, 0]),
    ("[mi_i]", "1609.344", false, [1, 0, 0, 0, 0, 0, 0, 0]),
    ("mm[Hg]", "133322.387415", false, [-1, -2, 1, 0, 0, 0, 0, 0]),
    ("month", "1", false, [0, 0, 0, 0, 0, 0, 0, 1]),
];

const PREFIXES: [(&str, i32); 14] = [
    ("da", 1),
    ("h", 2),
    ("k", 3),
    ("M", 6),
    ("G", 9),
    ("T", 12),
    ("d", -1),
    ("c", -2),
    ("m", -3),
    ("u", -6),
    ("n", -9),
    ("p", -12),
    ("f", -15),
    ("P", 15),
];

impl Scale {
    const ONE: Self = Self { numerator: ONE, denominator: ONE, dimensions: [0; 8] };

    fn times(self, other: Self, power: i32) -> Option<Self> {
        let mut product = self;
        for _ in 0..power.unsigned_abs() {
            let (up, down) = if power > 0 { (other.numerator, other.denominator) } else { (other.denominator, other.numerator) };
            product.numerator = product.numerator.multiply(up)?.normalized();
            product.denominator = product.denominator.multiply(down)?.normalized();
        }
        for (total, each) in product.dimensions.iter_mut().zip(other.dimensions) {
            *total = total.checked_add(each.checked_mul(power)?)?;
        }
        Some(product)
    }

    fn of(unit: &str, calendar: bool) -> Option<Self> {
        if calendar {
            return match unit {
                "year" => {
                    let month = Self::atom("month")?;
                    Some(Self { numerator: Decimal::from_integer(12), ..month })
                }
                "month" => Self::atom("month"),
                other => CALENDAR.iter().find(|(one, ..)| *one == other).and_then(|(.., code)| Self::atom(code)),
            };
        }
        if unit.len() > 200 {
            return None;
        }
        Self::parse(unit, 0)
    }

    fn parse(unit: &str, depth: u8) -> Option<Self> {
        if depth > 8 {
            return None;
        }
        let mut total = Self::ONE;
        let (mut level, mut start, mut sign) = (0i32, 0usize, 1);
        for (at, byte) in unit.bytes().enumerate().chain([(unit.len(), b'.')]) {
            match byte {
                b'(' => level += 1,
                b')' => level -= 1,
                b'.' | b'/' if level == 0 => {
                    let term = unit.get(start..at)?;
                    if !(term.is_empty() && at == 0) {
                        total = Self::term(term, depth).and_then(|(scale, power)| total.times(scale, sign * power))?;
                    }
                    sign = if byte == b'/' { -1 } else { 1 };
                    start = at + 1;
                }
                _ => {}
            }
        }
        Some(total)
    }

    fn term(term: &str, depth: u8) -> Option<(Self, i32)> {
        if let Some(inner) = term.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            return Some((Self::parse(inner, depth + 1)?, 1));
        }
        if term == "1" {
            return Some((Self::ONE, 1));
        }
        let term = match term.split_once('{') {
            Some(("", rest)) if rest.ends_with('}') => return Some((Self::ONE, 1)),
            Some((before, _)) => before,
            None => term,
        };
        if let Some(exponent) = term.strip_prefix("10*").or_else(|| term.strip_prefix("10^")) {
            let ten = Self { numerator: Decimal::from_integer(10), ..Self::ONE };
            return Some((ten, exponent.parse::<i32>().ok().filter(|power| power.abs() <= 24)?));
        }
        let digits = term.bytes().rev().take_while(u8::is_ascii_digit).count();
        let mut name = term.get(..term.len() - digits)?;
        let mut power = if digits == 0 { 1 } else { term.get(term.len() - digits..)?.parse::<i32>().ok()? };
        if let Some(before) = name.strip_suffix('-').filter(|_| digits > 0) {
            (name, power) = (before, -power);
        }
        (power.abs() <= 9).then_some((Self::atom(name)?, power))
    }

    fn atom(name: &str) -> Option<Self> {
        let find = |name: &str| UNITS.iter().find(|(code, ..)| *code == name);
        if let Some((_, factor, _, dimensions)) = find(name) {
            return Some(Self { numerator: Decimal::parse(factor)?, denominator: ONE, dimensions: *dimensions });
        }
        PREFIXES.iter().find_map(|(prefix, power)| {
            let (_, factor, _, dimensions) = find(name.strip_prefix(prefix)?).filter(|(_, _, metric, _)| *metric)?;
            let base = Self { numerator: Decimal::parse(factor)?, denominator: ONE, dimensions: *dimensions };
            base.times(Self { numerator: Decimal::from_integer(10), ..Self::ONE }, *power)
        })
    }
}

const ONE: Decimal = match Decimal::new(1, 0) {
    Some(one) => one,
    None => Decimal::ZERO,
};

impl<'a> Quantity<'a> {
    pub fn new(value: Decimal, unit: impl Into<Cow<'a, str>>) -> Self {
        Self { value, unit: unit.into(), calendar: false }
    }

    /// Reads `5`, `5 'mg'` or `5 days`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let end = text.find(|sign: char| !(sign.is_ascii_digit() || "+-.".contains(sign))).unwrap_or(text.len());
        let value = Decimal::parse(text.get(..end)?)?;
        let unit = text.get(end..)?.trim();
        if unit.is_empty() {
            return Some(Self::new(value, "1"));
        }
        if let Some(code) = unit.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
            return (!code.is_empty()).then(|| Self::new(value, code.to_owned()));
        }
        calendar_word(unit).map(|word| Self { value, unit: Cow::Borrowed(word), calendar: true })
    }

    /// The calendar word by which a date can move; a UCUM month or year has no fixed length and gives `None`.
    pub fn calendar_unit(&self) -> Option<&str> {
        if self.calendar {
            return Some(&self.unit);
        }
        match &*self.unit {
            "mo" | "a" => None,
            code => CALENDAR.iter().find(|(one, many, ucum)| code == *ucum || code == *one || code == *many).map(|(one, ..)| *one),
        }
    }

    fn aligned(&self, other: &Self) -> Option<(Decimal, Decimal)> {
        if self.calendar == other.calendar && self.unit == other.unit {
            return Some((self.value, other.value));
        }
        let (left, right) = (Scale::of(&self.unit, self.calendar)?, Scale::of(&other.unit, other.calendar)?);
        if left.dimensions != right.dimensions {
            return None;
        }
        Some((
            self.value.multiply(left.numerator)?.multiply(right.denominator)?,
            other.value.multiply(right.numerator)?.multiply(left.denominator)?,
        ))
    }

    /// The order, or `None` when the units cannot be compared.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        self.aligned(other).map(|(left, right)| left.cmp(&right))
    }

    pub fn comparable(&self, other: &Self) -> bool {
        match (Scale::of(&self.unit, self.calendar), Scale::of(&other.unit, other.calendar)) {
            (Some(left), Some(right)) => left.dimensions == right.dimensions,
            _ => false,
        }
    }

    /// Equal when rounded to the coarser precision of the two, in the larger unit.
    pub fn equivalent(&self, other: &Self) -> bool {
        let round = |left: Decimal, right: Decimal| {
            let digits = left.normalized().scale().min(right.normalized().scale());
            left.round(digits) == right.round(digits)
        };
        if self.unit == other.unit {
            return round(self.value, other.value);
        }
        let converted = || {
            let (left, right) = (Scale::of(&self.unit, self.calendar)?, Scale::of(&other.unit, other.calendar)?);
            if left.dimensions != right.dimensions {
                return None;
            }
            let (big, small) = (left.numerator.multiply(right.denominator)?, right.numerator.multiply(left.denominator)?);
            Some(if big >= small {
                (self.value, other.value.multiply(small)?.divide(big)?)
            } else {
                (self.value.multiply(big)?.divide(small)?, other.value)
            })
        };
        converted().is_some_and(|(left, right)| round(left, right))
    }

    pub fn multiply(&self, other: &Self) -> Option<Self> {
        let unit = match (&*self.unit, &*other.unit) {
            ("1", unit) | (unit, "1") => unit.to_owned(),
            (left, right) => format!("{left}.({right})"),
        };
        Some(Self::new(self.value.multiply(other.value)?, unit).bounded())
    }

    pub fn divide(&self, other: &Self) -> Option<Self> {
        let unit = match (&*self.unit, &*other.unit) {
            (left, right) if left == right => "1".to_owned(),
            (unit, "1") => unit.to_owned(),
            (left, right) => format!("{left}/({right})"),
        };
        Some(Self::new(self.value.divide(other.value)?, unit).bounded())
    }

    fn bounded(self) -> Self {
        if self.unit.len() > 200 { Self { unit: Cow::Borrowed("?"), ..self } } else { self }
    }

    /// The sum in this quantity's unit, when the units are the same or can be converted.
    pub fn add(&self, other: &Self) -> Option<Self> {
        let value = if self.unit == other.unit {
            other.value
        } else {
            let (left, right) = (Scale::of(&self.unit, self.calendar)?, Scale::of(&other.unit, other.calendar)?);
            if left.dimensions != right.dimensions {
                return None;
            }
            let factor = right.numerator.multiply(left.denominator)?.divide(right.denominator.multiply(left.numerator)?)?;
            other.value.multiply(factor)?
        };
        Some(Self { value: self.value.plus(value)?, ..self.clone() })
    }

    pub fn with_value(&self, value: Decimal) -> Self {
        Self { value, ..self.clone() }
    }
}

impl fmt::Display for Quantity<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.calendar { write!(formatter, "{} {}", self.value, self.unit) } else { write!(formatter, "{} '{}'", self.value, self.unit) }
    }
}
