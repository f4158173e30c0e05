//! The order of two resources by a sort key (R4 search.html#sort), as far as R4 and every sensible server agree on it.

use super::criterion::Criterion;
use crate::fhir::date::Interval;
use crate::fhir::json::Value;
use crate::fhir::search::Kind;

/// How two resources stand to each other by one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The first is less.
    Rises,
    /// The first is greater.
    Falls,
    /// Both have the same value.
    Same,
    /// R4 leaves it to the server, or a value cannot be told.
    Open,
}

/// Values of one resource that are compared with those of another at most.
const MOST_VALUES: usize = 64;

/// Compares what two resources have for a parameter. Which of several values is sorted by differs between servers, so that there is an order
/// only where it is the same whichever is taken.
pub fn compare(criterion: &Criterion, one: &Value, other: &Value) -> Order {
    let (ones, others) = (criterion.nodes(one), criterion.nodes(other));
    if ones == others && ones.len() == 1 {
        return Order::Same;
    }
    if ones.is_empty() || others.is_empty() || ones.len().max(others.len()) > MOST_VALUES {
        return Order::Open;
    }
    let mut orders = ones.iter().flat_map(|one| others.iter().map(|other| compare_values(criterion.kind, one, other)));
    let first = orders.next().unwrap_or(Order::Open);
    if orders.all(|order| order == first) { first } else { Order::Open }
}

fn compare_values(kind: Kind, one: &Value, other: &Value) -> Order {
    match kind {
        Kind::Date => dates(one, other),
        Kind::Number => numbers(one, other),
        Kind::Quantity => quantities(one, other),
        Kind::String => match (one.as_str(), other.as_str()) {
            (Some(one), Some(other)) => texts(one, other),
            _ => Order::Open,
        },
        // R4 gives codes, references and URIs no order.
        _ => Order::Open,
    }
}

/// Dates with and without a time zone cannot be told apart where they are close; values that overlap may stand in either order.
fn dates(one: &Value, other: &Value) -> Order {
    let (Some(one), Some(other)) = (Interval::of(one), Interval::of(other)) else { return Order::Open };
    if one.zoned != other.zoned {
        Order::Open
    } else if one == other {
        Order::Same
    } else if one.high < other.low {
        Order::Rises
    } else if one.low > other.high {
        Order::Falls
    } else {
        Order::Open
    }
}

fn numbers(one: &Value, other: &Value) -> Order {
    match (number(one), number(other)) {
        (Some(one), Some(other)) if one < other => Order::Rises,
        (Some(one), Some(other)) if one > other => Order::Falls,
        _ => Order::Open,
    }
}

fn number(node: &Value) -> Option<f64> {
    node.as_number()?.to_string().parse().ok().filter(|number: &f64| number.is_finite())
}

/// Only quantities of the same unit, without a comparator, have an order that all servers know.
fn quantities(one: &Value, other: &Value) -> Order {
    let field = |name: &str| one.get(name) == other.get(name);
    let exact = one.get("comparator").is_none() && other.get("comparator").is_none();
    match (one.get("value"), other.get("value")) {
        (Some(one), Some(other)) if exact && ["system", "code", "unit", "currency"].into_iter().all(field) => numbers(one, other),
        _ => Order::Open,
    }
}

/// Case does not count, and accents, digits and punctuation are sorted as the realm has it: what is left is the first letter that differs.
fn texts(one: &str, other: &str) -> Order {
    let mut letters = one.chars().zip(other.chars()).map(|(one, other)| (one.to_ascii_lowercase(), other.to_ascii_lowercase()));
    match letters.find(|(one, other)| one != other) {
        Some((one, other)) if one.is_ascii_lowercase() && other.is_ascii_lowercase() => {
            if one < other {
                Order::Rises
            } else {
                Order::Falls
            }
        }
        Some(_) => Order::Open,
        None if one.len() < other.len() => Order::Rises,
        None if one.len() > other.len() => Order::Falls,
        None => Order::Open,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::fhir::json::json;

    #[test]
    fn only_what_every_server_agrees_on_has_an_order() {
        let cases = [
            ("Adams", "baker", Order::Rises),
            ("baker", "Adams", Order::Falls),
            ("Ann", "anna", Order::Rises),
            ("Ann", "ann", Order::Open),
            ("Zoë", "Zoe", Order::Open),
            ("a9", "a10", Order::Open),
            ("O'Neil", "Oak", Order::Open),
        ];
        for (one, other, order) in cases {
            assert_eq!(texts(one, other), order, "{one} {other}");
        }
        assert_eq!(dates(&json!("2020"), &json!("2020-05-01")), Order::Open);
        assert_eq!(dates(&json!("2020-05-01"), &json!("2020-05-02")), Order::Rises);
        assert_eq!(dates(&json!({"start": "2021"}), &json!({"start": "2020"})), Order::Open);
        assert_eq!(numbers(&json!(10), &json!(9)), Order::Falls);
        let quantity = |value: i32, code: &str| json!({"value": value, "system": "http://unitsofmeasure.org", "code": code});
        assert_eq!(quantities(&quantity(9, "mg"), &quantity(10, "mg")), Order::Rises);
        assert_eq!(quantities(&quantity(9, "g"), &quantity(10, "mg")), Order::Open);
    }
}
