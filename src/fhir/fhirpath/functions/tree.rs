//! Functions that walk the tree or ask about the item itself: `children`, `descendants`, `type`, `trace`, `now`.

use std::borrow::Cow;

use super::{Function, function};
use crate::fhir::fhirpath::{
    Item,
    ast::Call,
    evaluate::{Evaluator, Items, Outcome, Scope},
    navigation,
    temporal::Temporal,
    types,
};

pub const FUNCTIONS: &[Function] = &[
    function("children", 0, 0, children),
    function("descendants", 0, 0, descendants),
    function("type", 0, 0, type_info),
    function("trace", 1, 2, trace),
    function("now", 0, 0, |evaluator, _, _, _| Ok(vec![Item::Temporal(moment(evaluator))])),
    function("today", 0, 0, |evaluator, _, _, _| Ok(vec![Item::Temporal(moment(evaluator).date())])),
    function("timeOfDay", 0, 0, |evaluator, _, _, _| Ok(vec![Item::Temporal(moment(evaluator).time())])),
];

fn moment(evaluator: &Evaluator<'_, '_>) -> Temporal {
    evaluator.environment.now.unwrap_or_else(Temporal::now)
}

fn children<'a>(evaluator: &Evaluator<'a, '_>, items: &[Item<'a>], _: &'a Call, _: Scope<'_, 'a>) -> Outcome<'a> {
    let mut found = Vec::new();
    for node in items.iter().filter_map(Item::node) {
        navigation::all_children(evaluator, &node, &mut found)?;
    }
    Ok(found)
}

/// Depth first, each item before its own children.
fn descendants<'a>(evaluator: &Evaluator<'a, '_>, items: &[Item<'a>], _: &'a Call, _: Scope<'_, 'a>) -> Outcome<'a> {
    let mut found: Items<'a> = Vec::new();
    let mut open: Items<'a> = items.iter().rev().cloned().collect();
    let mut roots = open.len();
    while let Some(item) = open.pop() {
        let Some(node) = item.node() else { continue };
        let mut below = Vec::new();
        navigation::all_children(evaluator, &node, &mut below)?;
        if open.len() < roots {
            roots = open.len();
        } else {
            found.push(item);
        }
        open.extend(below.into_iter().rev());
    }
    Ok(found)
}

fn type_info<'a>(_: &Evaluator<'a, '_>, items: &[Item<'a>], _: &'a Call, _: Scope<'_, 'a>) -> Outcome<'a> {
    let info = |item: &Item<'a>| match item {
        Item::Node(node) => Some(Item::Type { namespace: "FHIR", name: Cow::Borrowed(types::name_of(node)?) }),
        other => Some(Item::Type { namespace: "System", name: Cow::Owned(other.type_name()?.to_owned()) }),
    };
    Ok(items.iter().filter_map(info).collect())
}

/// Passes the items on. The arguments are evaluated, so that their errors show, and not logged: data may be private.
fn trace<'a>(evaluator: &Evaluator<'a, '_>, items: &[Item<'a>], call: &'a Call, scope: Scope<'_, 'a>) -> Outcome<'a> {
    evaluator.argument(call, 0, scope)?;
    if let Some(projection) = call.arguments.get(1) {
        for (index, item) in items.iter().enumerate() {
            evaluator.for_item(projection, item, index, scope)?;
        }
    }
    Ok(items.to_vec())
}
