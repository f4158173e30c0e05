//! Functions that ask whether there is something: `exists`, `all`, `count` and their kin.

use super::{Function, function, truth};
use crate::fhir::fhirpath::{
    EvaluationError, Item,
    ast::Call,
    equality,
    evaluate::{self, Evaluator, Outcome, Scope},
};

pub const FUNCTIONS: &[Function] = &[
    function("exists", 0, 1, exists),
    function("empty", 0, 0, |_, items, _, _| truth(items.is_empty())),
    function("not", 0, 0, |_, items, _, _| Ok(evaluate::truth(items, "not()")?.map(|truth| Item::Boolean(!truth)).into_iter().collect())),
    function("all", 1, 1, all),
    function("count", 0, 0, |_, items, _, _| Ok(vec![Item::Integer(i64::try_from(items.len()).unwrap_or(i64::MAX))])),
    function("allTrue", 0, 0, |_, items, _, _| truth(booleans(items)?.iter().all(|truth| *truth))),
    function("anyTrue", 0, 0, |_, items, _, _| truth(booleans(items)?.iter().any(|truth| *truth))),
    function("allFalse", 0, 0, |_, items, _, _| truth(booleans(items)?.iter().all(|truth| !*truth))),
    function("anyFalse", 0, 0, |_, items, _, _| truth(booleans(items)?.iter().any(|truth| !*truth))),
    function("isDistinct", 0, 0, |evaluator, items, _, _| {
        truth(equality::distinct(evaluator, items.iter().cloned())?.len() == items.len())
    }),
    function("subsetOf", 1, 1, |evaluator, items, call, scope| truth(subset(evaluator, items, &evaluator.argument(call, 0, scope)?)?)),
    function("supersetOf", 1, 1, |evaluator, items, call, scope| truth(subset(evaluator, &evaluator.argument(call, 0, scope)?, items)?)),
];

fn exists<'a>(evaluator: &Evaluator<'a, '_>, items: &[Item<'a>], call: &'a Call, scope: Scope<'_, 'a>) -> Outcome<'a> {
    let Some(criterion) = call.arguments.first() else { return truth(!items.is_empty()) };
    for (index, item) in items.iter().enumerate() {
        if evaluate::truth(&evaluator.for_item(criterion, item, index, scope)?, "exists()")? == Some(true) {
            return truth(true);
        }
    }
    truth(false)
}

fn all<'a>(evaluator: &Evaluator<'a, '_>, items: &[Item<'a>], call: &'a Call, scope: Scope<'_, 'a>) -> Outcome<'a> {
    let Some(criterion) = call.arguments.first() else { return truth(true) };
    for (index, item) in items.iter().enumerate() {
        if evaluate::truth(&evaluator.for_item(criterion, item, index, scope)?, "all()")? != Some(true) {
            return truth(false);
        }
    }
    truth(true)
}

fn booleans(items: &[Item<'_>]) -> Result<Vec<bool>, EvaluationError> {
    let wrong = |item: &Item<'_>| EvaluationError::WrongType { operation: "a test of booleans", found: item.describe() };
    items.iter().map(|item| evaluate::boolean(item).ok_or_else(|| wrong(item))).collect()
}

fn subset(evaluator: &Evaluator<'_, '_>, items: &[Item<'_>], of: &[Item<'_>]) -> Result<bool, EvaluationError> {
    for item in items {
        if !equality::holds(evaluator, of, item)? {
            return Ok(false);
        }
    }
    Ok(true)
}
