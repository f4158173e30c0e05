//! The operators, three-valued where logic is concerned.

use std::{borrow::Cow, cmp::Ordering};

use super::{
    Environment, EvaluationError, Item,
    ast::{Operator, Tree, TypeName},
    decimal::Decimal,
    equality,
    evaluate::{Evaluator, Outcome, Scope, truth},
    quantity::Quantity,
    types,
};
use crate::fhir::json::Value;

/// The only item, as a System value; `Ok(None)` for an empty collection.
pub fn single<'a>(items: &[Item<'a>], operation: &'static str) -> Result<Option<Item<'a>>, EvaluationError> {
    match items {
        [] => Ok(None),
        [item] => Ok(Some(item.system().unwrap_or_else(|| item.clone()))),
        _ => Err(EvaluationError::NotSingle { operation, count: items.len() }),
    }
}

/// The only item as an integer.
pub fn integer(items: &[Item<'_>], operation: &'static str) -> Result<Option<i64>, EvaluationError> {
    match single(items, operation)? {
        None => Ok(None),
        Some(Item::Integer(number)) => Ok(Some(number)),
        Some(other) => Err(EvaluationError::WrongType { operation, found: other.describe() }),
    }
}

/// The only item as a text.
pub fn text<'a>(items: &[Item<'a>], operation: &'static str) -> Result<Option<Cow<'a, str>>, EvaluationError> {
    match items {
        [] => return Ok(None),
        [Item::String(text)] => return Ok(Some(text.clone())),
        [Item::Node(node)] => match node.value {
            Some(Value::String(text)) => return Ok(Some(Cow::Borrowed(text))),
            None => return Ok(None),
            _ => {}
        },
        [_] => {}
        _ => return Err(EvaluationError::NotSingle { operation, count: items.len() }),
    }
    Err(EvaluationError::WrongType { operation, found: items.first().map(Item::describe).unwrap_or_default() })
}

fn wrong<'a>(operation: &'static str, left: &Item<'_>, right: &Item<'_>) -> Outcome<'a> {
    Err(EvaluationError::WrongType { operation, found: format!("{} and {}", left.describe(), right.describe()) })
}

fn truth_item<'a>(truth: Option<bool>) -> Outcome<'a> {
    Ok(truth.map(Item::Boolean).into_iter().collect())
}

pub fn is<'a>(environment: &Environment<'a>, items: &[Item<'a>], name: &TypeName) -> Outcome<'a> {
    match items {
        [] => Ok(Vec::new()),
        [item] => Ok(vec![Item::Boolean(types::matches(environment, item, name, false))]),
        _ => Err(EvaluationError::NotSingle { operation: "is", count: items.len() }),
    }
}

pub fn negate<'a>(items: &[Item<'a>]) -> Outcome<'a> {
    let negated = match single(items, "-")? {
        None => return Ok(Vec::new()),
        Some(Item::Integer(number)) => number.checked_neg().map(Item::Integer),
        Some(Item::Decimal(number)) => number.negate().map(Item::Decimal),
        Some(Item::Quantity(quantity)) => quantity.value.negate().map(|value| Item::Quantity(quantity.with_value(value))),
        Some(other) => return Err(EvaluationError::WrongType { operation: "-", found: other.describe() }),
    };
    Ok(negated.into_iter().collect())
}

pub fn binary<'a>(evaluator: &Evaluator<'a, '_>, operator: Operator, left: &'a Tree, right: &'a Tree, scope: Scope<'_, 'a>) -> Outcome<'a> {
    if matches!(operator, Operator::And | Operator::Or | Operator::Xor | Operator::Implies) {
        return logic(evaluator, operator, left, right, scope);
    }
    if operator == Operator::Union {
        return union(evaluator, left, right, scope);
    }
    let left = evaluator.evaluate(left, scope)?;
    let right = evaluator.evaluate(right, scope)?;
    match operator {
        Operator::Equal | Operator::NotEqual => {
            evaluator.charge(left.len())?;
            truth_item(equality::equal_collections(&left, &right).map(|equal| equal == (operator == Operator::Equal)))
        }
        Operator::Equivalent | Operator::NotEquivalent => {
            let same = equality::equivalent_collections(evaluator, &left, &right)?;
            truth_item(Some(same == (operator == Operator::Equivalent)))
        }
        Operator::In => membership(evaluator, &left, &right),
        Operator::Contains => membership(evaluator, &right, &left),
        Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => order(operator, &left, &right),
        Operator::Concatenate => {
            let (left, right) = (text(&left, "&")?.unwrap_or_default(), text(&right, "&")?.unwrap_or_default());
            evaluator.charge(left.len() + right.len())?;
            Ok(vec![Item::text(format!("{left}{right}"))])
        }
        _ => match (single(&left, "arithmetic")?, single(&right, "arithmetic")?) {
            (Some(left), Some(right)) => arithmetic(evaluator, operator, &left, &right),
            _ => Ok(Vec::new()),
        },
    }
}

/// A search parameter has a branch for each of many types, of which mostly one finds something: what has no repeats is not looked through.
fn union<'a>(evaluator: &Evaluator<'a, '_>, left: &'a Tree, right: &'a Tree, scope: Scope<'_, 'a>) -> Outcome<'a> {
    let is_distinct = |tree: &Tree, items: &[Item<'_>]| items.len() < 2 || matches!(tree, Tree::Binary { operator: Operator::Union, .. });
    let ones = evaluator.evaluate(left, scope)?;
    let others = evaluator.evaluate(right, scope)?;
    if others.is_empty() && is_distinct(left, &ones) {
        return Ok(ones);
    }
    if ones.is_empty() && is_distinct(right, &others) {
        return Ok(others);
    }
    equality::distinct(evaluator, ones.into_iter().chain(others))
}

/// An operand that cannot be decided leaves the whole open only when the other operand does not settle it.
fn logic<'a>(evaluator: &Evaluator<'a, '_>, operator: Operator, left: &'a Tree, right: &'a Tree, scope: Scope<'_, 'a>) -> Outcome<'a> {
    let operand = |tree| evaluator.evaluate(tree, scope).and_then(|items| truth(&items, "a logical operator"));
    let settled = |truth: bool| match operator {
        Operator::And => (!truth).then_some(false),
        Operator::Or => truth.then_some(true),
        _ => None,
    };
    let left = match operand(left) {
        Ok(Some(truth)) if settled(truth).is_some() => return truth_item(settled(truth)),
        Ok(Some(false)) if operator == Operator::Implies => return truth_item(Some(true)),
        Err(error @ EvaluationError::Undecidable(_)) => {
            return match operand(right)? {
                Some(truth) if settled(truth).is_some() => truth_item(settled(truth)),
                Some(true) if operator == Operator::Implies => truth_item(Some(true)),
                _ => Err(error),
            };
        }
        other => other?,
    };
    let right = operand(right)?;
    truth_item(match (operator, left, right) {
        (Operator::And, Some(left), Some(right)) => Some(left && right),
        (Operator::Or, Some(left), Some(right)) => Some(left || right),
        (Operator::Xor, Some(left), Some(right)) => Some(left != right),
        (Operator::Implies, Some(left), Some(right)) => Some(!left || right),
        (Operator::Implies, None, Some(true)) => Some(true),
        (Operator::And | Operator::Or, None, Some(right)) => settled(right),
        _ => None,
    })
}

fn membership<'a>(evaluator: &Evaluator<'a, '_>, item: &[Item<'a>], items: &[Item<'a>]) -> Outcome<'a> {
    match item {
        [] => Ok(Vec::new()),
        [item] => truth_item(Some(equality::holds(evaluator, items, item)?)),
        _ => Err(EvaluationError::NotSingle { operation: "in or contains", count: item.len() }),
    }
}

fn order<'a>(operator: Operator, left: &[Item<'a>], right: &[Item<'a>]) -> Outcome<'a> {
    let (left, right) = match (left, right) {
        ([], _) | (_, []) => return Ok(Vec::new()),
        ([left], [right]) => (left, right),
        _ => return Err(EvaluationError::NotSingle { operation: "a comparison", count: left.len().max(right.len()) }),
    };
    let wanted = |ordering: Ordering| match operator {
        Operator::Less => ordering.is_lt(),
        Operator::LessOrEqual => ordering.is_le(),
        Operator::Greater => ordering.is_gt(),
        _ => ordering.is_ge(),
    };
    truth_item(equality::compare(left, right)?.map(wanted))
}

fn decimal(item: &Item<'_>) -> Option<Decimal> {
    match item {
        Item::Integer(number) => Some(Decimal::from_integer(*number)),
        Item::Decimal(number) => Some(*number),
        _ => None,
    }
}

fn arithmetic<'a>(evaluator: &Evaluator<'a, '_>, operator: Operator, left: &Item<'a>, right: &Item<'a>) -> Outcome<'a> {
    let result = match (left, right) {
        (Item::Integer(left), Item::Integer(right)) if operator != Operator::Divide => integers(operator, *left, *right).map(Item::Integer),
        (Item::String(left), Item::String(right)) if operator == Operator::Add => {
            evaluator.charge(left.len() + right.len())?;
            Some(Item::text(format!("{left}{right}")))
        }
        (Item::Temporal(temporal), Item::Quantity(quantity)) if matches!(operator, Operator::Add | Operator::Subtract) => {
            let Some(unit) = quantity.calendar_unit() else { return wrong("date arithmetic", left, right) };
            let amount = if operator == Operator::Add { Some(quantity.value) } else { quantity.value.negate() };
            amount.and_then(|amount| temporal.add(amount, unit)).map(Item::Temporal)
        }
        (Item::String(text), Item::Quantity(_)) if super::temporal::Temporal::parse(text).is_some() => {
            let temporal = super::temporal::Temporal::parse(text).map(Item::Temporal);
            return temporal.map_or_else(|| wrong("arithmetic", left, right), |left| arithmetic(evaluator, operator, &left, right));
        }
        (Item::Quantity(left_quantity), Item::Quantity(right_quantity)) => match operator {
            Operator::Add => left_quantity.add(right_quantity),
            Operator::Subtract => right_quantity.value.negate().and_then(|value| left_quantity.add(&right_quantity.with_value(value))),
            Operator::Multiply => left_quantity.multiply(right_quantity),
            Operator::Divide => left_quantity.divide(right_quantity),
            _ => return wrong("arithmetic", left, right),
        }
        .map(Item::Quantity),
        (Item::Quantity(quantity), number) if decimal(number).is_some() => scaled(operator, quantity, decimal(number)),
        (number, Item::Quantity(quantity)) if decimal(number).is_some() && operator == Operator::Multiply => {
            scaled(operator, quantity, decimal(number))
        }
        _ => match (decimal(left), decimal(right)) {
            (Some(left), Some(right)) => decimals(operator, left, right),
            _ => return wrong("arithmetic", left, right),
        },
    };
    Ok(result.into_iter().collect())
}

fn integers(operator: Operator, left: i64, right: i64) -> Option<i64> {
    match operator {
        Operator::Add => left.checked_add(right),
        Operator::Subtract => left.checked_sub(right),
        Operator::Multiply => left.checked_mul(right),
        Operator::Div => left.checked_div(right),
        Operator::Mod => left.checked_rem(right),
        _ => None,
    }
}

fn decimals<'a>(operator: Operator, left: Decimal, right: Decimal) -> Option<Item<'a>> {
    match operator {
        Operator::Add => left.plus(right),
        Operator::Subtract => left.minus(right),
        Operator::Multiply => left.multiply(right),
        Operator::Divide => left.divide(right),
        Operator::Mod => left.remainder(right),
        Operator::Div => return left.divide_whole(right).map(Item::Integer),
        _ => None,
    }
    .map(Item::Decimal)
}

fn scaled<'a>(operator: Operator, quantity: &Quantity<'a>, number: Option<Decimal>) -> Option<Item<'a>> {
    let value = match operator {
        Operator::Multiply => quantity.value.multiply(number?),
        Operator::Divide => quantity.value.divide(number?),
        _ => None,
    }?;
    Some(Item::Quantity(quantity.with_value(value)))
}
