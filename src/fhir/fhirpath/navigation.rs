//! From an element to its children, with their types.

use super::{
    EvaluationError, Item, Node,
    ast::Child,
    evaluate::{Evaluator, Items, Outcome},
    types,
};
use crate::fhir::json::{Map, Value};

/// The first name of a path: a leading type name stands for the focus itself.
pub fn start<'a>(evaluator: &Evaluator<'a, '_>, items: &[Item<'a>], child: &'a Child) -> Outcome<'a> {
    if child.name.starts_with(|sign: char| sign.is_ascii_uppercase()) {
        let of_type = |item: &Item<'a>| {
            item.node().and_then(|node| node.type_name).is_some_and(|name| types::is_subtype(evaluator.environment, name, &child.name))
        };
        let found: Items<'a> = items.iter().filter(|item| of_type(item)).cloned().collect();
        if !found.is_empty() {
            return Ok(found);
        }
        // The branch of a search parameter for another type: elements have names of small letters, unless the data is none of FHIR.
        if !evaluator.environment.strict && !items.iter().any(has_capital_name) {
            evaluator.charge(items.len())?;
            return Ok(found);
        }
    }
    children(evaluator, items, child, Extent::All)
}

fn has_capital_name(item: &Item<'_>) -> bool {
    let structures = item.node().into_iter().flat_map(|node| [node.value, node.companion]).flatten();
    let mut names = structures.filter_map(Value::as_object).flat_map(Map::keys);
    names.any(|name| name.trim_start_matches('_').starts_with(|sign: char| sign.is_ascii_uppercase()))
}

/// How much of an answer is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    All,
    /// Enough to tell whether there is any: what follows asks only that.
    Some,
}

pub fn children<'a>(evaluator: &Evaluator<'a, '_>, items: &[Item<'a>], child: &'a Child, extent: Extent) -> Outcome<'a> {
    let mut found = Vec::new();
    let mut foreign = 0;
    for item in items {
        match item {
            Item::Node(node) => {
                foreign += usize::from(push_named(evaluator, node, child, &mut found));
            }
            Item::Type { namespace, name } => match child.name.as_str() {
                "namespace" => found.push(Item::text(*namespace)),
                "name" => found.push(Item::String(name.clone())),
                _ => {}
            },
            Item::Quantity(quantity) => match child.name.as_str() {
                "value" => found.push(Item::Decimal(quantity.value)),
                "unit" | "code" => found.push(Item::String(quantity.unit.clone())),
                _ => {}
            },
            _ => {}
        }
        if extent == Extent::Some && !found.is_empty() {
            break;
        }
    }
    evaluator.charge(items.len() + found.len())?;
    if foreign > 0 && foreign == items.len() && evaluator.environment.strict {
        refuse_unknown(evaluator, items, child)?;
    }
    Ok(found)
}

/// Adds the children of that name; true when the model should be asked whether the name exists at all.
fn push_named<'a>(evaluator: &Evaluator<'a, '_>, node: &Node<'a>, child: &'a Child, found: &mut Items<'a>) -> bool {
    let name = child.name.as_str();
    let structure = match node.value {
        Some(value @ Value::Object(_)) => Some(value),
        _ => node.companion,
    };
    let Some(Value::Object(fields)) = structure else { return false };
    let declared = declared_type(evaluator, node, name);
    let value = fields.get(name);
    let companion = match value {
        Some(Value::Object(_)) => None,
        Some(Value::Array(values)) if matches!(values.first(), Some(Value::Object(_))) => None,
        _ => fields.get(&child.companion),
    };
    if value.is_some() || companion.is_some() {
        let type_name = declared.filter(|name| *name != "Element").or_else(|| fallback_type(node, name));
        push_property(value, companion, type_name, found);
        return declared.is_none();
    }
    if declared.is_none_or(|declared| declared == "Element") {
        push_choice(fields, name, found);
    }
    declared.is_none()
}

fn declared_type<'a>(evaluator: &Evaluator<'a, '_>, node: &Node<'a>, name: &str) -> Option<&'a str> {
    evaluator.environment.model?.child_type(node.type_name?, name)
}

/// Adds the choice element `name[x]`, whichever type it has in the data.
fn push_choice<'a>(fields: &'a Map, name: &str, found: &mut Items<'a>) {
    for (key, value) in fields {
        let (plain, is_companion) = key.strip_prefix('_').map_or((key.as_str(), false), |plain| (plain, true));
        let Some(suffix) = plain.strip_prefix(name) else { continue };
        let Some(type_name) = types::of_suffix(suffix) else { continue };
        if is_companion {
            if !fields.contains_key(plain) {
                push_property(None, Some(value), Some(type_name), found);
            }
        } else {
            let companion = if types::is_primitive(type_name) { fields.get(&format!("_{key}")) } else { None };
            push_property(Some(value), companion, Some(type_name), found);
        }
    }
}

/// Items of one type that has no such element show a mistake; a mixed bag, as from `descendants()`, does not.
fn refuse_unknown(evaluator: &Evaluator<'_, '_>, items: &[Item<'_>], child: &Child) -> Result<(), EvaluationError> {
    let type_of = |item: &Item<'_>| item.node().and_then(|node| node.type_name.map(str::to_owned));
    let Some(parent) = items.first().and_then(type_of).filter(|_| evaluator.environment.model.is_some()) else { return Ok(()) };
    let mixed = items.iter().any(|item| item.node().and_then(|node| node.type_name) != Some(parent.as_str()));
    if mixed || matches!(child.name.as_str(), "extension" | "id" | "resourceType") || types::is_primitive(&parent) {
        return Ok(());
    }
    Err(EvaluationError::UnknownElement { parent, element: child.name.clone() })
}

/// Types that hold without a model.
fn fallback_type(parent: &Node<'_>, name: &str) -> Option<&'static str> {
    Some(match (parent.type_name, name) {
        (_, "extension" | "modifierExtension") => "Extension",
        (Some("Period"), "start" | "end") => "dateTime",
        (Some("Meta"), "lastUpdated") => "instant",
        (_, "meta") => "Meta",
        (_, "text") if parent.value.is_some_and(|value| value.get("resourceType").is_some()) => "Narrative",
        (Some("CodeableConcept"), "coding") => "Coding",
        (Some("Coding"), "code") => "code",
        (Some("Coding" | "Identifier" | "Quantity"), "system") => "uri",
        (_, "contained" | "resource" | "outcome") => "Resource",
        (_, "period") => "Period",
        (_, "birthDate") => "date",
        _ => return types::of_choice_name(name),
    })
}

fn push_property<'a>(value: Option<&'a Value>, companion: Option<&'a Value>, type_name: Option<&'a str>, found: &mut Items<'a>) {
    let count = match (value, companion) {
        (Some(Value::Array(values)), Some(Value::Array(companions))) => values.len().max(companions.len()),
        (Some(Value::Array(values)), _) => values.len(),
        (None, Some(Value::Array(companions))) => companions.len(),
        _ => {
            push_one(value, companion, type_name, found);
            return;
        }
    };
    let at = |list: Option<&'a Value>, index: usize| list.and_then(|list| list.get(index));
    for index in 0..count {
        push_one(at(value, index), at(companion, index), type_name, found);
    }
}

fn push_one<'a>(value: Option<&'a Value>, companion: Option<&'a Value>, type_name: Option<&'a str>, found: &mut Items<'a>) {
    let value = value.filter(|value| !value.is_null());
    let companion = companion.filter(|companion| companion.is_object());
    if value.is_none() && companion.is_none() {
        return;
    }
    let type_name = if type_name == Some("Resource") { value.and_then(types::resource_type) } else { type_name };
    found.push(Item::Node(Node { value, companion, type_name }));
}

/// All children of a node, in JSON order.
pub fn all_children<'a>(evaluator: &Evaluator<'a, '_>, node: &Node<'a>, found: &mut Items<'a>) -> Result<(), EvaluationError> {
    let structure = match node.value {
        Some(value @ Value::Object(_)) => Some(value),
        _ => node.companion,
    };
    let Some(Value::Object(fields)) = structure else { return Ok(()) };
    let before = found.len();
    for (key, value) in fields {
        let (plain, is_companion) = key.strip_prefix('_').map_or((key.as_str(), false), |plain| (plain, true));
        if key == "resourceType" || (is_companion && fields.contains_key(plain)) {
            continue;
        }
        let type_name = declared_type(evaluator, node, plain).filter(|name| *name != "Element").or_else(|| fallback_type(node, plain));
        if is_companion {
            push_property(None, Some(value), type_name, found);
        } else {
            push_property(Some(value), fields.get(&format!("_{key}")), type_name, found);
        }
    }
    evaluator.charge(fields.len() + found.len() - before)
}
