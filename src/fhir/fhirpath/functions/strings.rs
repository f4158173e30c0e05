//! Functions on texts. Positions count characters.

use std::borrow::Cow;

use regex::{Regex, RegexBuilder};

use super::{Function, function, maybe};
use crate::fhir::fhirpath::{
    EvaluationError, Item,
    ast::{Call, Tree},
    evaluate::{Evaluator, Outcome, Scope},
    operators,
};

pub const FUNCTIONS: &[Function] = &[
    function("startsWith", 1, 1, |e, i, c, s| compare(e, i, c, s, |text, part| Item::Boolean(text.starts_with(part)))),
    function("endsWith", 1, 1, |e, i, c, s| compare(e, i, c, s, |text, part| Item::Boolean(text.ends_with(part)))),
    function("contains", 1, 1, |e, i, c, s| compare(e, i, c, s, |text, part| Item::Boolean(text.contains(part)))),
    function("indexOf", 1, 1, |e, i, c, s| compare(e, i, c, s, |text, part| position(text, text.find(part)))),
    function("lastIndexOf", 1, 1, |e, i, c, s| compare(e, i, c, s, |text, part| position(text, text.rfind(part)))),
    function("length", 0, 0, |_, items, _, _| {
        maybe(operators::text(items, "length()")?.map(|text| Item::Integer(i64::try_from(text.chars().count()).unwrap_or(i64::MAX))))
    }),
    function("upper", 0, 0, |_, items, _, _| maybe(operators::text(items, "upper()")?.map(|text| Item::text(text.to_uppercase())))),
    function("lower", 0, 0, |_, items, _, _| maybe(operators::text(items, "lower()")?.map(|text| Item::text(text.to_lowercase())))),
    function("trim", 0, 0, |_, items, _, _| maybe(operators::text(items, "trim()")?.map(|text| Item::text(text.trim().to_owned())))),
    function("toChars", 0, 0, |evaluator, items, _, _| {
        let text = operators::text(items, "toChars()")?.unwrap_or_default();
        evaluator.charge(text.len())?;
        Ok(text.chars().map(|sign| Item::text(sign.to_string())).collect())
    }),
    function("substring", 1, 2, substring),
    function("replace", 2, 2, replace),
    function("matches", 1, 2, |e, i, c, s| matches(e, i, c, s, false)),
    function("matchesFull", 1, 2, |e, i, c, s| matches(e, i, c, s, true)),
    function("replaceMatches", 2, 3, replace_matches),
    function("split", 1, 1, split),
    function("join", 0, 1, join),
];

fn compare<'a>(
    evaluator: &Evaluator<'a, '_>,
    items: &[Item<'a>],
    call: &'a Call,
    scope: Scope<'_, 'a>,
    answer: fn(&str, &str) -> Item<'a>,
) -> Outcome<'a> {
    let part = evaluator.argument(call, 0, scope)?;
    match (operators::text(items, call.function.name)?, operators::text(&part, call.function.name)?) {
        (Some(text), Some(part)) => {
            evaluator.charge(text.len() / 16)?;
            Ok(vec![answer(&text, &part)])
        }
        _ => Ok(Vec::new()),
    }
}

fn position<'a>(text: &str, byte: Option<usize>) -> Item<'a> {
    let characters = byte.and_then(|at| text.get(..at)).map(|before| before.chars().count());
    Item::Integer(characters.and_then(|count| i64::try_from(count).ok()).unwrap_or(-1))
}

fn substring<'a>(evaluator: &Evaluator<'a, '_>, items: &[Item<'a>], call: &'a Call, scope: Scope<'_, 'a>) -> Outcome<'a> {
    let start = operators::integer(&evaluator.argument(call, 0, scope)?, "substring()")?;
    let length = operators::integer(&evaluator.argument(call, 1, scope)?, "substring()")?;
    let (Some(text), Some(start)) = (operators::text(items, "substring()")?, start) else { return Ok(Vec::new()) };
    let Ok(start) = usize::try_from(start) else { return Ok(Vec::new()) };
    evaluator.charge(text.len() / 16)?;
    if start >= text.chars().count() {
        return Ok(Vec::new());
    }
    let length = length.map_or(usize::MAX, |length| usize::try_from(length).unwrap_or(0));
    Ok(vec![Item::text(text.chars().skip(start).take(length).collect::<String>())])
}

fn replace<'a>(evaluator: &Evaluator<'a, '_>, items: &[Item<'a>], call: &'a Call, scope: Scope<'_, 'a>) -> Outcome<'a> {
    let (pattern, by) = (evaluator.argument(call, 0, scope)?, evaluator.argument(call, 1, scope)?);
    let (pattern, by) = (operators::text(&pattern, "replace()")?, operators::text(&by, "replace()")?);
    let (Some(text), Some(pattern), Some(by)) = (operators::text(items, "replace()")?, pattern, by) else { return Ok(Vec::new()) };
    evaluator.charge(text.len().saturating_mul(by.len().max(1)))?;
    Ok(vec![Item::text(text.replace(&*pattern, &by))])
}

fn compile(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).dot_matches_new_line(true).size_limit(1 << 20).dfa_size_limit(1 << 20).build().ok()
}

/// The pattern of a call: compiled once when it is a literal.
fn pattern<'a>(
    evaluator: &Evaluator<'a, '_>,
    call: &'a Call,
    scope: Scope<'_, 'a>,
    full: bool,
) -> Result<Option<Cow<'a, Regex>>, EvaluationError> {
    let source = |text: &str| if full { format!("^(?:{text})$") } else { text.to_owned() };
    if let Some(Tree::Text(text)) = call.arguments.first() {
        let compiled = call.pattern.get_or_init(|| compile(&source(text)));
        return compiled.as_ref().map(|regex| Some(Cow::Borrowed(regex))).ok_or_else(|| EvaluationError::Pattern(text.clone()));
    }
    let argument = evaluator.argument(call, 0, scope)?;
    let Some(text) = operators::text(&argument, "a pattern")? else { return Ok(None) };
    evaluator.charge(10_000)?;
    compile(&source(&text)).map(|regex| Some(Cow::Owned(regex))).ok_or_else(|| EvaluationError::Pattern(text.into_owned()))
}

fn matches<'a>(evaluator: &Evaluator<'a, '_>, items: &[Item<'a>], call: &'a Call, scope: Scope<'_, 'a>, full: bool) -> Outcome<'a> {
    let text = operators::text(items, "matches()")?;
    let (Some(text), Some(regex)) = (text, pattern(evaluator, call, scope, full)?) else { return Ok(Vec::new()) };
    evaluator.charge(text.len() / 4)?;
    Ok(vec![Item::Boolean(regex.is_match(&text))])
}

fn replace_matches<'a>(evaluator: &Evaluator<'a, '_>, items: &[Item<'a>], call: &'a Call, scope: Scope<'_, 'a>) -> Outcome<'a> {
    let by = evaluator.argument(call, 1, scope)?;
    let (text, by) = (operators::text(items, "replaceMatches()")?, operators::text(&by, "replaceMatches()")?);
    let (Some(text), Some(by), Some(regex)) = (text, by, pattern(evaluator, call, scope, false)?) else { return Ok(Vec::new()) };
    if regex.as_str().is_empty() {
        return Ok(vec![Item::String(text)]);
    }
    evaluator.charge(text.len().saturating_mul(by.len().max(1)))?;
    Ok(vec![Item::text(regex.replace_all(&text, &*by).into_owned())])
}

fn split<'a>(evaluator: &Evaluator<'a, '_>, items: &[Item<'a>], call: &'a Call, scope: Scope<'_, 'a>) -> Outcome<'a> {
    let separator = evaluator.argument(call, 0, scope)?;
    let (Some(text), Some(separator)) = (operators::text(items, "split()")?, operators::text(&separator, "split()")?) else {
        return Ok(Vec::new());
    };
    evaluator.charge(text.len())?;
    Ok(text.split(&*separator).map(|part| Item::text(part.to_owned())).collect())
}

fn join<'a>(evaluator: &Evaluator<'a, '_>, items: &[Item<'a>], call: &'a Call, scope: Scope<'_, 'a>) -> Outcome<'a> {
    let separator = evaluator.argument(call, 0, scope)?;
    let separator = operators::text(&separator, "join()")?.unwrap_or_default();
    let mut joined = String::new();
    for item in items {
        if let Some(text) = operators::text(std::slice::from_ref(item), "join()")? {
            if !joined.is_empty() || !std::ptr::eq(item, items.first().unwrap_or(item)) {
                joined.push_str(&separator);
            }
            evaluator.charge(text.len() + separator.len())?;
            joined.push_str(&text);
        }
    }
    Ok(vec![Item::text(joined)])
}
