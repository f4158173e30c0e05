//! Functions on numbers.

use super::{Function, function, maybe};
use crate::fhir::fhirpath::{
    EvaluationError, Item,
    ast::Call,
    boundary,
    decimal::Decimal,
    evaluate::{Evaluator, Outcome, Scope},
    operators,
    temporal::Temporal,
};

pub const FUNCTIONS: &[Function] = &[
    function("abs", 0, 0, abs),
    function("ceiling", 0, 0, |_, items, _, _| whole(items, |number| number.ceiling(0))),
    function("floor", 0, 0, |_, items, _, _| whole(items, |number| number.floor(0))),
    function("truncate", 0, 0, |_, items, _, _| whole(items, Decimal::truncate)),
    function("round", 0, 1, round),
    function("exp", 0, 0, |_, items, _, _| real(items, f64::exp)),
    function("ln", 0, 0, |_, items, _, _| real(items, f64::ln)),
    function("sqrt", 0, 0, |_, items, _, _| real(items, f64::sqrt)),
    function("log", 1, 1, |e, i, c, s| real_pair(e, i, c, s, f64::log)),
    function("power", 1, 1, power),
    function("sum", 0, 0, sum),
    function("lowBoundary", 0, 1, |e, i, c, s| bound(e, i, c, s, false)),
    function("highBoundary", 0, 1, |e, i, c, s| bound(e, i, c, s, true)),
    function("precision", 0, 0, precision),
    function("comparable", 1, 1, comparable),
];

fn number(items: &[Item<'_>]) -> Result<Option<Decimal>, EvaluationError> {
    match operators::single(items, "a function on numbers")? {
        None => Ok(None),
        Some(Item::Integer(number)) => Ok(Some(Decimal::from_integer(number))),
        Some(Item::Decimal(number)) => Ok(Some(number)),
        Some(other) => Err(EvaluationError::WrongType { operation: "a function on numbers", found: other.describe() }),
    }
}

fn whole<'a>(items: &[Item<'a>], step: impl Fn(Decimal) -> Option<Decimal>) -> Outcome<'a> {
    maybe(number(items)?.and_then(step).and_then(Decimal::to_integer).map(Item::Integer))
}

fn real<'a>(items: &[Item<'a>], step: impl Fn(f64) -> f64) -> Outcome<'a> {
    maybe(number(items)?.and_then(|number| Decimal::from_f64(step(number.to_f64()))).map(Item::Decimal))
}

fn real_pair<'a>(
    evaluator: &Evaluator<'a, '_>,
    items: &[Item<'a>],
    call: &'a Call,
    scope: Scope<'_, 'a>,
    step: fn(f64, f64) -> f64,
) -> Outcome<'a> {
    let other = number(&evaluator.argument(call, 0, scope)?)?;
    let pair = number(items)?.zip(other);
    maybe(pair.and_then(|(left, right)| Decimal::from_f64(step(left.to_f64(), right.to_f64()))).map(Item::Decimal))
}

fn power<'a>(evaluator: &Evaluator<'a, '_>, items: &[Item<'a>], call: &'a Call, scope: Scope<'_, 'a>) -> Outcome<'a> {
    let exponent = evaluator.argument(call, 0, scope)?;
    if let (Some(Item::Integer(base)), Some(Item::Integer(exponent))) =
        (operators::single(items, "power()")?, operators::single(&exponent, "power()")?)
        && let Ok(exponent) = u32::try_from(exponent)
    {
        return maybe(base.checked_pow(exponent).map(Item::Integer));
    }
    real_pair(evaluator, items, call, scope, f64::powf)
}

fn abs<'a>(_: &Evaluator<'a, '_>, items: &[Item<'a>], _: &'a Call, _: Scope<'_, 'a>) -> Outcome<'a> {
    match operators::single(items, "abs()")? {
        Some(Item::Integer(number)) => maybe(number.checked_abs().map(Item::Integer)),
        Some(Item::Quantity(quantity)) => maybe(quantity.value.abs().map(|value| Item::Quantity(quantity.with_value(value)))),
        _ => maybe(number(items)?.and_then(Decimal::abs).map(Item::Decimal)),
    }
}

fn round<'a>(evaluator: &Evaluator<'a, '_>, items: &[Item<'a>], call: &'a Call, scope: Scope<'_, 'a>) -> Outcome<'a> {
    let digits = operators::integer(&evaluator.argument(call, 0, scope)?, "round()")?.unwrap_or(0);
    let digits =
        u32::try_from(digits).map_err(|_| EvaluationError::WrongType { operation: "round()", found: "a negative precision".to_owned() })?;
    maybe(number(items)?.and_then(|number| number.round(digits)).map(Item::Decimal))
}

fn sum<'a>(_: &Evaluator<'a, '_>, items: &[Item<'a>], _: &'a Call, _: Scope<'_, 'a>) -> Outcome<'a> {
    let mut total = Decimal::ZERO;
    let mut integers = true;
    for item in items {
        integers &= matches!(item.system(), Some(Item::Integer(_)));
        let Some(sum) = number(std::slice::from_ref(item))?.and_then(|number| total.plus(number)) else { return Ok(Vec::new()) };
        total = sum;
    }
    match total.to_integer() {
        Some(total) if integers => Ok(vec![Item::Integer(total)]),
        _ => Ok(vec![Item::Decimal(total)]),
    }
}

/// The single item, with a text that is a date read as one.
fn measured<'a>(items: &[Item<'a>], operation: &'static str) -> Result<Option<Item<'a>>, EvaluationError> {
    Ok(operators::single(items, operation)?.map(|item| match item {
        Item::String(text) => Temporal::parse(&text).map_or(Item::String(text), Item::Temporal),
        other => other,
    }))
}

fn bound<'a>(evaluator: &Evaluator<'a, '_>, items: &[Item<'a>], call: &'a Call, scope: Scope<'_, 'a>, high: bool) -> Outcome<'a> {
    let digits = operators::integer(&evaluator.argument(call, 0, scope)?, "a boundary")?;
    maybe(match measured(items, "a boundary")? {
        None => None,
        Some(Item::Integer(number)) => boundary::of_decimal(Decimal::from_integer(number), digits, high).map(Item::Decimal),
        Some(Item::Decimal(number)) => boundary::of_decimal(number, digits, high).map(Item::Decimal),
        Some(Item::Quantity(quantity)) => {
            boundary::of_decimal(quantity.value, digits, high).map(|value| Item::Quantity(quantity.with_value(value)))
        }
        Some(Item::Temporal(temporal)) => boundary::of_temporal(temporal, digits, high).map(Item::Temporal),
        Some(other) => return Err(EvaluationError::WrongType { operation: "a boundary", found: other.describe() }),
    })
}

fn precision<'a>(_: &Evaluator<'a, '_>, items: &[Item<'a>], _: &'a Call, _: Scope<'_, 'a>) -> Outcome<'a> {
    maybe(match measured(items, "precision()")? {
        None => None,
        Some(Item::Integer(_)) => Some(Item::Integer(0)),
        Some(Item::Decimal(number)) => Some(Item::Integer(i64::from(number.scale()))),
        Some(Item::Temporal(temporal)) => Some(Item::Integer(boundary::digits_of(&temporal))),
        Some(other) => return Err(EvaluationError::WrongType { operation: "precision()", found: other.describe() }),
    })
}

fn comparable<'a>(evaluator: &Evaluator<'a, '_>, items: &[Item<'a>], call: &'a Call, scope: Scope<'_, 'a>) -> Outcome<'a> {
    let other = evaluator.argument(call, 0, scope)?;
    match (operators::single(items, "comparable()")?, operators::single(&other, "comparable()")?) {
        (Some(Item::Quantity(left)), Some(Item::Quantity(right))) => super::truth(left.comparable(&right)),
        (Some(_), Some(_)) => super::truth(false),
        _ => Ok(Vec::new()),
    }
}
