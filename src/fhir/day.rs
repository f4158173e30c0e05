//! A calendar day, as rules and payers name it: without a time, and without a zone.

use std::fmt;
use std::str::FromStr;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;
use time::format_description::well_known::Iso8601;
use time::{Date, Month, Weekday};

/// A day of the calendar, written as `2026-12-31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

/// A text that is no day.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{text:?} is no day: write it as year, month and day, such as 2026-12-31")]
pub struct NotADay {
    text: String,
}

/// Federal holidays that are on the n-th of a weekday of a month, the last one as 5 (5 U.S.C. 6103(a)).
const BY_WEEKDAY: [(Month, Weekday, u8); 6] = [
    (Month::January, Weekday::Monday, 3),
    (Month::February, Weekday::Monday, 3),
    (Month::May, Weekday::Monday, 5),
    (Month::September, Weekday::Monday, 1),
    (Month::October, Weekday::Monday, 2),
    (Month::November, Weekday::Thursday, 4),
];
/// Those on a day of a month. On a Saturday they are kept on the day before, on a Sunday on the day after.
const BY_DATE: [(Month, u8); 5] = [(Month::January, 1), (Month::June, 19), (Month::July, 4), (Month::November, 11), (Month::December, 25)];

impl Day {
    /// The day of a date.
    pub const fn new(date: Date) -> Self {
        Self(date)
    }

    /// The date.
    pub fn date(self) -> Date {
        self.0
    }

    /// The next day that is neither of a weekend nor a federal holiday of the United States.
    #[must_use]
    pub fn next_business_day(self) -> Self {
        let mut day = self.0;
        while let Some(next) = day.next_day() {
            day = next;
            if !is_weekend(day) && !is_holiday(day) {
                break;
            }
        }
        Self(day)
    }
}

fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn is_holiday(day: Date) -> bool {
    let nth = (day.day() - 1) / 7 + 1;
    let is_last = day.month().length(day.year()) - day.day() < 7;
    let by_weekday = BY_WEEKDAY.iter().any(|(month, weekday, wanted)| {
        day.month() == *month && day.weekday() == *weekday && (nth == *wanted || (*wanted == 5 && is_last))
    });
    let is_dated = |day: Option<Date>| day.is_some_and(|day| BY_DATE.contains(&(day.month(), day.day())));
    let kept_early = day.weekday() == Weekday::Friday && is_dated(day.next_day());
    let kept_late = day.weekday() == Weekday::Monday && is_dated(day.previous_day());
    by_weekday || is_dated(Some(day)) || kept_early || kept_late
}

impl FromStr for Day {
    type Err = NotADay;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let of_length = Some(text).filter(|text| text.len() == 10);
        of_length.and_then(|text| Date::parse(text, &Iso8601::DATE).ok()).map(Self).ok_or_else(|| NotADay { text: text.to_owned() })
    }
}

impl fmt::Display for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Day;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a day in quotes, such as \"2026-12-31\"")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Day, E> {
                // The text stands where the error points; it may be what nobody else should read.
                text.parse().map_err(|_| E::custom("this is no day: write year, month and day, such as \"2026-12-31\""))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::Day;

    #[test]
    fn a_day_is_read_and_shown_as_it_is_written() {
        for text in ["2016-01-01", "2024-02-29"] {
            assert_eq!(text.parse::<Day>().unwrap().to_string(), text);
        }
        for text in ["2025-02-29", "2026-1-1", "2026", "20260101", "2026-01-01T00:00:00Z", "soon", ""] {
            assert!(text.parse::<Day>().is_err(), "{text}");
        }
    }

    #[test]
    fn weekends_and_federal_holidays_are_no_business_days() {
        let next = |text: &str| text.parse::<Day>().unwrap().next_business_day().to_string();
        assert_eq!(next("2026-11-24"), "2026-11-25");
        assert_eq!(next("2026-11-25"), "2026-11-27", "Thanksgiving is between");
        assert_eq!(next("2026-07-02"), "2026-07-06", "the 4th is a Saturday and kept on Friday");
        assert_eq!(next("2021-07-02"), "2021-07-06", "the 4th is a Sunday and kept on Monday");
        assert_eq!(next("2026-05-22"), "2026-05-26", "the last Monday of May");
        assert_eq!(next("2026-12-24"), "2026-12-28");
        assert_eq!(next("2021-12-30"), "2022-01-03", "New Year's Day is a Saturday and kept on Friday");
    }
}
