//! Dates, dateTimes and times with the precision they were written in (FHIRPath N1, section 4.1).

use std::{cmp::Ordering, fmt};

use super::decimal::Decimal;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Date,
    DateTime,
    Time,
}

/// The last part that was written; a fraction of a second counts as seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Precision {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

/// A point in time as written: parts beyond `precision` hold their least value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Temporal {
    pub kind: Kind,
    pub precision: Precision,
    pub year: i32,
    pub month: u32,
    pub day: u32,
    pub hour: u32,
    pub minute: u32,
    pub second: u32,
    pub nanosecond: u32,
    pub fraction_digits: u8,
    /// Minutes east of UTC, when written.
    pub offset: Option<i32>,
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn number(&mut self, width: usize, range: std::ops::RangeInclusive<u32>) -> Option<u32> {
        let digits = self.rest.get(..width)?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        self.rest = self.rest.get(width..)?;
        digits.parse().ok().filter(|number| range.contains(number))
    }

    fn skip(&mut self, sign: char) -> bool {
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }
}

impl Temporal {
    fn blank(kind: Kind) -> Self {
        Self {
            kind,
            precision: Precision::Hour,
            year: 1,
            month: 1,
            day: 1,
            hour: 0,
            minute: 0,
            second: 0,
            nanosecond: 0,
            fraction_digits: 0,
            offset: None,
        }
    }

    /// `2014`, `2014-01`, `2014-01-25`.
    pub fn parse_date(text: &str) -> Option<Self> {
        Self::parse(text).filter(|temporal| temporal.kind == Kind::Date)
    }

    /// Any date, or a date followed by `T` and perhaps a time; the kind is always `DateTime`.
    pub fn parse_date_time(text: &str) -> Option<Self> {
        Some(Self { kind: Kind::DateTime, ..Self::parse(text)? })
    }

    /// `14`, `14:30`, `14:30:00.000`.
    pub fn parse_time(text: &str) -> Option<Self> {
        let mut reader = Reader { rest: text };
        let mut temporal = Self::blank(Kind::Time);
        temporal.read_time(&mut reader)?;
        reader.rest.is_empty().then_some(temporal)
    }

    /// A date, or a dateTime when there is a `T`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader { rest: text };
        let mut temporal = Self::blank(Kind::Date);
        temporal.year = i32::try_from(reader.number(4, 1..=9999)?).ok()?;
        temporal.precision = Precision::Year;
        if reader.skip('-') {
            temporal.month = reader.number(2, 1..=12)?;
            temporal.precision = Precision::Month;
            if reader.skip('-') {
                temporal.day = reader.number(2, 1..=days_in_month(temporal.year, temporal.month))?;
                temporal.precision = Precision::Day;
            }
        }
        if reader.skip('T') {
            temporal.kind = Kind::DateTime;
            if !reader.rest.is_empty() {
                if temporal.precision != Precision::Day {
                    return None;
                }
                temporal.read_time(&mut reader)?;
                temporal.read_offset(&mut reader)?;
            }
        }
        reader.rest.is_empty().then_some(temporal)
    }

    fn read_time(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        self.hour = reader.number(2, 0..=23)?;
        self.precision = Precision::Hour;
        if reader.skip(':') {
            self.minute = reader.number(2, 0..=59)?;
            self.precision = Precision::Minute;
            if reader.skip(':') {
                self.second = reader.number(2, 0..=60)?;
                self.precision = Precision::Second;
                if reader.skip('.') {
                    let width = reader.rest.bytes().take_while(u8::is_ascii_digit).count();
                    let digits = reader.rest.get(..width).filter(|digits| !digits.is_empty())?;
                    let kept: String = digits.chars().chain("000000000".chars()).take(9).collect();
                    self.nanosecond = kept.parse().ok()?;
                    self.fraction_digits = u8::try_from(width.min(9)).ok()?;
                    reader.rest = reader.rest.get(width..)?;
                }
            }
        }
        Some(())
    }

    fn read_offset(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        if reader.skip('Z') {
            self.offset = Some(0);
        } else if reader.rest.starts_with(['+', '-']) {
            let sign = if reader.skip('-') {
                -1
            } else {
                reader.skip('+');
                1
            };
            let hours = reader.number(2, 0..=14)?;
            if !reader.skip(':') {
                return None;
            }
            let minutes = reader.number(2, 0..=59)?;
            self.offset = Some(sign * i32::try_from(hours * 60 + minutes).ok()?);
        }
        Some(())
    }

    /// The current moment in UTC, to the millisecond.
    pub fn now() -> Self {
        let now = time::OffsetDateTime::now_utc();
        Self {
            precision: Precision::Second,
            year: now.year(),
            month: u32::from(u8::from(now.month())),
            day: u32::from(now.day()),
            hour: u32::from(now.hour()),
            minute: u32::from(now.minute()),
            second: u32::from(now.second()),
            nanosecond: now.nanosecond() / 1_000_000 * 1_000_000,
            fraction_digits: 3,
            offset: Some(0),
            ..Self::blank(Kind::DateTime)
        }
    }

    /// The date part alone.
    pub fn date(self) -> Self {
        Self { precision: self.precision.min(Precision::Day), year: self.year, month: self.month, day: self.day, ..Self::blank(Kind::Date) }
    }

    /// The time of day alone.
    pub fn time(self) -> Self {
        Self { kind: Kind::Time, year: 1, month: 1, day: 1, offset: None, ..self }
    }

    /// Nanoseconds since the start of the calendar, shifted to UTC when an offset is known.
    fn instant(&self) -> i128 {
        let days = i128::from(days_from_civil(self.year, self.month, self.day));
        let minutes = (days * 24 + i128::from(self.hour)) * 60 + i128::from(self.minute) - i128::from(self.offset.unwrap_or(0));
        (minutes * 60 + i128::from(self.second)) * 1_000_000_000 + i128::from(self.nanosecond)
    }

    fn part(&self, precision: Precision) -> i64 {
        match precision {
            Precision::Year => i64::from(self.year),
            Precision::Month => i64::from(self.month),
            Precision::Day => i64::from(self.day),
            Precision::Hour => i64::from(self.hour),
            Precision::Minute => i64::from(self.minute),
            Precision::Second => i64::from(self.second) * 1_000_000_000 + i64::from(self.nanosecond),
        }
    }

    fn in_utc(self) -> Self {
        match self.offset {
            Some(offset) if offset != 0 && self.precision >= Precision::Hour => {
                let moved = self.shift_minutes(-i64::from(offset)).unwrap_or(self);
                Self { offset: Some(0), ..moved }
            }
            _ => self,
        }
    }

    /// The order of two points, or `None` when their precision or a missing offset leaves it open.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        if (self.kind == Kind::Time) != (other.kind == Kind::Time) {
            return None;
        }
        let timed = self.precision >= Precision::Hour && other.precision >= Precision::Hour;
        if timed && self.offset.is_some() != other.offset.is_some() {
            let apart = self.instant() - other.instant();
            let widest = 14 * 3600 * 1_000_000_000_i128;
            return if apart > widest {
                Some(Ordering::Greater)
            } else if apart < -widest {
                Some(Ordering::Less)
            } else {
                None
            };
        }
        let (left, right) = if timed { (self.in_utc(), other.in_utc()) } else { (*self, *other) };
        const PARTS: [Precision; 6] =
            [Precision::Year, Precision::Month, Precision::Day, Precision::Hour, Precision::Minute, Precision::Second];
        for part in PARTS {
            match (left.precision >= part, right.precision >= part) {
                (true, true) => match left.part(part).cmp(&right.part(part)) {
                    Ordering::Equal => {}
                    unequal => return Some(unequal),
                },
                (false, false) => return Some(Ordering::Equal),
                _ => return None,
            }
        }
        Some(Ordering::Equal)
    }

    fn shift_minutes(self, minutes: i64) -> Option<Self> {
        self.shift_nanoseconds(i128::from(minutes) * 60_000_000_000)
    }

    fn shift_nanoseconds(self, nanoseconds: i128) -> Option<Self> {
        let plain = Self { offset: None, ..self };
        let total = plain.instant().checked_add(nanoseconds)?;
        let day = 86_400_000_000_000_i128;
        let days = i64::try_from(total.div_euclid(day)).ok()?;
        let within = total.rem_euclid(day);
        let (year, month, date) = civil_from_days(days)?;
        let seconds = u32::try_from(within / 1_000_000_000).ok()?;
        let mut moved = Self {
            year,
            month,
            day: date,
            hour: seconds / 3600,
            minute: seconds / 60 % 60,
            second: seconds % 60,
            nanosecond: u32::try_from(within % 1_000_000_000).ok()?,
            ..self
        };
        if self.kind == Kind::Time {
            (moved.year, moved.month, moved.day) = (1, 1, 1);
        } else if !(1..=9999).contains(&moved.year) {
            return None;
        }
        Some(moved)
    }

    fn shift_months(self, months: i64) -> Option<Self> {
        let total = i64::from(self.year).checked_mul(12)?.checked_add(i64::from(self.month) - 1)?.checked_add(months)?;
        let year = i32::try_from(total.div_euclid(12)).ok().filter(|year| (1..=9999).contains(year))?;
        let month = u32::try_from(total.rem_euclid(12)).ok()? + 1;
        Some(Self { year, month, day: self.day.min(days_in_month(year, month)), ..self })
    }

    /// Adds a count of a calendar unit (`year`, `month`, … `millisecond`); a fraction is dropped. `None` when the unit or the result
    /// does not fit.
    pub fn add(self, amount: Decimal, unit: &str) -> Option<Self> {
        let count = amount.truncate()?.to_integer()?;
        let nanoseconds = |each: i128| i128::from(count).checked_mul(each);
        let second = 1_000_000_000_i128;
        let moved = match unit {
            "year" | "month" if self.kind == Kind::Time => None,
            "year" => self.shift_months(count.checked_mul(12)?),
            "month" => self.shift_months(count),
            "week" => self.shift_nanoseconds(nanoseconds(604_800 * second)?),
            "day" => self.shift_nanoseconds(nanoseconds(86_400 * second)?),
            "hour" => self.shift_nanoseconds(nanoseconds(3_600 * second)?),
            "minute" => self.shift_nanoseconds(nanoseconds(60 * second)?),
            "second" => self.shift_nanoseconds(nanoseconds(second)?),
            "millisecond" => {
                let mut moved = self.shift_nanoseconds(nanoseconds(1_000_000)?)?;
                if moved.precision == Precision::Second && moved.nanosecond != 0 {
                    moved.fraction_digits = moved.fraction_digits.max(3);
                }
                Some(moved)
            }
            _ => None,
        }?;
        Some(moved)
    }
}

pub fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar.
fn days_from_civil(year: i32, month: u32, day: u32) -> i64 {
    let year = i64::from(year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month = i64::from(month);
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn civil_from_days(days: i64) -> Option<(i32, u32, u32)> {
    let days = days.checked_add(719_468)?;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Some((i32::try_from(year).ok()?, u32::try_from(month).ok()?, u32::try_from(day).ok()?))
}

impl fmt::Display for Temporal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind != Kind::Time {
            write!(formatter, "{:04}", self.year)?;
            if self.precision >= Precision::Month {
                write!(formatter, "-{:02}", self.month)?;
            }
            if self.precision >= Precision::Day {
                write!(formatter, "-{:02}", self.day)?;
            }
        }
        if self.precision >= Precision::Hour {
            write!(formatter, "{}{:02}", if self.kind == Kind::Time { "" } else { "T" }, self.hour)?;
            if self.precision >= Precision::Minute {
                write!(formatter, ":{:02}", self.minute)?;
            }
            if self.precision >= Precision::Second {
                write!(formatter, ":{:02}", self.second)?;
                if self.fraction_digits > 0 {
                    let digits = format!("{:09}", self.nanosecond);
                    write!(formatter, ".{}", digits.get(..usize::from(self.fraction_digits)).unwrap_or_default())?;
                }
            }
        }
        match self.offset {
            Some(0) => write!(formatter, "Z"),
            Some(offset) => {
                let sign = if offset < 0 { '-' } else { '+' };
                write!(formatter, "{sign}{:02}:{:02}", offset.abs() / 60, offset.abs() % 60)
            }
            None => Ok(()),
        }
    }
}
