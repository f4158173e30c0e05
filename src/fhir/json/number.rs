//! A JSON number, which in FHIR is more than its value: 1.50 is not 1.5.

use std::fmt;
use std::str::FromStr;

use super::Text;

/// A number as it was written. Two are the same when they are written the same.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Number(Text);

/// A text that is no JSON number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no JSON number")]
pub struct NotANumber;

impl Number {
    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value of one that is written as an integer, if it is in the range.
    pub fn as_i64(&self) -> Option<i64> {
        self.0.parse().ok()
    }

    /// The value of one that is written as an integer, if it is in the range.
    pub fn as_u64(&self) -> Option<u64> {
        self.0.parse().ok()
    }

    /// The value as near as binary can tell it; `None` beyond the range.
    pub fn as_f64(&self) -> Option<f64> {
        self.0.parse().ok().filter(|value: &f64| value.is_finite())
    }

    /// A text as a number, if it is one (RFC 8259 section 6).
    pub(super) fn of(text: &Text) -> Option<Self> {
        is_number(text).then(|| Self(text.clone()))
    }
}

impl FromStr for Number {
    type Err = NotANumber;

    fn from_str(text: &str) -> Result<Self, NotANumber> {
        Self::of(&Text::new(text)).ok_or(NotANumber)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Number({})", self.0)
    }
}

macro_rules! from_integers {
    ($($integer:ty),*) => {$(
        impl From<$integer> for Number {
            fn from(value: $integer) -> Self {
                Self(smol_str::format_smolstr!("{value}"))
            }
        }
    )*};
}

from_integers!(u8, u16, u32, u64, usize, i8, i16, i32, i64, isize);

/// Whether a text is a number as JSON writes them.
fn is_number(text: &str) -> bool {
    let without_sign = text.strip_prefix('-').unwrap_or(text);
    let integer = digits(without_sign);
    let rest = without_sign.get(integer..).unwrap_or_default();
    if integer == 0 || (integer > 1 && without_sign.starts_with('0')) {
        return false;
    }
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => match digits(fraction) {
            0 => return false,
            count => fraction.get(count..).unwrap_or_default(),
        },
        None => rest,
    };
    match rest.strip_prefix(['e', 'E']) {
        Some(exponent) => {
            let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            !exponent.is_empty() && digits(exponent) == exponent.len()
        }
        None => rest.is_empty(),
    }
}

/// How many digits a text starts with.
fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}
