//! `encode`, `decode`, `escape`, `unescape`.

use super::{Function, function, maybe};
use crate::fhir::fhirpath::{
    EvaluationError, Item,
    ast::Call,
    evaluate::{Evaluator, Outcome, Scope},
    operators,
};

pub const FUNCTIONS: &[Function] = &[
    function("encode", 1, 1, |e, i, c, s| apply(e, i, c, s, encode)),
    function("decode", 1, 1, |e, i, c, s| apply(e, i, c, s, decode)),
    function("escape", 1, 1, |e, i, c, s| apply(e, i, c, s, escape)),
    function("unescape", 1, 1, |e, i, c, s| apply(e, i, c, s, unescape)),
];

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn apply<'a>(
    evaluator: &Evaluator<'a, '_>,
    items: &[Item<'a>],
    call: &'a Call,
    scope: Scope<'_, 'a>,
    step: fn(&str, &str) -> Option<String>,
) -> Outcome<'a> {
    let form = evaluator.argument(call, 0, scope)?;
    let (Some(text), Some(form)) = (operators::text(items, call.function.name)?, operators::text(&form, call.function.name)?) else {
        return Ok(Vec::new());
    };
    if !matches!(&*form, "hex" | "base64" | "urlbase64" | "html" | "json") {
        return Err(EvaluationError::WrongType { operation: call.function.name, found: format!("the form {form}") });
    }
    evaluator.charge(text.len())?;
    maybe(step(&text, &form).map(Item::text))
}

fn encode(text: &str, form: &str) -> Option<String> {
    match form {
        "hex" => Some(text.bytes().map(|byte| format!("{byte:02x}")).collect()),
        "base64" => Some(to_base64(text.as_bytes())),
        "urlbase64" => Some(to_base64(text.as_bytes()).replace('+', "-").replace('/', "_")),
        _ => None,
    }
}

fn decode(text: &str, form: &str) -> Option<String> {
    let bytes = match form {
        "hex" => {
            let digits: Option<Vec<u8>> = text.chars().map(|sign| sign.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
            digits
                .filter(|digits| digits.len() % 2 == 0)?
                .chunks(2)
                .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
                .collect()
        }
        "base64" => from_base64(text)?,
        "urlbase64" => from_base64(&text.replace('-', "+").replace('_', "/"))?,
        _ => return None,
    };
    String::from_utf8(bytes).ok()
}

fn to_base64(bytes: &[u8]) -> String {
    let mut encoded = String::new();
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().chain([0, 0].iter()).take(3).fold(0u32, |group, byte| group << 8 | u32::from(*byte));
        for place in 0..4 {
            let index = (group >> (18 - 6 * place) & 63) as usize;
            let sign = ALPHABET.get(index).map_or('=', |byte| char::from(*byte));
            encoded.push(if place <= chunk.len() { sign } else { '=' });
        }
    }
    encoded
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    let mut decoded = Vec::new();
    let (mut group, mut bits) = (0u32, 0);
    for sign in text.trim_end_matches('=').bytes() {
        let value = ALPHABET.iter().position(|known| *known == sign)?;
        group = (group << 6 | u32::try_from(value).ok()?) & 0xff_ffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            decoded.push(u8::try_from(group >> bits & 0xff).ok()?);
        }
    }
    Some(decoded)
}

const HTML: [(&str, &str); 5] = [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;"), ("'", "&#39;")];

fn escape(text: &str, form: &str) -> Option<String> {
    match form {
        "html" => Some(HTML.iter().fold(text.to_owned(), |text, (plain, escaped)| text.replace(plain, escaped))),
        "json" => {
            let quoted = serde_json::to_string(text).ok()?;
            Some(quoted.strip_prefix('"')?.strip_suffix('"')?.to_owned())
        }
        _ => None,
    }
}

fn unescape(text: &str, form: &str) -> Option<String> {
    match form {
        "html" => Some(HTML.iter().rev().fold(text.to_owned(), |text, (plain, escaped)| text.replace(escaped, plain))),
        "json" => serde_json::from_str(&format!("\"{text}\"")).ok().or_else(|| Some(text.to_owned())),
        _ => None,
    }
}
