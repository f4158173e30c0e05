//! Search modifiers (R4 search.html#modifiers).

use super::{Answer, Context, Kind, decided, matches, reference, split_unescaped, text, token, unescape};
use crate::fhir::json::Value;

/// Whether the nodes that a parameter selects from one resource meet a search value with a modifier, given without its colon.
pub fn matches_modified(kind: Kind, modifier: &str, value: &str, nodes: &[&Value], context: &Context<'_>) -> Answer {
    match (kind, modifier) {
        (_, "missing") => missing(value, nodes),
        (Kind::Token, "not") => not(value, nodes, context),
        (Kind::String, "exact") => any(value, nodes, text::equals),
        (Kind::String, "contains") => any(value, nodes, text::contains),
        (Kind::Token, "text") => any(value, nodes, display),
        (Kind::Token, "above" | "below") => any(value, nodes, |value, node| token::is_related(value, node, context)),
        (Kind::Token, "in") => any(value, nodes, |value, node| Answer::any(token::membership(&unescape(value), node, context))),
        (Kind::Token, "not-in") => not_in(value, nodes, context),
        (Kind::Token, "of-type") => any(value, nodes, |value, node| of_type(value, node, context)),
        (Kind::Reference, "identifier") => any(value, nodes, |value, node| match node.get("identifier") {
            Some(identifier) => token::matches(value, identifier, context),
            None => Answer::No,
        }),
        (Kind::Reference, resource_type) if resource_type.starts_with(|first: char| first.is_ascii_uppercase()) => {
            any(value, nodes, |value, node| typed(resource_type, value, node, context))
        }
        (Kind::Uri, "below") => any(value, nodes, |value, node| node.as_str().map_or(Answer::No, |own| below(&unescape(value), own))),
        (Kind::Uri, "above") => any(value, nodes, |value, node| node.as_str().map_or(Answer::No, |own| below(own, &unescape(value)))),
        _ => Answer::Unknown(format!("what :{modifier} selects cannot be told without the server's terminology or rules")),
    }
}

/// Alternatives over nodes.
fn any(value: &str, nodes: &[&Value], one: impl Fn(&str, &Value) -> Answer) -> Answer {
    let alternatives = split_unescaped(value, ',');
    Answer::any(alternatives.iter().flat_map(|alternative| nodes.iter().map(|node| one(alternative, node))))
}

fn missing(value: &str, nodes: &[&Value]) -> Answer {
    match value {
        "true" => decided(nodes.is_empty()),
        "false" => decided(!nodes.is_empty()),
        _ => Answer::Unknown(":missing takes true or false".to_owned()),
    }
}

/// All resources without a matching code, those without any code included.
fn not(value: &str, nodes: &[&Value], context: &Context<'_>) -> Answer {
    if split_unescaped(value, ',').len() > 1 {
        return Answer::Unknown("R4 does not say how :not and alternatives go together".to_owned());
    }
    matches(Kind::Token, value, nodes, context).negated()
}

/// What has codes, none of which is in the value set. R4 does not say it of what has no code, or one inside and one outside.
fn not_in(value: &str, nodes: &[&Value], context: &Context<'_>) -> Answer {
    let value_set = unescape(value);
    let held: Vec<Answer> = nodes.iter().flat_map(|node| token::membership(&value_set, node, context)).collect();
    match held.first() {
        Some(first) if held.iter().all(|answer| answer == first) => first.clone().negated(),
        Some(_) => Answer::Unknown("R4 does not say how :not-in and several codes go together".to_owned()),
        None => Answer::Unknown("R4 does not say whether :not-in finds what has no code".to_owned()),
    }
}

/// The text of a concept, a coding or the type of an identifier. A server may know displays that the record does not state.
fn display(value: &str, node: &Value) -> Answer {
    let concept = node.get("type").filter(|_| node.get("coding").is_none()).unwrap_or(node);
    let codings = concept.get("coding").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let codings = codings.iter().chain(std::iter::once(concept).filter(|concept| concept.get("code").is_some()));
    let mut answers: Vec<Answer> = concept.get("text").map(|own| text::matches_string(value, own)).into_iter().collect();
    for coding in codings {
        answers.push(match coding.get("display") {
            Some(own) => text::matches_string(value, own),
            None => Answer::Unknown("the coding states no display, which the server may know".to_owned()),
        });
    }
    Answer::any(answers)
}

/// `system|code|value`: the type and the value of an Identifier.
fn of_type(value: &str, node: &Value, context: &Context<'_>) -> Answer {
    let parts = split_unescaped(value, '|');
    let [system, code, wanted] = parts.as_slice() else {
        return Answer::Unknown(":of-type takes system|code|value".to_owned());
    };
    if system.is_empty() || code.is_empty() || wanted.is_empty() {
        return Answer::Unknown(":of-type takes system|code|value, all stated".to_owned());
    }
    let Some(kind) = node.get("type") else { return Answer::No };
    let type_answer = token::matches(&format!("{system}|{code}"), kind, context);
    // Only the value: its own system takes no part here.
    let value_answer = node.get("value").map_or(Answer::No, |own| token::matches(wanted, own, context));
    Answer::all([type_answer, value_answer])
}

/// `param:Type=id`, which is `param=Type/id`.
fn typed(resource_type: &str, value: &str, node: &Value, context: &Context<'_>) -> Answer {
    if value.contains('/') {
        return Answer::Unknown("R4 joins a type modifier with a bare id only".to_owned());
    }
    reference::matches(&format!("{resource_type}/{value}"), node, context)
}

/// Whether `own` lies at or below `wanted` by whole path segments.
fn below(wanted: &str, own: &str) -> Answer {
    if !wanted.contains("://") || !own.contains("://") {
        return Answer::Unknown("only URLs have a hierarchy".to_owned());
    }
    match own.strip_prefix(wanted) {
        Some(rest) if rest.is_empty() || rest.starts_with('/') || wanted.ends_with('/') => Answer::Yes,
        Some(_) => Answer::Unknown("the URL goes on within the same segment".to_owned()),
        None => decided(own.strip_suffix('/') == Some(wanted) || wanted.strip_suffix('/') == Some(own)),
    }
}
