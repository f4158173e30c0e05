//! `lowBoundary`, `highBoundary` and `precision`: the least and greatest value that a number or date as written can stand for.

use super::{
    decimal::Decimal,
    temporal::{Kind, Precision, Temporal, days_in_month},
};

/// The boundary of a number to `digits` fraction digits (8 when not given); `None` when it cannot be written so.
pub fn of_decimal(number: Decimal, digits: Option<i64>, high: bool) -> Option<Decimal> {
    let digits = u32::try_from(digits.unwrap_or(8)).ok().filter(|digits| *digits <= 31)?;
    let half = Decimal::new(5, number.scale() + 1)?;
    let edge = if high { number.plus(half)? } else { number.minus(half)? };
    if edge.scale() <= digits {
        return edge.rescale(digits);
    }
    if number.round(digits)?.is_zero() && edge.round(digits)?.is_zero() && !number.is_zero() {
        return Decimal::new(0, digits);
    }
    if high { edge.ceiling(digits) } else { edge.floor(digits) }
}

/// The count of digits that the written parts have.
pub fn digits_of(temporal: &Temporal) -> i64 {
    let date = match temporal.precision {
        Precision::Year => 4,
        Precision::Month => 6,
        Precision::Day => 8,
        Precision::Hour => 10,
        Precision::Minute => 12,
        Precision::Second if temporal.fraction_digits > 0 => 17,
        Precision::Second => 14,
    };
    if temporal.kind == Kind::Time { date - 8 } else { date }
}

/// The boundary of a date, dateTime or time to `digits` digits (all when not given).
pub fn of_temporal(temporal: Temporal, digits: Option<i64>, high: bool) -> Option<Temporal> {
    let all = match temporal.kind {
        Kind::Date => 8,
        Kind::DateTime => 17,
        Kind::Time => 9,
    };
    let digits = digits.unwrap_or(all);
    let (precision, fraction_digits) = match if temporal.kind == Kind::Time { digits + 8 } else { digits } {
        4 => (Precision::Year, 0),
        6 => (Precision::Month, 0),
        8 if temporal.kind != Kind::Time => (Precision::Day, 0),
        10 => (Precision::Hour, 0),
        12 => (Precision::Minute, 0),
        14 => (Precision::Second, 0),
        17 => (Precision::Second, 3),
        _ => return None,
    };
    if digits > all {
        return None;
    }
    let mut edge = temporal;
    if high {
        fill_high(&mut edge);
    }
    edge.precision = precision;
    edge.fraction_digits = fraction_digits;
    if precision < Precision::Hour {
        edge.offset = None;
    } else if edge.kind == Kind::DateTime && edge.offset.is_none() {
        edge.offset = Some(if high { -12 * 60 } else { 14 * 60 });
    }
    Some(edge)
}

/// Sets the parts that were not written to their greatest value. A bare hour keeps minute 0, as the official tests want it.
fn fill_high(edge: &mut Temporal) {
    if edge.precision < Precision::Month {
        edge.month = 12;
    }
    if edge.precision < Precision::Day {
        edge.day = days_in_month(edge.year, edge.month);
    }
    if edge.precision < Precision::Hour {
        edge.hour = 23;
        edge.minute = 59;
    }
    if edge.precision < Precision::Second {
        edge.second = 59;
    }
    if edge.fraction_digits == 0 {
        edge.nanosecond = 999_000_000;
    }
}
