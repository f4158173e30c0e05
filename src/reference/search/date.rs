//! Dates as spans of time, and the nine prefixes (R4 search.html#date, #prefix).

use time::{Date, Month, PrimitiveDateTime, Time, UtcOffset};

use crate::fhir::json::Value;
use crate::reference::fault::Breach;
use crate::reference::state::State;

/// Milliseconds.
const DAY: i64 = 86_400_000;

/// A span in milliseconds since 1970 in UTC: from `low` up to, but without, `high`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first millisecond.
    pub low: i64,
    /// The first millisecond after.
    pub high: i64,
}

/// How a date is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefix {
    /// Within.
    Eq,
    /// Not within.
    Ne,
    /// Reaches beyond the end.
    Gt,
    /// Begins before the start.
    Lt,
    /// `gt` or `eq`.
    Ge,
    /// `lt` or `eq`.
    Le,
    /// Wholly after.
    Sa,
    /// Wholly before.
    Eb,
    /// Overlaps, give or take a tenth of the distance to now.
    Ap,
}

impl Prefix {
    /// Takes a prefix off a search value; without one it is `eq`.
    pub fn split(value: &str) -> (Self, &str) {
        let prefixes = [
            ("eq", Self::Eq),
            ("ne", Self::Ne),
            ("gt", Self::Gt),
            ("lt", Self::Lt),
            ("ge", Self::Ge),
            ("le", Self::Le),
            ("sa", Self::Sa),
            ("eb", Self::Eb),
            ("ap", Self::Ap),
        ];
        let found = prefixes.iter().find_map(|(text, prefix)| Some((*prefix, value.strip_prefix(text)?)));
        found.unwrap_or((Self::Eq, value))
    }

    /// Whether a resource's span stands in this relation to the span searched for. `now` is in milliseconds since 1970.
    pub fn holds(self, searched: Span, found: Span, now: i64) -> bool {
        let within = searched.low <= found.low && found.high <= searched.high;
        match self {
            Self::Eq => within,
            Self::Ne => !within,
            Self::Gt => found.high > searched.high,
            Self::Lt => found.low < searched.low,
            Self::Ge => found.high > searched.high || within,
            Self::Le => found.low < searched.low || within,
            Self::Sa => found.low >= searched.high,
            Self::Eb => found.high <= searched.low,
            Self::Ap => {
                let slack = now.saturating_sub(searched.low).saturating_abs() / 10;
                found.low < searched.high.saturating_add(slack) && searched.low.saturating_sub(slack) < found.high
            }
        }
    }
}

impl Span {
    /// Reads a FHIR date, dateTime or instant of any precision; the span is as wide as the precision. Without a zone it is in UTC.
    pub fn read(text: &str) -> Option<Self> {
        let (date, time) = match text.split_once(['T', ' ']) {
            Some((date, time)) => (date, Some(time)),
            None => (text, None),
        };
        let mut parts = date.split('-');
        let year: i32 = digits(parts.next()?, 4)?;
        let month = parts.next().map(|part| digits::<u8>(part, 2)).map_or(Some(None), |month| month.map(Some))?;
        let day = parts.next().map(|part| digits::<u8>(part, 2)).map_or(Some(None), |day| day.map(Some))?;
        if parts.next().is_some() {
            return None;
        }
        match (month, day, time) {
            (None, _, None) => Some(Self { low: start(year, Month::January, 1)?, high: start(year + 1, Month::January, 1)? }),
            (Some(month), None, None) => {
                let month = Month::try_from(month).ok()?;
                let following = if month == Month::December { year + 1 } else { year };
                Some(Self { low: start(year, month, 1)?, high: start(following, month.next(), 1)? })
            }
            (Some(month), Some(day), time) => {
                let low = start(year, Month::try_from(month).ok()?, day)?;
                match time {
                    None => Some(Self { low, high: low + DAY }),
                    Some(time) => Self::within_day(low, time),
                }
            }
            _ => None,
        }
    }

    fn within_day(day: i64, text: &str) -> Option<Self> {
        let (clock, offset) = split_zone(text)?;
        let mut parts = clock.split(':');
        let hour: u8 = digits(parts.next()?, 2)?;
        let minute: u8 = digits(parts.next()?, 2)?;
        let (second, milliseconds, width) = match parts.next() {
            None => (0, 0, 60_000),
            Some(seconds) => seconds_of(seconds)?,
        };
        if parts.next().is_some() || hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let low = day + i64::from(hour) * 3_600_000 + i64::from(minute) * 60_000 + i64::from(second) * 1000 + milliseconds - offset;
        Some(Self { low, high: low + width })
    }

    /// Reads a date, a Period, or what a Timing spans by its events.
    pub fn of(element: &Value) -> Option<Self> {
        match element {
            Value::String(text) => Self::read(text),
            Value::Object(fields) => match fields.get("event").and_then(Value::as_array) {
                Some(events) => {
                    let spans: Vec<Self> = events.iter().filter_map(Self::of).collect();
                    Some(Self { low: spans.iter().map(|span| span.low).min()?, high: spans.iter().map(|span| span.high).max()? })
                }
                None => Self::of_period(element),
            },
            _ => None,
        }
    }

    /// Reads a Period; an open end reaches as far as time does.
    pub fn of_period(period: &Value) -> Option<Self> {
        let bound = |name| period.get(name).and_then(Value::as_str);
        let (start, end) = (bound("start"), bound("end"));
        if start.is_none() && end.is_none() {
            return None;
        }
        let low = start.map_or(Some(i64::MIN), |text| Self::read(text).map(|span| span.low))?;
        let high = end.map_or(Some(i64::MAX), |text| Self::read(text).map(|span| span.high))?;
        Some(Self { low, high })
    }
}

/// Reads a search value: a prefix and a date.
pub fn read(state: &State, value: &str) -> Option<(Prefix, Span)> {
    let (prefix, text) = Prefix::split(value);
    // A plus sign of a time zone that was sent undecoded has become a space.
    let text = text.replace(' ', "+");
    let cut = |length: usize| text.get(..length).unwrap_or(&text);
    let text = match text.len() {
        4 if state.has(Breach::DateYearAsFirstDay) => &format!("{text}-01-01"),
        7 if state.has(Breach::DateMonthAsFirstDay) => &format!("{text}-01"),
        11.. if state.has(Breach::DateTimeIgnored) => cut(10),
        20.. if state.has(Breach::DateZoneIgnored) => cut(19),
        _ => &text,
    };
    Some((misread(state, prefix), Span::read(text)?))
}

/// What the payer takes a prefix for, when told to break.
fn misread(state: &State, prefix: Prefix) -> Prefix {
    let misreadings = [
        (Breach::SearchPrefixIgnored, prefix, Prefix::Eq),
        (Breach::SearchPrefixGeAsGt, Prefix::Ge, Prefix::Gt),
        (Breach::DateNeAsEq, Prefix::Ne, Prefix::Eq),
        (Breach::DateGtAsLt, Prefix::Gt, Prefix::Lt),
        (Breach::DateLtAsGt, Prefix::Lt, Prefix::Gt),
        (Breach::DateLeAsLt, Prefix::Le, Prefix::Lt),
        (Breach::DateSaAsEb, Prefix::Sa, Prefix::Eb),
        (Breach::DateEbAsSa, Prefix::Eb, Prefix::Sa),
        (Breach::DateApAsNe, Prefix::Ap, Prefix::Ne),
        (Breach::DateEqAsGe, Prefix::Eq, Prefix::Ge),
    ];
    let misread = misreadings.into_iter().find(|(breach, from, _)| *from == prefix && state.has(*breach));
    misread.map_or(prefix, |(_, _, to)| to)
}

/// Whether a date, Period or Timing stands in the relation to the span searched for.
pub fn is_met(state: &State, prefix: Prefix, searched: Span, element: &Value, now: i64) -> bool {
    let Some(mut found) = Span::of(element) else { return false };
    if element.is_object() {
        let start = found.low;
        if state.has(Breach::DatePeriodEndIgnored) && start != i64::MIN {
            found.high = start.saturating_add(DAY);
        }
        if state.has(Breach::DatePeriodStartIgnored) && found.high != i64::MAX {
            found.low = found.high.saturating_sub(DAY);
        }
        if state.has(Breach::DateOpenEndNotFound) && found.high == i64::MAX {
            return false;
        }
    }
    prefix.holds(searched, found, now)
}

fn digits<N: std::str::FromStr>(text: &str, length: usize) -> Option<N> {
    (text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

fn start(year: i32, month: Month, day: u8) -> Option<i64> {
    let date = Date::from_calendar_date(year, month, day).ok()?;
    Some(PrimitiveDateTime::new(date, Time::MIDNIGHT).assume_offset(UtcOffset::UTC).unix_timestamp() * 1000)
}

fn split_zone(text: &str) -> Option<(&str, i64)> {
    if let Some(clock) = text.strip_suffix('Z') {
        return Some((clock, 0));
    }
    let Some(at) = text.find(['+', '-']) else { return Some((text, 0)) };
    let (clock, zone) = text.split_at_checked(at)?;
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let offset = digits::<i64>(hours, 2)? * 3_600_000 + digits::<i64>(minutes, 2)? * 60_000;
    Some((clock, if zone.starts_with('-') { -offset } else { offset }))
}

fn seconds_of(text: &str) -> Option<(u8, i64, i64)> {
    let Some((whole, fraction)) = text.split_once('.') else { return Some((digits(text, 2)?, 0, 1000)) };
    if fraction.is_empty() || fraction.len() > 9 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let places = fraction.len().min(3);
    let unit = 10_i64.pow(3 - u32::try_from(places).ok()?);
    Some((digits(whole, 2)?, fraction.get(..places)?.parse::<i64>().ok()? * unit, unit))
}

#[cfg(test)]
mod tests {

    use super::{Prefix, Span};
    use crate::fhir::json::json;

    const NOW: i64 = 1_700_000_000_000;

    fn span(text: &str) -> Span {
        Span::read(text).unwrap_or_else(|| panic!("{text} is a date"))
    }

    fn holds(search: &str, found: Span) -> bool {
        let (prefix, value) = Prefix::split(search);
        prefix.holds(span(value), found, NOW)
    }

    #[test]
    fn a_date_is_as_wide_as_its_precision() {
        assert_eq!(span("1970-01-01"), Span { low: 0, high: 86_400_000 });
        assert_eq!(span("1970"), Span { low: 0, high: 365 * 86_400_000 });
        assert_eq!(span("1970-12").high, span("1970").high);
        assert_eq!(span("1970-01-01T00:01"), Span { low: 60_000, high: 120_000 });
        assert_eq!(span("1970-01-01T00:00:01Z"), Span { low: 1000, high: 2000 });
        assert_eq!(span("1970-01-01T00:00:01.25+00:00"), Span { low: 1250, high: 1260 });
        assert_eq!(span("1970-01-01T02:00:00+02:00").low, 0);
        assert_eq!(span("1969-12-31T19:00:00-05:00").low, 0);
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "20",
            "2020-1",
            "2020-13",
            "2020-02-30",
            "2020-01-01T",
            "2020-01-01T25:00",
            "2020-01T10:00",
            "soon",
            "2020-01-01T10:00:00.",
            "9999999999",
        ] {
            assert_eq!(Span::read(text), None, "{text}");
        }
    }

    #[test]
    fn an_open_period_reaches_as_far_as_time_does() {
        assert_eq!(Span::of_period(&json!({ "start": "1970-01-01" })), Some(Span { low: 0, high: i64::MAX }));
        assert_eq!(Span::of_period(&json!({ "end": "1970-01-01" })), Some(Span { low: i64::MIN, high: 86_400_000 }));
        assert_eq!(Span::of_period(&json!({})), None);
    }

    #[test]
    fn prefixes_compare_a_day_with_a_day() {
        let day = span("2020-05-10");
        for (search, expected) in [
            ("2020-05-10", true),
            ("eq2020-05", true),
            ("eq2020-05-11", false),
            ("ne2020-05-11", true),
            ("ne2020-05", false),
            ("gt2020-05-09", true),
            ("gt2020-05-10", false),
            ("ge2020-05-10", true),
            ("ge2020-05-11", false),
            ("lt2020-05-11", true),
            ("lt2020-05-10", false),
            ("le2020-05-10", true),
            ("le2020-05-09", false),
            ("sa2020-05-09", true),
            ("sa2020-05-10", false),
            ("eb2020-05-11", true),
            ("eb2020-05-10", false),
            ("ap2020-05-10", true),
            ("ap2001-01-01", false),
        ] {
            assert_eq!(holds(search, day), expected, "{search}");
        }
    }

    #[test]
    fn prefixes_compare_a_period_by_its_ends() {
        let stay = Span::of_period(&json!({ "start": "2020-05-10", "end": "2020-05-14" })).unwrap();
        for (search, expected) in [
            ("eq2020-05", true),
            ("eq2020-05-12", false),
            ("ne2020-05-12", true),
            ("gt2020-05-12", true),
            ("lt2020-05-12", true),
            ("sa2020-05-09", true),
            ("sa2020-05-10", false),
            ("eb2020-05-15", true),
            ("eb2020-05-14", false),
            ("ge2020-05-14", false),
            ("le2020-05-10", false),
            ("ge2020-05-13", true),
            ("le2020-05-11", true),
        ] {
            assert_eq!(holds(search, stay), expected, "{search}");
        }
        let open = Span::of_period(&json!({ "start": "2020-05-10" })).unwrap();
        assert!(holds("gt2099", open) && !holds("eb2099", open) && !holds("eq2020", open));
    }
}
