//! String and uri search (R4 search.html#string, #uri).

use super::{Answer, decided, unescape};
use crate::fhir::json::Value;

/// Whether text, a HumanName or an Address starts with a value, whatever case and accents.
pub fn matches_string(value: &str, node: &Value) -> Answer {
    let wanted = fold(&unescape(value));
    if wanted.trim().is_empty() {
        return Answer::Unknown("the searched value is empty".to_owned());
    }
    let texts = texts(node);
    if texts.iter().any(|text| fold(text).starts_with(&wanted)) {
        return Answer::Yes;
    }
    left_to_server(&wanted, &texts)
}

/// Whether text, or a part of a HumanName or an Address, holds a value anywhere (modifier `:contains`).
pub fn contains(value: &str, node: &Value) -> Answer {
    let wanted = fold(&unescape(value));
    if wanted.trim().is_empty() {
        return Answer::Unknown("the searched value is empty".to_owned());
    }
    let texts = texts(node);
    if texts.iter().any(|text| fold(text).contains(&wanted)) {
        return Answer::Yes;
    }
    left_to_server(&wanted, &texts)
}

/// Whether text, or a part of a HumanName or an Address, is a value to the letter (modifier `:exact`).
pub fn equals(value: &str, node: &Value) -> Answer {
    let wanted = unescape(value);
    let texts = texts(node);
    if texts.iter().any(|text| **text == wanted) {
        return Answer::Yes;
    }
    // A name or an address as a whole is put together by the server.
    match node {
        Value::Object(_) if wanted.contains(' ') => left_to_server(&fold(&wanted), &texts),
        _ => Answer::No,
    }
}

/// Whether a uri equals a value.
pub fn matches_uri(value: &str, node: &Value) -> Answer {
    let wanted = unescape(value);
    let Some(own) = node.as_str() else { return Answer::No };
    if own.split_once('|').is_some_and(|(url, _)| url == wanted) {
        return Answer::Unknown("the record's canonical has a version, the searched one has none".to_owned());
    }
    decided(own == wanted)
}

/// Whether `part` stands in `whole` once punctuation, spaces, case and accents are gone.
pub fn is_within(part: &str, whole: &str) -> bool {
    let (part, whole) = (bare(part), bare(whole));
    !part.is_empty() && whole.contains(&part)
}

/// Servers may compare word by word, without punctuation, with accents of other scripts, or the parts of a name or an address joined in an
/// order of their own.
fn left_to_server(wanted: &str, texts: &[&str]) -> Answer {
    let is_within = |part: &str| texts.iter().any(|text| is_within(part, text));
    if is_within(wanted) || wanted.split_whitespace().any(is_within) {
        return Answer::Unknown("R4 leaves to the server how parts, punctuation and accents are matched".to_owned());
    }
    Answer::No
}

fn texts(node: &Value) -> Vec<&str> {
    const PARTS: [&str; 13] =
        ["text", "family", "given", "prefix", "suffix", "line", "city", "district", "state", "postalCode", "country", "value", "display"];
    match node {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        Value::Object(fields) => {
            let parts = PARTS.iter().filter_map(|part| fields.get(part));
            parts
                .flat_map(|part| part.as_array().map_or_else(|| std::slice::from_ref(part), Vec::as_slice))
                .filter_map(Value::as_str)
                .collect()
        }
        _ => Vec::new(),
    }
}

/// Lower case, with the accents of Latin letters taken away.
fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).filter(|character| !is_combining(*character)).map(without_accent).collect()
}

/// What every way of folding agrees on: plain letters and digits, or in other scripts the letters themselves.
fn bare(text: &str) -> String {
    let letters: String = fold(text).chars().filter(|character| character.is_alphanumeric()).collect();
    let plain: String = letters.chars().filter(char::is_ascii).collect();
    if plain.is_empty() { letters } else { plain }
}

/// Accents that stand as characters of their own after their letter.
fn is_combining(character: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&character)
}

/// The text without its accents or, where it has none, with one on its first vowel.
pub fn with_other_accents(text: &str) -> String {
    let folded: String = text.chars().filter(|letter| !is_combining(*letter)).map(without_any_accent).collect();
    if folded != text {
        return folded;
    }
    let mut done = false;
    let accented = text.chars().map(|letter| {
        let with = match letter.to_ascii_lowercase() {
            'a' => 'á',
            'e' => 'é',
            'i' => 'í',
            'o' => 'ó',
            'u' => 'ú',
            other => other,
        };
        if done || with.is_ascii() {
            return letter;
        }
        done = true;
        if letter.is_ascii_uppercase() { with.to_uppercase().next().unwrap_or(with) } else { with }
    });
    accented.collect()
}

/// As `without_accent`, of upper case too.
fn without_any_accent(letter: char) -> char {
    let lower = letter.to_lowercase().next().unwrap_or(letter);
    let plain = without_accent(lower);
    if plain == lower {
        letter
    } else if letter.is_uppercase() {
        plain.to_ascii_uppercase()
    } else {
        plain
    }
}

fn without_accent(character: char) -> char {
    match character {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => 'c',
        'ď' => 'd',
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => 'e',
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => 'g',
        'ĥ' => 'h',
        'ì' | 'í' | 'î' | 'ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' => 'i',
        'ĵ' => 'j',
        'ķ' => 'k',
        'ĺ' | 'ļ' | 'ľ' => 'l',
        'ñ' | 'ń' | 'ņ' | 'ň' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ō' | 'ŏ' | 'ő' => 'o',
        'ŕ' | 'ŗ' | 'ř' => 'r',
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => 's',
        'ţ' | 'ť' | 'ț' => 't',
        'ù' | 'ú' | 'û' | 'ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => 'u',
        'ŵ' => 'w',
        'ý' | 'ÿ' | 'ŷ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        other => other,
    }
}
