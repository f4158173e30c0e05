//! Foreign text made fit for a terminal line and for XML: no control characters, no sequence that ends a CDATA section.

/// Control characters become their escapes, so that a server cannot move the cursor or forge a line; `]]>` is broken up; what XML 1.0
/// cannot hold is replaced.
pub fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\t' => cleaned.push(' '),
            '\u{fffe}' | '\u{ffff}' => cleaned.push('\u{fffd}'),
            // Marks that reorder text can disguise what is printed.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => cleaned.push_str(&character.escape_unicode().to_string()),
            c if c.is_control() => cleaned.push_str(&c.escape_default().to_string()),
            c => cleaned.push(c),
        }
    }
    cleaned.replace("]]>", "]] >")
}

/// At most `most` characters.
pub fn shorten(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_and_cdata_ends_are_defused() {
        assert_eq!(clean("a\u{1b}[31mb"), "a\\u{1b}[31mb");
        assert_eq!(clean("x]]>y\u{0}\u{ffff}"), "x]] >y\\u{0}\u{fffd}");
        assert_eq!(clean("line\r\nnext"), "line\\r next");
        assert_eq!(clean("\u{202e}evil"), "\\u{202e}evil");
    }

    #[test]
    fn text_is_cut_between_characters() {
        assert_eq!(shorten("äöü", 2), "äö…");
        assert_eq!(shorten("äöü", 3), "äöü");
    }
}
