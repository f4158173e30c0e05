//! Conversions between System types, and the tests whether one would succeed.

use super::{Function, function, maybe, truth};
use crate::fhir::fhirpath::{
    Item,
    decimal::Decimal,
    evaluate::Outcome,
    operators,
    quantity::Quantity,
    temporal::{Kind, Temporal},
};

type Convert = for<'a> fn(&Item<'a>) -> Option<Item<'a>>;

pub const FUNCTIONS: &[Function] = &[
    function("toBoolean", 0, 0, |_, items, _, _| convert(items, to_boolean)),
    function("convertsToBoolean", 0, 0, |_, items, _, _| converts(items, to_boolean)),
    function("toInteger", 0, 0, |_, items, _, _| convert(items, to_integer)),
    function("convertsToInteger", 0, 0, |_, items, _, _| converts(items, to_integer)),
    function("toDecimal", 0, 0, |_, items, _, _| convert(items, to_decimal)),
    function("convertsToDecimal", 0, 0, |_, items, _, _| converts(items, to_decimal)),
    function("toString", 0, 0, |_, items, _, _| convert(items, to_text)),
    function("convertsToString", 0, 0, |_, items, _, _| converts(items, to_text)),
    function("toDate", 0, 0, |_, items, _, _| convert(items, to_date)),
    function("convertsToDate", 0, 0, |_, items, _, _| converts(items, to_date)),
    function("toDateTime", 0, 0, |_, items, _, _| convert(items, to_date_time)),
    function("convertsToDateTime", 0, 0, |_, items, _, _| converts(items, to_date_time)),
    function("toTime", 0, 0, |_, items, _, _| convert(items, to_time)),
    function("convertsToTime", 0, 0, |_, items, _, _| converts(items, to_time)),
    function("toQuantity", 0, 1, |_, items, _, _| convert(items, to_quantity)),
    function("convertsToQuantity", 0, 1, |_, items, _, _| converts(items, to_quantity)),
];

fn convert<'a>(items: &[Item<'a>], convert: Convert) -> Outcome<'a> {
    maybe(operators::single(items, "a conversion")?.and_then(|item| convert(&item)))
}

fn converts<'a>(items: &[Item<'a>], convert: Convert) -> Outcome<'a> {
    match operators::single(items, "a conversion")? {
        Some(item) => truth(convert(&item).is_some()),
        None => Ok(Vec::new()),
    }
}

fn to_boolean<'a>(item: &Item<'a>) -> Option<Item<'a>> {
    Some(Item::Boolean(match item {
        Item::Boolean(truth) => *truth,
        Item::Integer(number @ (0 | 1)) => *number == 1,
        Item::Decimal(number) => match number.to_integer()? {
            0 => false,
            1 => true,
            _ => return None,
        },
        Item::String(text) => match text.to_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "1" | "1.0" => true,
            "false" | "f" | "no" | "n" | "0" | "0.0" => false,
            _ => return None,
        },
        _ => return None,
    }))
}

fn to_integer<'a>(item: &Item<'a>) -> Option<Item<'a>> {
    Some(Item::Integer(match item {
        Item::Integer(number) => *number,
        Item::Boolean(truth) => i64::from(*truth),
        Item::String(text) => text.parse().ok()?,
        _ => return None,
    }))
}

fn to_decimal<'a>(item: &Item<'a>) -> Option<Item<'a>> {
    Some(Item::Decimal(match item {
        Item::Integer(number) => Decimal::from_integer(*number),
        Item::Decimal(number) => *number,
        Item::Boolean(truth) => Decimal::from_integer(i64::from(*truth)),
        Item::String(text) => Decimal::parse(text)?,
        _ => return None,
    }))
}

/// The text form of any System value.
pub fn to_text<'a>(item: &Item<'a>) -> Option<Item<'a>> {
    Some(match item {
        Item::String(text) => Item::String(text.clone()),
        Item::Boolean(truth) => Item::text(truth.to_string()),
        Item::Integer(number) => Item::text(number.to_string()),
        Item::Decimal(number) => Item::text(number.to_string()),
        Item::Temporal(temporal) => Item::text(temporal.to_string()),
        Item::Quantity(quantity) => Item::text(quantity.to_string()),
        _ => return None,
    })
}

fn to_date<'a>(item: &Item<'a>) -> Option<Item<'a>> {
    Some(Item::Temporal(match item {
        Item::Temporal(temporal) if temporal.kind != Kind::Time => temporal.date(),
        Item::String(text) => Temporal::parse(text)?.date(),
        _ => return None,
    }))
}

fn to_date_time<'a>(item: &Item<'a>) -> Option<Item<'a>> {
    Some(Item::Temporal(match item {
        Item::Temporal(temporal) if temporal.kind != Kind::Time => Temporal { kind: Kind::DateTime, ..*temporal },
        Item::String(text) => Temporal::parse_date_time(text)?,
        _ => return None,
    }))
}

fn to_time<'a>(item: &Item<'a>) -> Option<Item<'a>> {
    Some(Item::Temporal(match item {
        Item::Temporal(temporal) if temporal.kind == Kind::Time => *temporal,
        Item::String(text) => Temporal::parse_time(text)?,
        _ => return None,
    }))
}

fn to_quantity<'a>(item: &Item<'a>) -> Option<Item<'a>> {
    Some(Item::Quantity(match item {
        Item::Quantity(quantity) => quantity.clone(),
        Item::Integer(number) => Quantity::new(Decimal::from_integer(*number), "1"),
        Item::Decimal(number) => Quantity::new(*number, "1"),
        Item::Boolean(truth) => Quantity::new(Decimal::from_integer(i64::from(*truth)), "1"),
        Item::String(text) => Quantity::parse(text)?,
        _ => return None,
    }))
}
