//! Full text search (R4 search.html#text, `_text` and `_content`): words of the narrative, or of the whole resource.

use super::{Answer, unescape};
use crate::fhir::json::Value;

/// Letters that the stem of a word keeps in every way of stemming.
const STEM: usize = 4;
/// Shorter words are often left out of an index.
const SHORTEST_WORD: usize = 6;
/// Words that are tried.
const MOST_WORDS: usize = 8;

/// The words of a narrative, without its mark-up.
pub fn words_of(narrative: &str) -> Vec<String> {
    let mut plain = String::with_capacity(narrative.len());
    let mut in_tag = false;
    for letter in narrative.chars() {
        match letter {
            '<' => in_tag = true,
            '>' => {
                in_tag = false;
                plain.push(' ');
            }
            _ if in_tag => {}
            other => plain.push(other),
        }
    }
    let words = plain.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

/// Every text of a resource, for `_content`.
pub fn words_in(resource: &Value, words: &mut Vec<String>) {
    match resource {
        Value::String(text) => words.extend(words_of(text)),
        Value::Array(items) => items.iter().for_each(|item| words_in(item, words)),
        Value::Object(fields) => fields.values().for_each(|field| words_in(field, words)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Whether words hold a searched one. Only a single plain word is decided; what shares its beginning is left to the server's stemming.
pub fn matches_words(value: &str, words: &[String]) -> Answer {
    let wanted = unescape(value).to_lowercase();
    if wanted.chars().count() < STEM || !wanted.chars().all(char::is_alphabetic) {
        return Answer::Unknown("only a search by one plain word can be predicted".to_owned());
    }
    if words.contains(&wanted) {
        return Answer::Yes;
    }
    let stem: String = wanted.chars().take(STEM).collect();
    match words.iter().find(|word| word.contains(&stem)) {
        Some(_) => Answer::Unknown("a word with the same stem may be found too".to_owned()),
        None => Answer::No,
    }
}

/// Words that a search may be tried with: long and of letters alone.
pub fn telling_words(words: &[String]) -> Vec<String> {
    let mut telling: Vec<String> = Vec::new();
    for word in words {
        let fits = word.len() >= SHORTEST_WORD && word.bytes().all(|letter| letter.is_ascii_alphabetic());
        if fits && !telling.contains(word) && telling.len() < MOST_WORDS {
            telling.push(word.clone());
        }
    }
    telling
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fhir::json::json;

    #[test]
    fn words_are_told_from_mark_up_and_stems_are_left_open() {
        let words = words_of("<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Pharmacy claim, <b>Paid</b></p></div>");
        assert_eq!(words, ["pharmacy", "claim", "paid"]);
        assert_eq!(matches_words("PHARMACY", &words), Answer::Yes);
        assert_eq!(matches_words("hospital", &words), Answer::No);
        for open in ["pharmacies", "pharmacy claim", "ab", "", "a|b"] {
            assert!(matches!(matches_words(open, &words), Answer::Unknown(_)), "{open}");
        }
        assert_eq!(telling_words(&words), ["pharmacy"]);
    }

    #[test]
    fn content_is_every_text_of_a_resource() {
        let mut words = Vec::new();
        words_in(&json!({"status": "active", "item": [{"note": "Second opinion"}, 4, null]}), &mut words);
        assert_eq!(matches_words("opinion", &words), Answer::Yes);
    }
}
