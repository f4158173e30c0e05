//! Amounts of money in whole cents, written as decimals with two places.

use std::iter::Sum;
use std::ops::{Add, Sub};

use crate::fhir::json::{Number, Value, json};

/// US dollars, counted in cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cents(pub i64);

impl Cents {
    /// The given percentage, rounded down to a cent.
    pub fn percent(self, percent: i64) -> Self {
        Self(self.0.saturating_mul(percent) / 100)
    }

    /// A FHIR decimal that keeps its two places, such as `1.50`.
    pub fn decimal(self) -> Value {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        decimal(&format!("{sign}{}.{:02}", cents / 100, cents % 100))
    }

    /// A FHIR Money in US dollars.
    pub fn money(self) -> Value {
        json!({ "value": self.decimal(), "currency": "USD" })
    }
}

/// A JSON number that keeps the digits it is written with; null when the text is no number.
pub fn decimal(text: &str) -> Value {
    text.parse::<Number>().map_or(Value::Null, Value::Number)
}

impl Add for Cents {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Cents {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Sum for Cents {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::default(), Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::Cents;

    #[test]
    fn decimals_keep_two_places() {
        assert_eq!(Cents(150).decimal().to_string(), "1.50");
        assert_eq!(Cents(0).decimal().to_string(), "0.00");
        assert_eq!(Cents(-5).decimal().to_string(), "-0.05");
        assert_eq!(Cents(1_234_567).decimal().to_string(), "12345.67");
    }
}
