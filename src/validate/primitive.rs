//! The grammar of every primitive type (R4 datatypes.html#primitive), by bytes and without allocation: it runs on every leaf.

use crate::fhir::json::Value;

/// A primitive type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Primitive {
    Boolean,
    Integer,
    UnsignedInt,
    PositiveInt,
    Decimal,
    String,
    Markdown,
    Code,
    Id,
    Uri,
    Url,
    Canonical,
    Oid,
    Uuid,
    Base64Binary,
    Date,
    DateTime,
    Instant,
    Time,
    Xhtml,
}

/// Most bytes of a string (R4 datatypes.html#string).
const MOST_BYTES: usize = 1024 * 1024;

impl Primitive {
    /// The type of that name.
    pub fn of(name: &str) -> Option<Self> {
        Some(match name {
            "boolean" => Self::Boolean,
            "integer" => Self::Integer,
            "unsignedInt" => Self::UnsignedInt,
            "positiveInt" => Self::PositiveInt,
            "decimal" => Self::Decimal,
            "string" => Self::String,
            "markdown" => Self::Markdown,
            "code" => Self::Code,
            "id" => Self::Id,
            "uri" => Self::Uri,
            "url" => Self::Url,
            "canonical" => Self::Canonical,
            "oid" => Self::Oid,
            "uuid" => Self::Uuid,
            "base64Binary" => Self::Base64Binary,
            "date" => Self::Date,
            "dateTime" => Self::DateTime,
            "instant" => Self::Instant,
            "time" => Self::Time,
            "xhtml" => Self::Xhtml,
            _ => return None,
        })
    }

    /// The rule that a value of another form breaks.
    pub fn rule(self) -> &'static str {
        match self {
            Self::Boolean => "primitive.boolean",
            Self::Integer => "primitive.integer",
            Self::UnsignedInt => "primitive.unsignedInt",
            Self::PositiveInt => "primitive.positiveInt",
            Self::Decimal => "primitive.decimal",
            Self::String => "primitive.string",
            Self::Markdown => "primitive.markdown",
            Self::Code => "primitive.code",
            Self::Id => "primitive.id",
            Self::Uri => "primitive.uri",
            Self::Url => "primitive.url",
            Self::Canonical => "primitive.canonical",
            Self::Oid => "primitive.oid",
            Self::Uuid => "primitive.uuid",
            Self::Base64Binary => "primitive.base64Binary",
            Self::Date => "primitive.date",
            Self::DateTime => "primitive.dateTime",
            Self::Instant => "primitive.instant",
            Self::Time => "primitive.time",
            Self::Xhtml => "primitive.xhtml",
        }
    }

    /// Whether a JSON value is of this type.
    ///
    /// # Errors
    /// What is expected instead.
    pub fn check(self, value: &Value) -> Result<(), &'static str> {
        let (holds, expected) = match (self, value) {
            (Self::Boolean, value) => (matches!(value, Value::Bool(_)), "true or false, without quotes"),
            (Self::Integer | Self::UnsignedInt | Self::PositiveInt | Self::Decimal, Value::Number(number)) => self.number(number.as_str()),
            (Self::Integer | Self::UnsignedInt | Self::PositiveInt | Self::Decimal, _) => (false, "a JSON number, without quotes"),
            (_, Value::String(text)) => self.text(text),
            _ => (false, "a JSON string"),
        };
        if holds { Ok(()) } else { Err(expected) }
    }

    /// Whether a value is text of nothing but white space, which R4 datatypes.html#string says SHOULD not be.
    pub fn is_merely_blank(self, value: &Value) -> bool {
        let is_space = |byte: u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        matches!(self, Self::String | Self::Markdown)
            && value.as_str().is_some_and(|text| !text.is_empty() && text.bytes().all(is_space) && text.len() <= MOST_BYTES)
    }

    fn number(self, text: &str) -> (bool, &'static str) {
        let whole = text.parse::<i32>().ok().filter(|_| text != "-0");
        match self {
            Self::Integer => (whole.is_some(), "a whole number of 32 bits"),
            Self::UnsignedInt => (whole.is_some_and(|number| number >= 0), "a whole number from 0 to 2,147,483,647"),
            Self::PositiveInt => (whole.is_some_and(|number| number > 0), "a whole number from 1 to 2,147,483,647"),
            // The grammar of JSON is that of decimal; a number beyond all use is a mistake.
            _ => (text.len() <= 64 && exponent(text).is_some_and(|exponent| exponent.abs() <= 128), "a decimal number"),
        }
    }

    fn text(self, text: &str) -> (bool, &'static str) {
        let bytes = text.as_bytes();
        match self {
            Self::Code => (is_code(text), "a code without white space at its ends or twice in a row"),
            Self::Id => (crate::fhir::resource::is_valid_id(text), "1 to 64 letters, digits, hyphens and dots"),
            Self::Uri | Self::Url | Self::Canonical => (is_uri(bytes), "a URI without white space"),
            Self::Oid => (is_oid(text), "urn:oid: and numbers with dots"),
            Self::Uuid => (is_uuid(text), "urn:uuid: and a UUID in lower case"),
            Self::Base64Binary => (is_base64(bytes), "base64 text"),
            Self::Date => (is_date(bytes), "a date of the calendar: YYYY, YYYY-MM or YYYY-MM-DD"),
            Self::DateTime => (is_date_time(bytes), "a date, or a date with time and zone: YYYY-MM-DDThh:mm:ss+zz:zz"),
            Self::Instant => (is_instant(bytes), "a date with time to the second and zone: YYYY-MM-DDThh:mm:ss+zz:zz"),
            Self::Time => (is_time(bytes) == Some(bytes.len()), "a time: hh:mm:ss"),
            _ => (is_string(text), "text that is not empty or white space alone, without control characters, of at most 1 MiB"),
        }
    }
}

fn exponent(text: &str) -> Option<i32> {
    match text.split_once(['e', 'E']) {
        Some((_, exponent)) => exponent.parse().ok(),
        None => Some(0),
    }
}

fn is_string(text: &str) -> bool {
    let is_allowed = |byte: u8| byte >= 0x20 || matches!(byte, b'\t' | b'\r' | b'\n');
    text.len() <= MOST_BYTES && text.bytes().all(is_allowed) && !text.trim().is_empty()
}

fn is_code(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_space = |byte: &u8| byte.is_ascii_whitespace();
    let doubled = bytes.windows(2).any(|pair| pair.iter().all(is_space));
    !bytes.is_empty() && !doubled && !bytes.first().is_some_and(is_space) && !bytes.last().is_some_and(is_space)
}

fn is_uri(bytes: &[u8]) -> bool {
    !bytes.is_empty() && !bytes.iter().any(|byte| byte.is_ascii_whitespace() || byte.is_ascii_control())
}

fn is_oid(text: &str) -> bool {
    let Some(numbers) = text.strip_prefix("urn:oid:") else { return false };
    let mut parts = numbers.split('.');
    let is_number =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()) && (part == "0" || !part.starts_with('0'));
    matches!(parts.next(), Some("0" | "1" | "2")) && numbers.contains('.') && parts.all(is_number)
}

fn is_uuid(text: &str) -> bool {
    let Some(uuid) = text.strip_prefix("urn:uuid:") else { return false };
    uuid.len() == 36
        && uuid.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'),
        })
}

fn is_base64(bytes: &[u8]) -> bool {
    let (mut signs, mut padding) = (0_usize, 0_usize);
    for byte in bytes.iter().filter(|byte| !byte.is_ascii_whitespace()) {
        match byte {
            b'=' => padding += 1,
            _ if padding == 0 && (byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')) => signs += 1,
            _ => return false,
        }
    }
    signs > 0 && padding <= 2 && (signs + padding).is_multiple_of(4)
}

/// The number in a run of digits.
fn digits(bytes: &[u8], from: usize, to: usize) -> Option<u32> {
    bytes.get(from..to)?.iter().try_fold(0_u32, |number, byte| byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0')))
}

fn is_date(bytes: &[u8]) -> bool {
    let Some(year) = digits(bytes, 0, 4).filter(|year| *year > 0) else { return false };
    if bytes.len() == 4 {
        return true;
    }
    let Some(month) = digits(bytes, 5, 7).filter(|month| (1..=12).contains(month) && bytes.get(4) == Some(&b'-')) else { return false };
    if bytes.len() == 7 {
        return true;
    }
    let day = digits(bytes, 8, 10).filter(|_| bytes.get(7) == Some(&b'-') && bytes.len() == 10);
    day.is_some_and(|day| (1..=days(year, month)).contains(&day))
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn is_date_time(bytes: &[u8]) -> bool {
    match bytes.iter().position(|byte| *byte == b'T') {
        None => is_date(bytes),
        Some(_) => is_instant(bytes),
    }
}

fn is_instant(bytes: &[u8]) -> bool {
    let (Some(date), Some(b'T'), Some(rest)) = (bytes.get(..10), bytes.get(10), bytes.get(11..)) else { return false };
    is_date(date) && is_time(rest).and_then(|end| rest.get(end..)).is_some_and(is_zone)
}

/// Where the time that the text begins with ends. A leap second is a second.
fn is_time(bytes: &[u8]) -> Option<usize> {
    let within = |from: usize, most: u32| digits(bytes, from, from + 2).filter(|number| *number <= most);
    within(0, 23).and(within(3, 59)).and(within(6, 60))?;
    if bytes.get(2) != Some(&b':') || bytes.get(5) != Some(&b':') {
        return None;
    }
    if bytes.get(8) != Some(&b'.') {
        return Some(8);
    }
    let fraction = bytes.get(9..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (fraction > 0).then_some(9 + fraction)
}

fn is_zone(bytes: &[u8]) -> bool {
    if bytes == b"Z" {
        return true;
    }
    let minutes = digits(bytes, 4, 6).filter(|minutes| *minutes <= 59);
    let hours = digits(bytes, 1, 3).filter(|hours| *hours <= 13 || (*hours == 14 && minutes == Some(0)));
    bytes.len() == 6 && matches!(bytes.first(), Some(b'+' | b'-')) && bytes.get(3) == Some(&b':') && hours.is_some() && minutes.is_some()
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::fhir::json::json;

    fn hold(primitive: Primitive, good: &[Value], bad: &[Value]) {
        for value in good {
            assert_eq!(primitive.check(value), Ok(()), "{value}");
        }
        for value in bad {
            assert!(primitive.check(value).is_err(), "{value} passes as {}", primitive.rule());
        }
    }

    #[test]
    fn numbers_have_their_ranges() {
        let large: Value = serde_json::from_str("1e400").unwrap();
        hold(
            Primitive::Integer,
            &[json!(0), json!(-5), json!(2_147_483_647)],
            &[json!(2_147_483_648_i64), json!(1.0), json!("1"), json!(null)],
        );
        hold(Primitive::UnsignedInt, &[json!(0)], &[json!(-1)]);
        hold(Primitive::PositiveInt, &[json!(1)], &[json!(0)]);
        hold(Primitive::Decimal, &[json!(1.50), json!(-3), serde_json::from_str("1.0e3").unwrap()], &[json!("1.5"), large]);
        hold(Primitive::Boolean, &[json!(true)], &[json!("true"), json!(1)]);
    }

    #[test]
    fn dates_are_days_of_the_calendar() {
        hold(
            Primitive::Date,
            &[json!("2020"), json!("2020-02"), json!("2020-02-29"), json!("2000-02-29")],
            &[
                json!("2021-02-29"),
                json!("1900-02-29"),
                json!("2020-13"),
                json!("2020-1-1"),
                json!("20200101"),
                json!("0000"),
                json!("2020-02-29T00:00:00Z"),
            ],
        );
        hold(
            Primitive::DateTime,
            &[json!("2020"), json!("2020-01-01T00:00:00Z"), json!("2020-01-01T23:59:60.123-05:00"), json!("2020-01-01T00:00:00+14:00")],
            &[
                json!("2020-01-01T00:00:00"),
                json!("2020-01-01T24:00:00Z"),
                json!("2020-01T00:00:00Z"),
                json!("2020-01-01T00:00Z"),
                json!("2020-01-01T00:00:00+14:30"),
            ],
        );
        hold(Primitive::Instant, &[json!("2020-01-01T00:00:00.5Z")], &[json!("2020-01-01"), json!("2020-01-01T00:00:00.Z")]);
        hold(Primitive::Time, &[json!("12:00:00"), json!("12:00:00.1")], &[json!("12:00"), json!("25:00:00"), json!("12:00:00Z")]);
    }

    #[test]
    fn texts_have_their_grammars() {
        hold(Primitive::Id, &[json!("a-1.B")], &[json!("a_1"), json!(""), json!("x".repeat(65))]);
        hold(Primitive::Code, &[json!("a b")], &[json!(" a"), json!("a  b"), json!("")]);
        hold(Primitive::Uri, &[json!("http://a/b"), json!("#x")], &[json!("http://a b"), json!("")]);
        hold(Primitive::Oid, &[json!("urn:oid:2.16.840")], &[json!("urn:oid:3.1"), json!("2.16"), json!("urn:oid:1.02")]);
        hold(
            Primitive::Uuid,
            &[json!("urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7")],
            &[json!("53fefa32-fcbb-4ff8-8a92-55ee120877b7"), json!("urn:uuid:53FEFA32-fcbb-4ff8-8a92-55ee120877b7")],
        );
        hold(Primitive::Base64Binary, &[json!("QUJD"), json!("QU JD"), json!("QQ==")], &[json!("QUJ"), json!("Q=JD"), json!("")]);
        assert!(Primitive::String.is_merely_blank(&json!(" \t")) && Primitive::Markdown.is_merely_blank(&json!(" ")));
        assert!(!Primitive::String.is_merely_blank(&json!("")) && !Primitive::Code.is_merely_blank(&json!(" ")));
        hold(Primitive::String, &[json!("a\tb")], &[json!(""), json!("  "), json!("a\u{1}"), json!(5)]);
    }
}
