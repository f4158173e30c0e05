//! Functions that FHIR adds: extensions, `resolve`, `memberOf`, `conformsTo`, `htmlChecks`, `hasValue`.

use super::{Function, function, maybe, truth};
use crate::fhir::fhirpath::{
    EvaluationError, Item, Node,
    ast::Call,
    evaluate::{Evaluator, Outcome, Scope},
    operators,
};
use crate::fhir::json::Value;
use crate::fhir::narrative;

/// Bytes of narrative that count as one step of an evaluation.
const BYTES_A_STEP: usize = 64;

pub const FUNCTIONS: &[Function] = &[
    function("extension", 1, 1, extension),
    function("hasExtension", 1, 1, |e, i, c, s| truth(!extension(e, i, c, s)?.is_empty())),
    function("hasValue", 0, 0, |_, items, _, _| truth(matches!(items, [item] if has_value(item)))),
    function("getValue", 0, 0, |_, items, _, _| match items {
        [item] if has_value(item) => maybe(item.system()),
        _ => Ok(Vec::new()),
    }),
    function("resolve", 0, 0, resolve),
    function("memberOf", 1, 1, member_of),
    function("conformsTo", 1, 1, conforms_to),
    function("htmlChecks", 0, 0, html_checks),
    function("elementDefinition", 0, 0, |_, _, _, _| Ok(Vec::new())),
];

fn has_value(item: &Item<'_>) -> bool {
    match item {
        Item::Node(node) => node.scalar().is_some(),
        _ => true,
    }
}

fn extension<'a>(evaluator: &Evaluator<'a, '_>, items: &[Item<'a>], call: &'a Call, scope: Scope<'_, 'a>) -> Outcome<'a> {
    let url = evaluator.argument(call, 0, scope)?;
    let Some(url) = operators::text(&url, "extension()")? else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for node in items.iter().filter_map(Item::node) {
        let holder = node.value.filter(|value| value.is_object()).or(node.companion);
        let Some(Value::Array(extensions)) = holder.and_then(|holder| holder.get("extension")) else { continue };
        evaluator.charge(extensions.len())?;
        let wanted = extensions.iter().filter(|extension| extension.get("url").and_then(Value::as_str) == Some(&url));
        found.extend(wanted.map(|extension| Item::Node(Node::typed(extension, "Extension"))));
    }
    Ok(found)
}

fn resolve<'a>(evaluator: &Evaluator<'a, '_>, items: &[Item<'a>], _: &'a Call, _: Scope<'_, 'a>) -> Outcome<'a> {
    let mut found = Vec::new();
    for node in items.iter().filter_map(Item::node) {
        let (reference, named) = match node.value {
            Some(Value::String(text)) => (Some(text.as_str()), None),
            Some(value) => (value.get("reference").and_then(Value::as_str), value.get("type").and_then(Value::as_str)),
            None => continue,
        };
        let served = reference.and_then(|reference| evaluator.environment.services?.resolve(reference));
        let resolved = served.or_else(|| match reference.and_then(|reference| reference.strip_prefix('#')) {
            Some(id) => contained(evaluator, id),
            None => {
                let type_name = named.or_else(|| reference.and_then(type_in_reference))?;
                Some(Node { value: None, companion: None, type_name: Some(type_name) })
            }
        });
        evaluator.charge(1)?;
        found.extend(resolved.map(Item::Node));
    }
    Ok(found)
}

/// `#id` in the resource at hand or its container; a bare `#` is the container itself.
fn contained<'a>(evaluator: &Evaluator<'a, '_>, id: &str) -> Option<Node<'a>> {
    let environment = evaluator.environment;
    [environment.root_resource, environment.resource, Some(evaluator.context)].into_iter().flatten().find_map(|holder| {
        if id.is_empty() {
            return Some(holder);
        }
        let resources = holder.field("contained")?.as_array()?;
        resources.iter().find(|resource| resource.get("id").and_then(Value::as_str) == Some(id)).map(Node::resource)
    })
}

/// The resource type that the text of a reference names: `Patient/1`, `https://server/fhir/Patient/1/_history/2`.
fn type_in_reference(reference: &str) -> Option<&str> {
    let plain = reference.split(['?', '#']).next()?;
    let mut parts = plain.rsplit('/');
    let mut id = parts.next()?;
    let mut type_name = parts.next()?;
    if type_name == "_history" {
        id = parts.next()?;
        type_name = parts.next()?;
    }
    let is_type = type_name.starts_with(|sign: char| sign.is_ascii_uppercase()) && type_name.bytes().all(|byte| byte.is_ascii_alphabetic());
    (is_type && !id.is_empty()).then_some(type_name)
}

fn member_of<'a>(evaluator: &Evaluator<'a, '_>, items: &[Item<'a>], call: &'a Call, scope: Scope<'_, 'a>) -> Outcome<'a> {
    let value_set = evaluator.argument(call, 0, scope)?;
    let Some(value_set) = operators::text(&value_set, "memberOf()")? else { return Ok(Vec::new()) };
    match items {
        [] => Ok(Vec::new()),
        [item] => match evaluator.environment.services.and_then(|services| services.member_of(item, &value_set)) {
            Some(member) => truth(member),
            None => Err(EvaluationError::Undecidable(format!("is in the value set {value_set}"))),
        },
        _ => Err(EvaluationError::NotSingle { operation: "memberOf()", count: items.len() }),
    }
}

fn conforms_to<'a>(evaluator: &Evaluator<'a, '_>, items: &[Item<'a>], call: &'a Call, scope: Scope<'_, 'a>) -> Outcome<'a> {
    let profile = evaluator.argument(call, 0, scope)?;
    let Some(profile) = operators::text(&profile, "conformsTo()")? else { return Ok(Vec::new()) };
    match items {
        [] => Ok(Vec::new()),
        [item] => match evaluator.environment.services.and_then(|services| services.conforms_to(item, &profile)) {
            Some(conforms) => truth(conforms),
            None => Err(EvaluationError::Undecidable(format!("conforms to {profile}"))),
        },
        _ => Err(EvaluationError::NotSingle { operation: "conformsTo()", count: items.len() }),
    }
}

/// Whether narrative is XHTML with content and with nothing that it may not have (FHIR R4 narrative.html, rules txt-1 and txt-2).
fn html_checks<'a>(evaluator: &Evaluator<'a, '_>, items: &[Item<'a>], _: &'a Call, _: Scope<'_, 'a>) -> Outcome<'a> {
    for item in items {
        let Some(text) = item.as_str() else { return truth(false) };
        evaluator.charge(1 + text.len() / BYTES_A_STEP)?;
        // Where a link leads is no matter of these rules: it may be another narrative of the same document.
        if narrative::check(text).iter().any(|problem| problem.rule != "narrative.link") {
            return truth(false);
        }
    }
    truth(true)
}
