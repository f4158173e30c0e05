//! Narratives on their way into XML (R4 narrative.html): XHTML in a JSON string becomes part of the document.

use crate::fhir::json::{Map, Value};

/// Takes away what the writer cannot carry though XHTML allows it; whether there is a narrative anywhere in the resource.
pub fn prepare(resource: &mut Value) -> bool {
    let mut found = false;
    for_each_text(resource, &mut |fields| {
        if let Some(Value::String(div)) = fields.get_mut("text").and_then(|text| text.get_mut("div")) {
            *div = without_entities(&without_language(div)).into();
            found = true;
        }
    });
    found
}

/// Removes all narratives.
pub fn remove(resource: &mut Value) {
    for_each_text(resource, &mut |fields| {
        if fields.get("text").is_some_and(|text| text.get("div").is_some()) {
            fields.shift_remove("text");
        }
    });
}

/// Calls `visit` with every resource in a resource, itself included. The depth of `value` is bounded by the caller.
fn for_each_text(value: &mut Value, visit: &mut dyn FnMut(&mut Map)) {
    match value {
        Value::Object(fields) => {
            if fields.contains_key("resourceType") {
                visit(fields);
            }
            fields.values_mut().for_each(|field| for_each_text(field, visit));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| for_each_text(item, visit)),
        _ => {}
    }
}

/// The text without `xml:lang` in its first tag; `lang` says the same there.
fn without_language(div: &str) -> String {
    let (tag, rest) = div.split_at(div.find('>').unwrap_or(div.len()));
    let Some((before, attribute)) = tag.split_once(" xml:lang=") else { return div.to_owned() };
    let mut characters = attribute.chars();
    let end = match characters.next() {
        Some(quote @ ('"' | '\'')) => characters.as_str().split_once(quote).map(|(_, after)| after),
        _ => None,
    };
    end.map_or_else(|| div.to_owned(), |after| format!("{before}{after}{rest}"))
}

/// The text without references that XML has no definition of: HTML's space as its number, any other spelt out.
fn without_entities(div: &str) -> String {
    let mut parts = div.split('&');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let name = part.split_once(';').map_or("", |(name, _)| name);
        let digits = name.strip_prefix('#').unwrap_or_default();
        let is_number = match digits.strip_prefix('x') {
            Some(digits) => !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
            None => !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()),
        };
        if let Some(rest) = part.strip_prefix("nbsp;") {
            plain.push_str("&#160;");
            plain.push_str(rest);
            continue;
        }
        plain.push_str(if is_number || matches!(name, "lt" | "gt" | "amp" | "quot" | "apos") { "&" } else { "&amp;" });
        plain.push_str(part);
    }
    plain
}
