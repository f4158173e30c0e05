//! Exact decimals: an integer mantissa and a count of fraction digits, so that 1.50 stays 1.50.

use std::{cmp::Ordering, fmt};

const MAX_SCALE: u32 = 34;

/// A decimal number with its precision kept; every operation is checked and gives `None` when the result does not fit.
#[derive(Clone, Copy, Debug)]
pub struct Decimal {
    mantissa: i128,
    scale: u32,
}

impl Decimal {
    pub const ZERO: Self = Self { mantissa: 0, scale: 0 };

    /// `mantissa` divided by ten to the power of `scale`.
    pub const fn new(mantissa: i128, scale: u32) -> Option<Self> {
        if scale <= MAX_SCALE { Some(Self { mantissa, scale }) } else { None }
    }

    pub fn from_integer(value: i64) -> Self {
        Self { mantissa: i128::from(value), scale: 0 }
    }

    /// Reads `-12.50` or `1.5e3`.
    pub fn parse(text: &str) -> Option<Self> {
        let (number, exponent) = match text.find(['e', 'E']) {
            Some(at) => (text.get(..at)?, text.get(at + 1..)?.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (negative, digits) = match number.as_bytes().first()? {
            b'-' => (true, number.get(1..)?),
            b'+' => (false, number.get(1..)?),
            _ => (false, number),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() || (digits.contains('.') && fraction.is_empty()) {
            return None;
        }
        let mut mantissa: i128 = 0;
        for byte in whole.bytes().chain(fraction.bytes()) {
            if !byte.is_ascii_digit() {
                return None;
            }
            mantissa = mantissa.checked_mul(10)?.checked_add(i128::from(byte - b'0'))?;
        }
        let mantissa = if negative { -mantissa } else { mantissa };
        let scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
        match u32::try_from(scale) {
            Ok(scale) => Self::new(mantissa, scale),
            Err(_) => Self::new(mantissa.checked_mul(power_of_ten(scale.unsigned_abs())?)?, 0),
        }
    }

    /// The nearest decimal with at most 15 significant digits.
    pub fn from_f64(value: f64) -> Option<Self> {
        if !value.is_finite() || value.abs() >= 1e15 {
            return None;
        }
        Self::parse(&format!("{value:.10}")).map(Self::normalized)
    }

    pub fn to_f64(self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// Count of fraction digits as written.
    pub fn scale(self) -> u32 {
        self.scale
    }

    /// The integer, when there is no fraction other than zeros and it fits.
    pub fn to_integer(self) -> Option<i64> {
        let plain = self.normalized();
        if plain.scale == 0 { i64::try_from(plain.mantissa).ok() } else { None }
    }

    pub fn is_negative(self) -> bool {
        self.mantissa < 0
    }

    pub fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    pub fn normalized(mut self) -> Self {
        while self.scale > 0 && self.mantissa % 10 == 0 {
            self.mantissa /= 10;
            self.scale -= 1;
        }
        self
    }

    pub fn negate(self) -> Option<Self> {
        Some(Self { mantissa: self.mantissa.checked_neg()?, scale: self.scale })
    }

    pub fn abs(self) -> Option<Self> {
        if self.mantissa < 0 { self.negate() } else { Some(self) }
    }

    /// The same value with more fraction digits.
    pub fn rescale(self, scale: u32) -> Option<Self> {
        let more = scale.checked_sub(self.scale)?;
        Self::new(self.mantissa.checked_mul(power_of_ten(more)?)?, scale)
    }

    fn align(self, other: Self) -> Option<(i128, i128, u32)> {
        let scale = self.scale.max(other.scale);
        Some((self.rescale(scale)?.mantissa, other.rescale(scale)?.mantissa, scale))
    }

    pub fn plus(self, other: Self) -> Option<Self> {
        let (left, right, scale) = self.align(other)?;
        Self::new(left.checked_add(right)?, scale)
    }

    pub fn minus(self, other: Self) -> Option<Self> {
        self.plus(other.negate()?)
    }

    pub fn multiply(self, other: Self) -> Option<Self> {
        match self.mantissa.checked_mul(other.mantissa) {
            Some(mantissa) => Self::new(mantissa, self.scale + other.scale),
            None => {
                let (left, right) = (self.normalized(), other.normalized());
                Self::new(left.mantissa.checked_mul(right.mantissa)?, left.scale + right.scale)
            }
        }
    }

    /// The quotient rounded to 12 more digits than it needs; `None` for a division by zero.
    pub fn divide(self, other: Self) -> Option<Self> {
        if other.mantissa == 0 {
            return None;
        }
        let (left, right) = (self.normalized(), other.normalized());
        (0..=16u32).rev().find_map(|digits| {
            let target = digits.max(left.scale);
            let shift = (target + right.scale).checked_sub(left.scale)?;
            let numerator = left.mantissa.checked_mul(power_of_ten(shift)?)?;
            Some(Self::new(divide_rounded(numerator, right.mantissa)?, target)?.normalized())
        })
    }

    /// Truncated quotient, as `div` wants it.
    pub fn divide_whole(self, other: Self) -> Option<i64> {
        let (left, right, _) = self.align(other)?;
        i64::try_from(left.checked_div(right)?).ok()
    }

    pub fn remainder(self, other: Self) -> Option<Self> {
        let (left, right, scale) = self.align(other)?;
        Self::new(left.checked_rem(right)?, scale)
    }

    /// Half away from zero, to `scale` fraction digits.
    pub fn round(self, scale: u32) -> Option<Self> {
        if scale >= self.scale {
            return Some(self);
        }
        Self::new(divide_rounded(self.mantissa, power_of_ten(self.scale - scale)?)?, scale)
    }

    /// Rounded down to `scale` fraction digits.
    pub fn floor(self, scale: u32) -> Option<Self> {
        if scale >= self.scale {
            return Some(self);
        }
        Self::new(self.mantissa.div_euclid(power_of_ten(self.scale - scale)?), scale)
    }

    pub fn ceiling(self, scale: u32) -> Option<Self> {
        self.negate()?.floor(scale)?.negate()
    }

    pub fn truncate(self) -> Option<Self> {
        if self.mantissa < 0 { self.ceiling(0) } else { self.floor(0) }
    }
}

fn power_of_ten(exponent: u32) -> Option<i128> {
    10i128.checked_pow(exponent)
}

fn divide_rounded(numerator: i128, denominator: i128) -> Option<i128> {
    let quotient = numerator.checked_div(denominator)?;
    let remainder = numerator.checked_rem(denominator)?.unsigned_abs();
    if remainder >= denominator.unsigned_abs() - remainder && remainder != 0 {
        quotient.checked_add(if (numerator < 0) == (denominator < 0) { 1 } else { -1 })
    } else {
        Some(quotient)
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match self.align(*other) {
            Some((left, right, _)) => left.cmp(&right),
            None => compare_wide(*self, *other),
        }
    }
}

/// Numbers so far apart in scale that they cannot be aligned: whole parts first, then fractions.
fn compare_wide(left: Decimal, right: Decimal) -> Ordering {
    let split = |number: Decimal| match power_of_ten(number.scale) {
        Some(unit) => (number.mantissa.div_euclid(unit), number.mantissa.rem_euclid(unit), number.scale),
        None => (0, 0, 0),
    };
    let ((whole_left, part_left, scale_left), (whole_right, part_right, scale_right)) = (split(left), split(right));
    whole_left.cmp(&whole_right).then_with(|| {
        let scale = scale_left.max(scale_right);
        let widen = |part: i128, from: u32| power_of_ten(scale - from).map_or(part, |unit| part.saturating_mul(unit));
        widen(part_left, scale_left).cmp(&widen(part_right, scale_right))
    })
}

impl fmt::Display for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let digits = self.mantissa.unsigned_abs();
        match 10u128.checked_pow(self.scale) {
            Some(unit) if self.scale > 0 => {
                write!(formatter, "{sign}{}.{:0width$}", digits / unit, digits % unit, width = self.scale as usize)
            }
            _ => write!(formatter, "{sign}{digits}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Decimal;

    #[test]
    fn arithmetic_is_exact() {
        let number = |text: &str| Decimal::parse(text).unwrap();
        assert_eq!(number("0.1").plus(number("0.2")).unwrap().to_string(), "0.3");
        assert_eq!(number("1.50").to_string(), "1.50");
        assert_eq!(number("1").divide(number("3")).unwrap().to_string(), "0.3333333333333333");
        assert_eq!(number("-2.1").floor(0).unwrap().to_string(), "-3");
        assert!(Decimal::parse("1.").is_none() && Decimal::parse("").is_none() && Decimal::parse("é").is_none());
        assert!(number("170141183460469231731687303715884105727") > number("0.0000000001"));
    }
}
