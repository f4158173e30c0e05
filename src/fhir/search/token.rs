//! Token search (R4 search.html#token).

use std::borrow::Cow;

use super::{Answer, Context, split_unescaped, text, unescape};
use crate::fhir::json::Value;

/// One code that a node holds.
struct Code<'a> {
    system: Option<&'a str>,
    code: Option<Cow<'a, str>>,
    origin: Origin,
}

/// What the code comes from, which decides what a system means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// A code, id, boolean or the like: its system is implied by its definition, which the node does not show.
    Primitive,
    /// A Coding, whose system is a code system.
    Coding,
    /// An Identifier.
    Identifier,
    /// A ContactPoint, whose system is no URI, and which servers may match in ways of their own.
    Contact,
}

impl<'a> Code<'a> {
    fn in_value_sets(self) -> Option<(Option<&'a str>, Cow<'a, str>)> {
        match self.origin {
            Origin::Coding if self.system.is_some() => Some((self.system, self.code?)),
            Origin::Primitive => Some((None, self.code?)),
            _ => None,
        }
    }
}

/// Whether a coded node meets `code`, `system|code`, `|code` or `system|`.
pub fn matches(value: &str, node: &Value, context: &Context<'_>) -> Answer {
    let parts = split_unescaped(value, '|');
    let (system, code) = match parts.as_slice() {
        [code] => (None, unescape(code)),
        [system, code] => (Some(unescape(system)), unescape(code)),
        _ => return Answer::Unknown("the searched value has more than one unescaped |".to_owned()),
    };
    if code.is_empty() && system.as_ref().is_none_or(|system| system.is_empty()) {
        return Answer::Unknown("the searched value is empty".to_owned());
    }
    let mut codes = Vec::new();
    collect(node, &mut codes);
    Answer::any(codes.iter().map(|own| matches_code(system.as_deref(), &code, own, context)))
}

/// Whether a node has the code that is searched by `:above` or `:below`, or one that lies there; a hierarchy of which it is not known what
/// it means tells nothing.
pub fn is_related(value: &str, node: &Value, context: &Context<'_>) -> Answer {
    let exact = matches(value, node, context);
    if exact != Answer::No {
        return exact;
    }
    let parts = split_unescaped(value, '|');
    let [system, code] = parts.as_slice() else {
        return Answer::Unknown("whose hierarchy is meant is not stated".to_owned());
    };
    let (system, code) = (unescape(system), unescape(code));
    let mut codes = Vec::new();
    collect(node, &mut codes);
    Answer::any(codes.iter().map(|own| match (own.origin, own.system, &own.code) {
        (Origin::Coding, Some(other), _) if other != system => Answer::No,
        (Origin::Coding, Some(_), Some(other)) if context.terminology.are_apart(&system, &code, other) => Answer::No,
        (Origin::Identifier | Origin::Contact, ..) => Answer::Unknown("identifiers have no hierarchy".to_owned()),
        _ => Answer::Unknown("where the codes stand to each other is not known".to_owned()),
    }))
}

/// The codes of a node as a value set can be asked about them: with the system, unless the definition of the element implies it; `None` for
/// one that cannot be asked about.
pub fn codes_in_value_sets(node: &Value) -> Vec<Option<(Option<&str>, Cow<'_, str>)>> {
    let mut codes = Vec::new();
    collect(node, &mut codes);
    codes.into_iter().map(Code::in_value_sets).collect()
}

/// Whether each code of a node is in a value set, as far as that is known.
pub fn membership(value_set: &str, node: &Value, context: &Context<'_>) -> Vec<Answer> {
    let held = |(system, code): (Option<&str>, Cow<'_, str>)| context.terminology.holds(value_set, system, &code);
    let unknown = || Answer::Unknown("whether the value set holds the code is not known".to_owned());
    codes_in_value_sets(node).into_iter().map(|own| own.and_then(held).map_or_else(unknown, super::decided)).collect()
}

fn matches_code(system: Option<&str>, code: &str, own: &Code<'_>, context: &Context<'_>) -> Answer {
    let system_answer = match (system, own.origin) {
        (None, _) => Answer::Yes,
        (Some(_), Origin::Primitive) => Answer::Unknown("the code's system is implied by its definition".to_owned()),
        (Some(_), Origin::Contact) => Answer::Unknown("the system of a ContactPoint is no URI".to_owned()),
        (Some(""), Origin::Coding | Origin::Identifier) => super::decided(own.system.is_none()),
        (Some(wanted), Origin::Coding | Origin::Identifier) => super::decided(own.system == Some(wanted)),
    };
    if system_answer == Answer::No {
        return Answer::No;
    }
    match own.code.as_deref() {
        _ if code.is_empty() => system_answer,
        Some(text) if text == code => system_answer,
        Some(text) if is_same_but_for_case(text, code) => match case_counts(own, context) {
            Some(true) => Answer::No,
            Some(false) => system_answer,
            None => Answer::Unknown("only the case differs, which R4 leaves to the code system".to_owned()),
        },
        Some(text) if own.origin == Origin::Contact && text::is_within(code, text) => {
            Answer::Unknown("R4 lets servers match a ContactPoint in part and without its punctuation".to_owned())
        }
        _ => Answer::No,
    }
}

fn is_same_but_for_case(one: &str, other: &str) -> bool {
    if one.is_ascii() && other.is_ascii() { one.eq_ignore_ascii_case(other) } else { one.to_lowercase() == other.to_lowercase() }
}

/// Whether case counts, as far as it is known: R4 leaves it to the code system, but for ids.
fn case_counts(own: &Code<'_>, context: &Context<'_>) -> Option<bool> {
    match own.origin {
        Origin::Primitive => context.ids.then_some(true),
        Origin::Coding => context.terminology.case_sensitive(own.system?),
        Origin::Identifier | Origin::Contact => None,
    }
}

fn collect<'a>(node: &'a Value, codes: &mut Vec<Code<'a>>) {
    let primitive = |code: Cow<'a, str>| Code { system: None, code: Some(code), origin: Origin::Primitive };
    match node {
        Value::String(code) => codes.push(primitive(Cow::Borrowed(code))),
        Value::Bool(value) => codes.push(primitive(Cow::Owned(value.to_string()))),
        Value::Number(value) => codes.push(primitive(Cow::Owned(value.to_string()))),
        Value::Array(items) => items.iter().for_each(|item| collect(item, codes)),
        Value::Object(fields) => {
            if let Some(codings) = fields.get("coding") {
                let codings = codings.as_array().map_or(&[][..], Vec::as_slice);
                codings
                    .iter()
                    .filter(|coding| coding.is_object() && coding.get("coding").is_none())
                    .for_each(|coding| collect(coding, codes));
                return;
            }
            let text = |name: &str| fields.get(name).and_then(Value::as_str);
            let code = text("code").or_else(|| text("value")).map(Cow::Borrowed);
            let is_contact = fields.contains_key("value") && text("system").is_some_and(|system| !system.contains(':'));
            let origin = match text("code") {
                _ if is_contact => Origin::Contact,
                Some(_) => Origin::Coding,
                None => Origin::Identifier,
            };
            if code.is_some() || text("system").is_some() {
                codes.push(Code { system: text("system"), code, origin });
            }
        }
        Value::Null => {}
    }
}
