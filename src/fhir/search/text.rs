//! String and uri search (R4 search.html#string, #uri).

use serde_json::Value;

use super::{Answer, decided, unescape};

/// Whether text, a HumanName or an Address starts with a value, whatever case and accents.
pub fn matches_string(value: &str, node: &Value) -> Answer {
    let wanted = fold(&unescape(value));
    let mut texts = Vec::new();
    collect(node, &mut texts);
    let folded: Vec<String> = texts.iter().map(|text| fold(text)).collect();
    if folded.iter().any(|text| text.starts_with(&wanted)) {
        return Answer::Yes;
    }
    // Servers may also compare word by word, or the parts of a name or an address joined in an order of their own.
    if folded.iter().any(|text| text.contains(&wanted))
        || (wanted.contains(' ') && wanted.split(' ').any(|word| folded.iter().any(|text| text.contains(word))))
    {
        return Answer::Unknown("the value stands inside the text, where R4 leaves the match to the server".to_owned());
    }
    Answer::No
}

/// Whether a uri equals a value.
pub fn matches_uri(value: &str, node: &Value) -> Answer {
    decided(node.as_str() == Some(&unescape(value)))
}

fn collect<'a>(node: &'a Value, texts: &mut Vec<&'a str>) {
    const PARTS: [&str; 12] =
        ["text", "family", "given", "prefix", "suffix", "line", "city", "district", "state", "postalCode", "country", "value"];
    match node {
        Value::String(text) => texts.push(text),
        Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
        Value::Object(fields) => PARTS.iter().filter_map(|part| fields.get(*part)).for_each(|part| collect(part, texts)),
        _ => {}
    }
}

/// Lower case, with the accents of Latin letters taken away.
pub fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).map(without_accent).collect()
}

fn without_accent(character: char) -> char {
    match character {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => 'a',
        'ç' => 'c',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ñ' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        'ý' | 'ÿ' => 'y',
        other => other,
    }
}
