//! Functions that choose, project and order: `where`, `select`, `repeat`, `ofType`, `first`, `skip`, `sort`, `aggregate`, `iif`.

use std::cmp::Ordering;

use super::{Function, function, maybe};
use crate::fhir::fhirpath::{
    EvaluationError, Item,
    ast::{Call, Tree},
    equality,
    evaluate::{self, Evaluator, Items, Outcome, Scope},
    operators, types,
};

pub const FUNCTIONS: &[Function] = &[
    function("where", 1, 1, filter),
    function("select", 1, 1, select),
    function("repeat", 1, 1, repeat),
    function("ofType", 0, 0, of_type),
    function("as", 0, 0, cast),
    function("is", 0, 0, is),
    function("first", 0, 0, |_, items, _, _| maybe(items.first().cloned())),
    function("last", 0, 0, |_, items, _, _| maybe(items.last().cloned())),
    function("tail", 0, 0, |_, items, _, _| Ok(items.get(1..).unwrap_or_default().to_vec())),
    function("single", 0, 0, |_, items, _, _| match items {
        [] => Ok(Vec::new()),
        [item] => Ok(vec![item.clone()]),
        _ => Err(EvaluationError::NotSingle { operation: "single()", count: items.len() }),
    }),
    function("skip", 1, 1, |evaluator, items, call, scope| {
        let count = operators::integer(&evaluator.argument(call, 0, scope)?, "skip()")?.unwrap_or(0);
        Ok(items.iter().skip(usize::try_from(count).unwrap_or(0)).cloned().collect())
    }),
    function("take", 1, 1, |evaluator, items, call, scope| {
        let count = operators::integer(&evaluator.argument(call, 0, scope)?, "take()")?.unwrap_or(0);
        Ok(items.iter().take(usize::try_from(count).unwrap_or(0)).cloned().collect())
    }),
    function("iif", 2, 3, iif),
    function("aggregate", 1, 2, aggregate),
    function("sort", 0, 8, sort),
    function("$this", 0, 0, |_, items, _, _| Ok(items.to_vec())),
];

fn filter<'a>(evaluator: &Evaluator<'a, '_>, items: &[Item<'a>], call: &'a Call, scope: Scope<'_, 'a>) -> Outcome<'a> {
    let mut kept = Vec::new();
    for (index, item) in items.iter().enumerate() {
        for criterion in &call.arguments {
            if evaluate::truth(&evaluator.for_item(criterion, item, index, scope)?, "where()")? == Some(true) {
                kept.push(item.clone());
            }
        }
    }
    Ok(kept)
}

fn project<'a>(evaluator: &Evaluator<'a, '_>, items: &[Item<'a>], call: &'a Call, scope: Scope<'_, 'a>) -> Outcome<'a> {
    let mut found = Vec::new();
    for (index, item) in items.iter().enumerate() {
        for projection in &call.arguments {
            found.extend(evaluator.for_item(projection, item, index, scope)?);
        }
    }
    evaluator.charge(found.len())?;
    Ok(found)
}

fn select<'a>(evaluator: &Evaluator<'a, '_>, items: &[Item<'a>], call: &'a Call, scope: Scope<'_, 'a>) -> Outcome<'a> {
    project(evaluator, items, call, scope)
}

/// Items reached twice are kept once; nodes of the data are told apart by place, so that equal structures stay.
fn repeat<'a>(evaluator: &Evaluator<'a, '_>, items: &[Item<'a>], call: &'a Call, scope: Scope<'_, 'a>) -> Outcome<'a> {
    let mut all: Items<'a> = Vec::new();
    let mut current = items.to_vec();
    while !current.is_empty() {
        let mut fresh: Items<'a> = Vec::new();
        for item in project(evaluator, &current, call, scope)? {
            if !equality::holds(evaluator, &all, &item)? {
                all.push(item.clone());
                fresh.push(item);
            }
        }
        current = fresh;
    }
    Ok(all)
}

fn of_type<'a>(evaluator: &Evaluator<'a, '_>, items: &[Item<'a>], call: &'a Call, _: Scope<'_, 'a>) -> Outcome<'a> {
    let Some(name) = &call.type_name else { return Ok(Vec::new()) };
    types::check(evaluator.environment, name)?;
    Ok(items.iter().filter(|item| types::matches(evaluator.environment, item, name, true)).cloned().collect())
}

/// `as` on several items chooses among them, as published search parameters need; strictly it is an error.
fn cast<'a>(evaluator: &Evaluator<'a, '_>, items: &[Item<'a>], call: &'a Call, scope: Scope<'_, 'a>) -> Outcome<'a> {
    if evaluator.environment.strict && items.len() > 1 {
        return Err(EvaluationError::NotSingle { operation: "as()", count: items.len() });
    }
    of_type(evaluator, items, call, scope)
}

fn is<'a>(evaluator: &Evaluator<'a, '_>, items: &[Item<'a>], call: &'a Call, _: Scope<'_, 'a>) -> Outcome<'a> {
    let Some(name) = &call.type_name else { return Ok(Vec::new()) };
    types::check(evaluator.environment, name)?;
    operators::is(evaluator.environment, items, name)
}

fn iif<'a>(evaluator: &Evaluator<'a, '_>, items: &[Item<'a>], call: &'a Call, scope: Scope<'_, 'a>) -> Outcome<'a> {
    if items.len() > 1 {
        return Err(EvaluationError::NotSingle { operation: "iif()", count: items.len() });
    }
    let scope = Scope { this: items, ..scope };
    let condition = evaluator.argument(call, 0, scope)?;
    let holds = match condition.as_slice() {
        [] => false,
        [item] => evaluate::boolean(item)
            .ok_or_else(|| EvaluationError::WrongType { operation: "the condition of iif()", found: item.describe() })?,
        _ => return Err(EvaluationError::NotSingle { operation: "the condition of iif()", count: condition.len() }),
    };
    evaluator.argument(call, if holds { 1 } else { 2 }, scope)
}

fn aggregate<'a>(evaluator: &Evaluator<'a, '_>, items: &[Item<'a>], call: &'a Call, scope: Scope<'_, 'a>) -> Outcome<'a> {
    let mut total = evaluator.argument(call, 1, scope)?;
    let Some(tree) = call.arguments.first() else { return Ok(total) };
    for (index, item) in items.iter().enumerate() {
        total = evaluator.for_item(tree, item, index, Scope { total: Some(&total), ..scope })?;
    }
    Ok(total)
}

fn sort<'a>(evaluator: &Evaluator<'a, '_>, items: &[Item<'a>], call: &'a Call, scope: Scope<'_, 'a>) -> Outcome<'a> {
    let mut keyed = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let mut keys = Vec::new();
        for argument in &call.arguments {
            let (tree, descending) = match argument {
                Tree::Negate(inner) => (&**inner, true),
                tree => (tree, false),
            };
            keys.push((evaluator.for_item(tree, item, index, scope)?.into_iter().next(), descending));
        }
        if keys.is_empty() {
            keys.push((Some(item.clone()), false));
        }
        keyed.push((keys, item.clone()));
    }
    evaluator.charge(items.len().saturating_mul(16))?;
    let mut ordered = Vec::with_capacity(keyed.len());
    for entry in keyed {
        let at = ordered.partition_point(|(keys, _): &(Vec<Key<'a>>, Item<'a>)| compare_keys(keys, &entry.0) != Ordering::Greater);
        evaluator.charge(ordered.len() - at)?;
        ordered.insert(at, entry);
    }
    Ok(ordered.into_iter().map(|(_, item)| item).collect())
}

type Key<'a> = (Option<Item<'a>>, bool);

fn compare_keys(left: &[Key<'_>], right: &[Key<'_>]) -> Ordering {
    for ((left, descending), (right, _)) in left.iter().zip(right) {
        let order = match (left, right) {
            (Some(left), Some(right)) => equality::compare(left, right).ok().flatten().unwrap_or(Ordering::Equal),
            // An absent key counts as greater than any value: last, and first when descending.
            (left, right) => left.is_none().cmp(&right.is_none()),
        };
        if order != Ordering::Equal {
            return if *descending { order.reverse() } else { order };
        }
    }
    Ordering::Equal
}
