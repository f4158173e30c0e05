//! Equality (`=`), equivalence (`~`) and order of items and collections.

use std::cmp::Ordering;

use super::{
    EvaluationError, Item,
    decimal::Decimal,
    evaluate::Evaluator,
    quantity::Quantity,
    temporal::{Kind, Temporal},
};
use crate::fhir::json::{Text, Value};

const MAX_DEPTH: usize = 200;

fn number(item: &Item<'_>) -> Option<Decimal> {
    match item {
        Item::Integer(number) => Some(Decimal::from_integer(*number)),
        Item::Decimal(number) => Some(*number),
        _ => None,
    }
}

/// Reads a text as a point in time of the other side's kind: untyped data meets a typed value.
fn as_temporal(text: &str, kind: Kind) -> Option<Temporal> {
    if kind == Kind::Time { Temporal::parse_time(text) } else { Temporal::parse(text) }
}

/// Equality of two items; `None` when it cannot be told.
pub fn equal(left: &Item<'_>, right: &Item<'_>) -> Option<bool> {
    if let (Item::Node(left), Item::Node(right)) = (left, right)
        && let (Some(left), Some(right)) = (left.value, right.value)
        && (left.is_object() || right.is_object())
    {
        return Some(same_json(left, right, 0));
    }
    match (left.system(), right.system()) {
        (Some(left), Some(right)) => equal_values(&left, &right),
        (None, None) => Some(false),
        _ => Some(false),
    }
}

fn equal_values(left: &Item<'_>, right: &Item<'_>) -> Option<bool> {
    Some(match (left, right) {
        (Item::Boolean(left), Item::Boolean(right)) => left == right,
        (Item::Integer(left), Item::Integer(right)) => left == right,
        (Item::String(left), Item::String(right)) => left == right,
        (Item::Temporal(left), Item::Temporal(right)) => return equal_temporal(left, right),
        (Item::Temporal(left), Item::String(right)) => {
            return as_temporal(right, left.kind).map_or(Some(false), |right| equal_temporal(left, &right));
        }
        (Item::String(left), Item::Temporal(right)) => {
            return as_temporal(left, right.kind).map_or(Some(false), |left| equal_temporal(&left, right));
        }
        (Item::Quantity(left), Item::Quantity(right)) => return left.compare(right).map(Ordering::is_eq),
        (Item::Quantity(quantity), other) | (other, Item::Quantity(quantity)) => match number(other) {
            Some(value) => return quantity.compare(&Quantity::new(value, "1")).map(Ordering::is_eq),
            None => false,
        },
        (Item::Type { namespace, name }, Item::Type { namespace: other_namespace, name: other }) => {
            namespace == other_namespace && name == other
        }
        _ => match (number(left), number(right)) {
            (Some(left), Some(right)) => left == right,
            _ => false,
        },
    })
}

fn equal_temporal(left: &Temporal, right: &Temporal) -> Option<bool> {
    if (left.kind == Kind::Time) != (right.kind == Kind::Time) {
        return Some(false);
    }
    left.compare(right).map(Ordering::is_eq)
}

fn same_json(left: &Value, right: &Value, depth: usize) -> bool {
    if depth > MAX_DEPTH {
        return false;
    }
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, value)| right.get(key).is_some_and(|other| same_json(value, other, depth + 1)))
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same_json(left, right, depth + 1))
        }
        (Value::Number(left), Value::Number(right)) => match (Decimal::parse(left.as_str()), Decimal::parse(right.as_str())) {
            (Some(left), Some(right)) => left == right,
            _ => left == right,
        },
        _ => left == right,
    }
}

/// Equality of collections, in order; `None` when either is empty or it cannot be told.
pub fn equal_collections(left: &[Item<'_>], right: &[Item<'_>]) -> Option<bool> {
    if left.is_empty() || right.is_empty() {
        return None;
    }
    if left.len() != right.len() {
        return Some(false);
    }
    let mut open = false;
    for (left, right) in left.iter().zip(right) {
        match equal(left, right) {
            Some(false) => return Some(false),
            Some(true) => {}
            None => open = true,
        }
    }
    if open { None } else { Some(true) }
}

/// Equivalence of two items: case and blanks, precision and order do not count.
pub fn equivalent(left: &Item<'_>, right: &Item<'_>) -> bool {
    if let (Item::Node(left), Item::Node(right)) = (left, right)
        && let (Some(left), Some(right)) = (left.value, right.value)
        && (left.is_object() || right.is_object())
    {
        return equivalent_json(left, right, 0);
    }
    let (Some(left), Some(right)) = (left.system(), right.system()) else { return false };
    match (&left, &right) {
        (Item::String(left), Item::String(right)) => fold(left) == fold(right),
        (Item::Quantity(left), Item::Quantity(right)) => left.equivalent(right),
        (Item::Temporal(_), _) | (_, Item::Temporal(_)) => equal_values(&left, &right) == Some(true),
        _ => match (number(&left), number(&right)) {
            (Some(left), Some(right)) => {
                let digits = left.normalized().scale().min(right.normalized().scale());
                left.round(digits) == right.round(digits)
            }
            _ => equal_values(&left, &right) == Some(true),
        },
    }
}

fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn equivalent_json(left: &Value, right: &Value, depth: usize) -> bool {
    if depth > MAX_DEPTH {
        return false;
    }
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => {
            let real = |key: &&Text| key.as_str() != "id";
            left.keys().filter(real).count() == right.keys().filter(real).count()
                && left
                    .iter()
                    .filter(|(key, _)| real(key))
                    .all(|(key, value)| right.get(key).is_some_and(|other| equivalent_json(value, other, depth + 1)))
        }
        (Value::String(left), Value::String(right)) => fold(left) == fold(right),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| equivalent_json(left, right, depth + 1))
        }
        _ => same_json(left, right, depth),
    }
}

/// Equivalence of collections in any order; two empty ones are equivalent.
pub fn equivalent_collections(evaluator: &Evaluator<'_, '_>, left: &[Item<'_>], right: &[Item<'_>]) -> Result<bool, EvaluationError> {
    if left.len() != right.len() {
        return Ok(false);
    }
    evaluator.charge(left.len().saturating_mul(right.len()))?;
    let mut open: Vec<&Item<'_>> = right.iter().collect();
    for item in left {
        match open.iter().position(|other| equivalent(item, other)) {
            Some(at) => {
                open.swap_remove(at);
            }
            None => return Ok(false),
        }
    }
    Ok(true)
}

/// The order of two items; `Ok(None)` when precision or units leave it open.
///
/// # Errors
/// When the two are of kinds that have no order between them.
pub fn compare(left: &Item<'_>, right: &Item<'_>) -> Result<Option<Ordering>, EvaluationError> {
    let wrong = || EvaluationError::WrongType { operation: "a comparison", found: format!("{} and {}", left.describe(), right.describe()) };
    let (Some(left_value), Some(right_value)) = (left.system(), right.system()) else {
        let absent = |item: &Item<'_>| matches!(item, Item::Node(node) if node.value.is_none());
        return if absent(left) || absent(right) { Ok(None) } else { Err(wrong()) };
    };
    match (&left_value, &right_value) {
        (Item::String(left), Item::String(right)) => Ok(match (Temporal::parse(left), Temporal::parse(right)) {
            (Some(left), Some(right)) if left.kind == Kind::DateTime || right.kind == Kind::DateTime => left.compare(&right),
            _ => Some(left.cmp(right)),
        }),
        (Item::Temporal(left), Item::Temporal(right)) if (left.kind == Kind::Time) == (right.kind == Kind::Time) => Ok(left.compare(right)),
        (Item::Temporal(left), Item::String(right)) => as_temporal(right, left.kind).ok_or_else(wrong).map(|right| left.compare(&right)),
        (Item::String(left), Item::Temporal(right)) => as_temporal(left, right.kind).ok_or_else(wrong).map(|left| left.compare(right)),
        (Item::Quantity(left), Item::Quantity(right)) => Ok(left.compare(right)),
        (Item::Quantity(quantity), other) if number(other).is_some() => {
            Ok(number(other).and_then(|value| quantity.compare(&Quantity::new(value, "1"))))
        }
        (other, Item::Quantity(quantity)) if number(other).is_some() => {
            Ok(number(other).and_then(|value| Quantity::new(value, "1").compare(quantity)))
        }
        _ => match (number(&left_value), number(&right_value)) {
            (Some(left), Some(right)) => Ok(Some(left.cmp(&right))),
            _ => Err(wrong()),
        },
    }
}

/// Whether `items` holds an item equal to `item`.
pub fn holds(evaluator: &Evaluator<'_, '_>, items: &[Item<'_>], item: &Item<'_>) -> Result<bool, EvaluationError> {
    evaluator.charge(items.len())?;
    Ok(items.iter().any(|other| equal(other, item) == Some(true)))
}

/// The items without repeats, first ones kept.
pub fn distinct<'a>(evaluator: &Evaluator<'_, '_>, items: impl IntoIterator<Item = Item<'a>>) -> Result<Vec<Item<'a>>, EvaluationError> {
    let mut kept: Vec<Item<'a>> = Vec::new();
    for item in items {
        if !holds(evaluator, &kept, &item)? {
            kept.push(item);
        }
    }
    Ok(kept)
}
