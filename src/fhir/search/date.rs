//! Date search (R4 search.html#date).

use super::{Answer, decided};
use crate::fhir::date::{Interval, Prefix};
use crate::fhir::json::Value;

/// A quarter of an hour in nanoseconds: every zone lies a whole number of these from UTC.
const QUARTER: i128 = 900_000_000_000;

/// The farthest that a zone lies from UTC, in quarters of an hour.
const FARTHEST_ZONE: i128 = 14 * 4;

/// Whether a date-like node meets a value with its prefix. Where not everything states a zone, the server's own decides: the answer counts
/// only if it is the same in every zone.
pub fn matches(value: &str, node: &Value) -> Answer {
    let (prefix, text) = Prefix::split(value);
    let Some(search) = Interval::parse(text) else {
        return Answer::Unknown("the searched value is no date".to_owned());
    };
    let Some(own) = Interval::of(node) else {
        return match node {
            Value::String(_) | Value::Object(_) => Answer::Unknown("the record's value is no date that can be placed in time".to_owned()),
            _ => Answer::No,
        };
    };
    let is_open = if node.is_string() { own.zoned != search.zoned } else { is_zone_open(node, search.zoned) };
    let farthest = if is_open && is_near(&own, &search) { FARTHEST_ZONE } else { 0 };
    let mut answers = (-farthest..=farthest).map(|quarters| {
        let shift = quarters * QUARTER;
        own.meets(prefix, &Interval { low: search.low.saturating_add(shift), high: search.high.saturating_add(shift), ..search })
    });
    let first = answers.next().flatten();
    let agrees = answers.all(|answer| answer == first);
    match first {
        Some(is_met) if agrees => decided(is_met),
        _ if !agrees => Answer::Unknown("the answer depends on the server's time zone".to_owned()),
        _ => Answer::Unknown("R4 leaves to the server what this prefix means for a value of this width".to_owned()),
    }
}

/// Whether an end of one lies so near to an end of the other that a zone may change their order.
fn is_near(own: &Interval, search: &Interval) -> bool {
    let reach = (FARTHEST_ZONE * QUARTER).unsigned_abs();
    [own.low, own.high].iter().any(|own| [search.low, search.high].iter().any(|search| own.abs_diff(*search) <= reach))
}

/// Whether a date in the node states a zone and the search none, or the other way round.
fn is_zone_open(node: &Value, zoned: bool) -> bool {
    match node {
        Value::String(text) => Interval::parse(text).is_some_and(|interval| interval.zoned != zoned),
        Value::Array(items) => items.iter().any(|item| is_zone_open(item, zoned)),
        Value::Object(fields) => {
            ["start", "end", "event"].iter().filter_map(|name| fields.get(name)).any(|part| is_zone_open(part, zoned))
                || fields.get("repeat").and_then(|repeat| repeat.get("boundsPeriod")).is_some_and(|bounds| is_zone_open(bounds, zoned))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fhir::json::json;

    #[test]
    fn only_what_is_near_needs_to_be_compared_in_every_zone() {
        let nodes = [
            json!("2020-05-17T10:00:00Z"),
            json!("2020-05-17T23:59:59-14:00"),
            json!({"start": "2020-05-16T12:00:00Z", "end": "2020-05-18T00:00:00+14:00"}),
            json!({"start": "2020-05-17T00:00:00Z"}),
            json!({"end": "2020-05-17T00:00:00Z"}),
        ];
        let searches =
            ["2019", "2020", "2020-05", "2020-05-15", "2020-05-16", "2020-05-17", "2020-05-18", "2020-05-19", "2020-05-17T10:00"];
        let mut far = 0;
        for (own, text) in nodes.iter().filter_map(Interval::of).flat_map(|own| searches.map(|text| (own, text))) {
            let search = Interval::parse(text).unwrap();
            if is_near(&own, &search) {
                continue;
            }
            far += 1;
            for prefix in ["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"].map(|prefix| Prefix::split(prefix).0) {
                for shift in (-FARTHEST_ZONE..=FARTHEST_ZONE).map(|quarters| quarters * QUARTER) {
                    let moved = Interval { low: search.low + shift, high: search.high + shift, ..search };
                    assert_eq!(own.meets(prefix, &moved), own.meets(prefix, &search), "{own:?} {prefix:?} {text} by {shift}");
                }
            }
        }
        assert!(far > 10, "{far}");
    }
}
