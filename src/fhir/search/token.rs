//! Token search (R4 search.html#token).

use serde_json::Value;

use super::{Answer, split_unescaped, unescape};

/// Whether a coded node meets `code`, `system|code`, `|code` or `system|`.
pub fn matches(value: &str, node: &Value) -> Answer {
    let parts = split_unescaped(value, '|');
    let (system, code) = match parts.as_slice() {
        [code] => (None, unescape(code)),
        [system, code] => (Some(unescape(system)), unescape(code)),
        _ => return Answer::No,
    };
    if code.is_empty() && system.as_ref().is_none_or(String::is_empty) {
        return Answer::No;
    }
    let mut codes = Vec::new();
    collect(node, &mut codes);
    let mut differs_in_case = false;
    for (own_system, own_code) in codes {
        let system_fits = match &system {
            None => true,
            Some(wanted) if wanted.is_empty() => own_system.is_none(),
            Some(wanted) => own_system.is_none_or(|own| own == wanted),
        };
        // A bare code or boolean has its system by definition, which this node does not show.
        let implied = own_system.is_none() && system.as_ref().is_some_and(|wanted| !wanted.is_empty());
        if !system_fits {
            continue;
        }
        if code.is_empty() || own_code.as_deref() == Some(code.as_str()) {
            return match (implied, node) {
                (true, Value::String(_) | Value::Bool(_)) => Answer::Unknown("the code's system is implied by its definition".to_owned()),
                (true, _) => Answer::No,
                (false, _) => Answer::Yes,
            };
        }
        differs_in_case |= own_code.is_some_and(|own| own.eq_ignore_ascii_case(&code));
    }
    if differs_in_case { Answer::Unknown("only the case differs, which R4 leaves to the code system".to_owned()) } else { Answer::No }
}

/// Pairs of system and code that a node holds.
fn collect<'a>(node: &'a Value, codes: &mut Vec<(Option<&'a str>, Option<String>)>) {
    match node {
        Value::String(code) => codes.push((None, Some(code.clone()))),
        Value::Bool(value) => codes.push((None, Some(value.to_string()))),
        Value::Number(value) => codes.push((None, Some(value.to_string()))),
        Value::Array(items) => items.iter().for_each(|item| collect(item, codes)),
        Value::Object(fields) => {
            if let Some(codings) = fields.get("coding") {
                collect(codings, codes);
                return;
            }
            let text = |name: &str| fields.get(name).and_then(Value::as_str);
            let code = text("code").or_else(|| text("value"));
            // ContactPoint.system is a code, not a URI: it takes no part in token search.
            let system = text("system").filter(|system| system.contains(':'));
            if code.is_some() || system.is_some() {
                codes.push((system, code.map(str::to_owned)));
            }
        }
        Value::Null => {}
    }
}
