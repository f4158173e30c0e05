//! Dates and times as intervals with precision (R4 search.html#date): every value stands for all the instants that it covers.

use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

use crate::fhir::json::Value;

/// A day in nanoseconds.
pub const DAY: i128 = 86_400_000_000_000;

/// A closed interval of instants, in nanoseconds since 1970 UTC; an open end is `i128::MIN` or `i128::MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// The first instant.
    pub low: i128,
    /// The last instant.
    pub high: i128,
    /// Whether a time zone was given, for a Period or Timing with every date in it; what has none is read as UTC.
    pub zoned: bool,
}

/// A search prefix (R4 search.html#prefix).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefix {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
    /// Starts after.
    Sa,
    /// Ends before.
    Eb,
    /// Approximately.
    Ap,
}

impl Prefix {
    /// The prefix of a search value and the rest; `eq` when there is none.
    pub fn split(value: &str) -> (Self, &str) {
        let prefix = match value.get(..2) {
            Some("eq") => Self::Eq,
            Some("ne") => Self::Ne,
            Some("gt") => Self::Gt,
            Some("ge") => Self::Ge,
            Some("lt") => Self::Lt,
            Some("le") => Self::Le,
            Some("sa") => Self::Sa,
            Some("eb") => Self::Eb,
            Some("ap") => Self::Ap,
            _ => return (Self::Eq, value),
        };
        (prefix, value.get(2..).unwrap_or_default())
    }
}

impl Interval {
    /// Reads a date, dateTime or instant of any precision.
    pub fn parse(text: &str) -> Option<Self> {
        if !text.is_ascii() {
            return None;
        }
        let (date, time) = match text.split_once('T') {
            Some((date, time)) => (date, Some(time)),
            None => (text, None),
        };
        let mut parts = date.split('-');
        let year: i32 = digits(parts.next()?, 4)?;
        let month = parts.next().map(|part| digits::<u8>(part, 2)).map_or(Some(None), |part| part.map(Some))?;
        let day = parts.next().map(|part| digits::<u8>(part, 2)).map_or(Some(None), |part| part.map(Some))?;
        if parts.next().is_some() {
            return None;
        }
        let first_month = Month::try_from(month.unwrap_or(1)).ok()?;
        let first = Date::from_calendar_date(year, first_month, day.unwrap_or(1)).ok()?;
        let Some(time) = time else {
            let last = match (month, day) {
                (None, _) => Date::from_calendar_date(year, Month::December, 31).ok()?,
                (Some(_), None) => Date::from_calendar_date(year, first_month, first_month.length(year)).ok()?,
                (Some(_), Some(_)) => first,
            };
            let low = PrimitiveDateTime::new(first, Time::MIDNIGHT).assume_utc();
            // The day after 9999-12-31, which stands for "no end" in many records, is no date of its own.
            let last = PrimitiveDateTime::new(last, Time::MIDNIGHT).assume_utc();
            return Some(Self { low: nanoseconds(low), high: nanoseconds(last) + DAY - 1, zoned: false });
        };
        day?;
        Self::at(first, time)
    }

    fn at(date: Date, time: &str) -> Option<Self> {
        let (clock, offset) = if let Some(clock) = time.strip_suffix('Z') {
            (clock, Some(UtcOffset::UTC))
        } else if let Some(place) = time.rfind(['+', '-']) {
            let (clock, zone) = time.split_at(place);
            (clock, Some(parse_offset(zone)?))
        } else {
            (time, None)
        };
        let (whole, fraction) = clock.split_once('.').map_or((clock, None), |(whole, fraction)| (whole, Some(fraction)));
        let mut parts = whole.split(':');
        let hour: u8 = digits(parts.next()?, 2)?;
        let minute: u8 = digits(parts.next()?, 2)?;
        let second: Option<u8> = parts.next().map(|part| digits(part, 2)).map_or(Some(None), |part| part.map(Some))?;
        if parts.next().is_some() || (fraction.is_some() && second.is_none()) {
            return None;
        }
        // A leap second is read as the last second of its minute.
        let start = Time::from_hms(hour, minute, second.unwrap_or(0).min(59)).ok()?;
        let local = PrimitiveDateTime::new(date, start).assume_offset(offset.unwrap_or(UtcOffset::UTC));
        let mut low = nanoseconds(local);
        let mut width = if second.is_some() { 1_000_000_000 } else { 60_000_000_000 };
        if let Some(fraction) = fraction {
            if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            // What is finer than a nanosecond tells no two instants apart.
            let fraction = fraction.get(..9).unwrap_or(fraction);
            let value: i128 = digits(fraction, fraction.len())?;
            let scale = 10_i128.pow(9 - u32::try_from(fraction.len()).ok()?);
            low += value * scale;
            width = scale;
        }
        Some(Self { low, high: low + width - 1, zoned: offset.is_some() })
    }

    /// The interval of a date-like node: a date, dateTime or instant, a Period, or the outer limits of a Timing, of which R4 lets only these
    /// matter.
    pub fn of(node: &Value) -> Option<Self> {
        if let Some(text) = node.as_str() {
            return Self::parse(text);
        }
        let fields = node.as_object()?;
        if fields.contains_key("start") || fields.contains_key("end") {
            return Self::of_period(fields.get("start"), fields.get("end"));
        }
        if let Some(bounds) = fields.get("repeat").and_then(|repeat| repeat.get("boundsPeriod")) {
            return Self::of_period(bounds.get("start"), bounds.get("end"));
        }
        let events: Vec<Self> = fields.get("event")?.as_array()?.iter().filter_map(Value::as_str).filter_map(Self::parse).collect();
        let low = events.iter().map(|event| event.low).min()?;
        let high = events.iter().map(|event| event.high).max()?;
        Some(Self { low, high, zoned: events.iter().all(|event| event.zoned) })
    }

    /// An end that is not stated is open; one that is stated must be readable, and a Period must not end before it starts.
    fn of_period(start: Option<&Value>, end: Option<&Value>) -> Option<Self> {
        let read = |value: &Value| value.as_str().and_then(Self::parse);
        let start = start.map(|value| read(value).ok_or(())).transpose().ok()?;
        let end = end.map(|value| read(value).ok_or(())).transpose().ok()?;
        let zoned = start.or(end)?.zoned && end.or(start)?.zoned;
        let (low, high) = (start.map_or(i128::MIN, |start| start.low), end.map_or(i128::MAX, |end| end.high));
        (low <= high).then_some(Self { low, high, zoned })
    }

    /// Whether this value of a resource meets a search for `search` with a prefix; `None` where R4 leaves it to the server: `ap` unless the
    /// two overlap, and `ge` or `le` of a longer value that only touches the searched one.
    pub fn meets(&self, prefix: Prefix, search: &Self) -> Option<bool> {
        Some(match prefix {
            Prefix::Eq => search.low <= self.low && self.high <= search.high,
            Prefix::Ne => !(search.low <= self.low && self.high <= search.high),
            Prefix::Gt => self.high > search.high,
            Prefix::Lt => self.low < search.low,
            Prefix::Ge if self.high > search.high || search.low <= self.low => self.high >= search.low,
            Prefix::Le if self.low < search.low || self.high <= search.high => self.low <= search.high,
            // It ends, or begins, inside the searched value and reaches beyond its other end: servers read R4 both ways.
            Prefix::Ge => return (self.high < search.low).then_some(false),
            Prefix::Le => return (self.low > search.high).then_some(false),
            Prefix::Sa => self.low > search.high,
            Prefix::Eb => self.high < search.low,
            Prefix::Ap => {
                let overlaps = self.low <= search.high && search.low <= self.high;
                return overlaps.then_some(true);
            }
        })
    }
}

fn nanoseconds(at: OffsetDateTime) -> i128 {
    at.unix_timestamp_nanos()
}

fn parse_offset(zone: &str) -> Option<UtcOffset> {
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let (hours, minutes): (i8, i8) = (digits(hours, 2)?, digits(minutes, 2)?);
    // R4 datatypes.html#dateTime: no zone lies farther from UTC than 14 hours.
    if hours > 14 || (hours == 14 && minutes > 0) {
        return None;
    }
    UtcOffset::from_hms(sign * hours, sign * minutes, 0).ok()
}

fn digits<T: std::str::FromStr>(text: &str, length: usize) -> Option<T> {
    (text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fhir::json::json;

    fn meets(value: &str, search: &str) -> bool {
        let (prefix, text) = Prefix::split(search);
        Interval::parse(value).unwrap().meets(prefix, &Interval::parse(text).unwrap()).unwrap()
    }

    #[test]
    fn a_value_covers_all_of_its_precision() {
        assert!(meets("2020-05-17", "2020"));
        assert!(meets("2020-05-17T10:00:00Z", "2020-05-17"));
        assert!(!meets("2020", "2020-05-17"));
        assert!(meets("2020-05-17T23:30:00-05:00", "2020-05-18"));
    }

    #[test]
    fn prefixes_compare_ranges() {
        assert!(meets("2020-05-17", "ge2020-05-17") && meets("2020-05-17", "le2020-05-17"));
        assert!(!meets("2020-05-17", "gt2020-05-17") && !meets("2020-05-17", "lt2020-05-17"));
        assert!(meets("2020-05-18", "gt2020-05-17") && meets("2020-05-18", "sa2020-05-17"));
        assert!(meets("2020-05-16", "lt2020-05-17") && meets("2020-05-16", "eb2020-05-17"));
        assert!(meets("2020", "gt2020-05-17") && meets("2020", "lt2020-05-17"));
        assert!(!meets("2020", "sa2020-05-17") && !meets("2020", "eb2020-05-17"));
        assert!(meets("2020", "ne2020-05-17") && !meets("2020-05-17", "ne2020-05-17"));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "2020-13-01",
            "2020-02-30",
            "2021-02-29",
            "20200101",
            "2020-01-01T10",
            "2020-01T10:00:00Z",
            "",
            "2020-01-01T10:00:00+5",
            "2020-01-01T10:00:00+14:30",
            "2020-01-01T24:00:00Z",
            "2020-01-01T10:00:00.Z",
            "2020-01-01T10:00.5Z",
            "2020-01-01T10:00:00.1234567890x",
            "-2020",
            "é",
        ] {
            assert!(Interval::parse(text).is_none(), "{text}");
        }
        assert!(Interval::parse("2020-02-29").is_some() && Interval::parse("2020-01-01T23:59:60Z").is_some());
    }

    #[test]
    fn a_value_is_as_wide_as_its_last_part() {
        let width = |text: &str| {
            let interval = Interval::parse(text).unwrap();
            interval.high - interval.low + 1
        };
        assert_eq!(width("2020"), 366 * DAY);
        assert_eq!(width("2021-02"), 28 * DAY);
        assert_eq!(width("2020-05-17"), DAY);
        assert_eq!(width("2020-05-17T10:00Z"), 60_000_000_000);
        assert_eq!(width("2020-05-17T10:00:00Z"), 1_000_000_000);
        assert_eq!(width("2020-05-17T10:00:00.123Z"), 1_000_000);
        assert_eq!(width("2020-05-17T10:00:00.12345678901234567890Z"), 1);
    }

    #[test]
    fn the_last_and_the_first_year_are_dates() {
        for text in ["9999", "9999-12", "9999-12-31", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"] {
            let interval = Interval::parse(text).unwrap();
            assert!(interval.low < interval.high, "{text}");
        }
        assert!(meets("9999-12-31", "gt2020") && meets("9999-12-31", "9999"));
    }

    #[test]
    fn an_instant_is_the_same_in_every_zone() {
        let (here, there) = (Interval::parse("2020-05-17T10:00:00Z").unwrap(), Interval::parse("2020-05-17T05:30:00-04:30").unwrap());
        assert_eq!(here, there);
        assert!(here.zoned && !Interval::parse("2020-05-17T10:00:00").unwrap().zoned && !Interval::parse("2020-05-17").unwrap().zoned);
    }

    #[test]
    fn a_period_may_be_open() {
        let open = Interval::of(&json!({"start": "2020-01-01"})).unwrap();
        assert!(open.meets(Prefix::Gt, &Interval::parse("2030").unwrap()).unwrap());
        assert!(!open.meets(Prefix::Lt, &Interval::parse("2019").unwrap()).unwrap());
        let open = Interval::of(&json!({"end": "2020-01-01"})).unwrap();
        assert!(open.meets(Prefix::Lt, &Interval::parse("1900").unwrap()).unwrap());
        assert!(!open.meets(Prefix::Eq, &Interval::parse("2020").unwrap()).unwrap());
    }

    #[test]
    fn a_period_or_timing_is_zoned_only_when_all_of_it_is() {
        let of = |value: Value| Interval::of(&value);
        assert!(of(json!({"start": "2020-01-01T00:00:00Z", "end": "2020-01-02T00:00:00Z"})).unwrap().zoned);
        assert!(!of(json!({"start": "2020-01-01T00:00:00Z", "end": "2020-01-02"})).unwrap().zoned);
        assert!(of(json!({"event": ["2020-01-01T00:00:00Z", "2020-01-05T00:00:00Z"]})).unwrap().zoned);
        let bounds = of(json!({"repeat": {"boundsPeriod": {"start": "2020", "end": "2021"}}})).unwrap();
        assert_eq!((bounds.low, bounds.high), (Interval::parse("2020").unwrap().low, Interval::parse("2021").unwrap().high));
        for odd in [
            json!({}),
            json!({"start": 7}),
            json!({"start": "soon", "end": "2020"}),
            json!({"start": "2021", "end": "2020"}),
            json!({"event": []}),
            json!({"event": [{"start": "2020"}]}),
            json!({"repeat": {"boundsPeriod": {}}}),
            json!({"repeat": {"frequency": 1}}),
        ] {
            assert!(of(odd.clone()).is_none(), "{odd}");
        }
    }
}
