//! Date search (R4 search.html#date).

use serde_json::Value;

use super::{Answer, decided};
use crate::fhir::date::{Interval, Prefix};

/// The farthest that a zone lies from UTC, in nanoseconds.
const FARTHEST_ZONE: i128 = 14 * 3_600_000_000_000;

/// Whether a date-like node meets a value with its prefix. Where only one of the two states a zone, the server's own decides: the answer
/// counts only if it is the same in every zone.
pub fn matches(value: &str, node: &Value) -> Answer {
    let (prefix, text) = Prefix::split(value);
    let (Some(search), Some(own)) = (Interval::parse(text), Interval::of(node)) else { return Answer::No };
    let open_zone = own.zoned != search.zoned && node.as_str().is_some_and(|text| text.contains('T'));
    let shifts: &[i128] = if open_zone { &[0, -FARTHEST_ZONE, FARTHEST_ZONE] } else { &[0] };
    let mut answers = shifts.iter().map(|shift| {
        own.meets(prefix, &Interval { low: search.low.saturating_add(*shift), high: search.high.saturating_add(*shift), ..search })
    });
    let first = answers.next().flatten();
    let agrees = answers.all(|answer| answer == first);
    match first {
        Some(is_met) if agrees => decided(is_met),
        Some(_) => Answer::Unknown(format!("whether {node} meets {value} depends on the server's time zone")),
        None => Answer::Unknown(format!("whether {value} is met is left to the server by R4")),
    }
}
