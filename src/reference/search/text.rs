//! Search by text (R4 search.html#string), by URI (#uri) and by words.

use super::path::entries;
use super::value::{Manner, Reach};
use crate::fhir::json::Value;
use crate::reference::fault::Breach;
use crate::reference::state::State;

/// The parts of a HumanName or an Address that are compared.
const PARTS: [&str; 12] =
    ["text", "family", "given", "prefix", "suffix", "line", "city", "district", "state", "postalCode", "country", "value"];

/// Each plain letter with the letters that are the same but for an accent.
const ACCENTED: [(char, &str); 14] = [
    ('a', "àáâãäåāăą"),
    ('c', "çćĉċč"),
    ('d', "ď"),
    ('e', "èéêëēĕėęě"),
    ('g', "ĝğġģ"),
    ('i', "ìíîïĩīĭį"),
    ('l', "ĺļľ"),
    ('n', "ñńņň"),
    ('o', "òóôõöōŏő"),
    ('r', "ŕŗř"),
    ('s', "śŝşšș"),
    ('t', "ţťț"),
    ('u', "ùúûüũūŭůűų"),
    ('z', "źżž"),
];

/// Whether a text starts with another, whatever case and accents.
pub fn starts(found: &str, wanted: &str) -> bool {
    let folded = |text: &str| without_accents(&text.to_lowercase());
    folded(found).starts_with(&folded(wanted))
}

/// Whether a string, a HumanName or an Address agrees.
pub fn is_met(state: &State, element: &Value, manner: Manner, wanted: &str) -> bool {
    let mut parts = parts(element);
    if state.has(Breach::StringFirstPartOnly) {
        parts.truncate(1);
    }
    parts.into_iter().any(|part| agrees(state, part, manner, wanted))
}

fn agrees(state: &State, found: &str, manner: Manner, wanted: &str) -> bool {
    let fold = |text: &str| {
        let text = if state.has(Breach::StringCaseCounts) { text.to_owned() } else { text.to_lowercase() };
        if state.has(Breach::StringAccentsCount) { text } else { without_accents(&text) }
    };
    let (own, sought) = (fold(found), fold(wanted));
    match manner {
        Manner::Exact => found == wanted || (state.has(Breach::StringExactFolds) && own == sought),
        Manner::Contains => own.contains(&sought),
        Manner::Start if state.has(Breach::StringStartAsWhole) => own == sought,
        Manner::Start => own.starts_with(&sought),
    }
}

fn parts(element: &Value) -> Vec<&str> {
    match element {
        Value::Object(fields) => PARTS.iter().filter_map(|part| fields.get(part)).flat_map(entries).filter_map(Value::as_str).collect(),
        other => other.as_str().into_iter().collect(),
    }
}

fn without_accents(text: &str) -> String {
    let plain = |letter: char| ACCENTED.iter().find(|(_, accented)| accented.contains(letter)).map_or(letter, |(plain, _)| *plain);
    // An accent may also be a character of its own, after its letter.
    text.chars().filter(|letter| !matches!(letter, '\u{300}'..='\u{36f}')).map(plain).collect()
}

/// Whether a URI agrees: a canonical with its version is found by its URL alone too.
pub fn is_uri(state: &State, found: &str, reach: Reach, wanted: &str) -> bool {
    let same = found == wanted || found.split_once('|').is_some_and(|(url, _)| url == wanted);
    match reach {
        Reach::Same => same || (state.has(Breach::UriStartFound) && found.starts_with(wanted)),
        Reach::Below => same || is_below(found, wanted),
        Reach::Above => same || is_below(wanted, found),
    }
}

/// Whether a URL continues another by whole segments; a URN has none.
fn is_below(deep: &str, high: &str) -> bool {
    high.contains("://") && deep.strip_prefix(high.trim_end_matches('/')).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether all words occur among the texts of an element; markup does not count.
pub fn has_words(element: &Value, wanted: &[String]) -> bool {
    let mut words = String::new();
    gather(element, &mut words);
    let words: Vec<&str> = words.split(|character: char| !character.is_alphanumeric()).collect();
    wanted.iter().all(|word| words.contains(&word.as_str()))
}

fn gather(element: &Value, words: &mut String) {
    match element {
        Value::String(text) => {
            let mut is_markup = false;
            for character in text.to_lowercase().chars() {
                match character {
                    '<' => is_markup = true,
                    '>' => is_markup = false,
                    _ if is_markup => continue,
                    _ => {}
                }
                words.push(if matches!(character, '<' | '>') { ' ' } else { character });
            }
            words.push(' ');
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, words)),
        Value::Object(fields) => fields.values().for_each(|field| gather(field, words)),
        Value::Number(number) => {
            words.push_str(&number.to_string());
            words.push(' ');
        }
        _ => {}
    }
}
