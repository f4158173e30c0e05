//! Attributes of the namespace that XML reserves for itself, such as `xml:lang`: XHTML allows them in a narrative, and the reader does not.

use std::borrow::Cow;

use super::tag_end;

/// The text without such attributes; what they say of the language, `lang` says too (R4 narrative.html).
pub fn without_reserved(text: &str) -> Cow<'_, str> {
    if !text.contains("xml:") {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, tag)) = rest.split_once('<') {
        kept.push_str(before);
        kept.push('<');
        let end = match tag {
            _ if tag.starts_with("!--") => tag.find("-->"),
            _ if tag.starts_with("![CDATA[") => tag.find("]]>"),
            _ => tag_end(tag),
        };
        let (inside, after) = tag.split_at(end.unwrap_or(tag.len()));
        kept.push_str(&if inside.starts_with('!') { Cow::Borrowed(inside) } else { stripped(inside) });
        rest = after;
    }
    kept.push_str(rest);
    Cow::Owned(kept)
}

/// The inside of a tag without such attributes.
fn stripped(tag: &str) -> Cow<'_, str> {
    if !tag.contains("xml:") {
        return Cow::Borrowed(tag);
    }
    let mut kept = String::with_capacity(tag.len());
    let mut rest = tag;
    while let Some(at) = rest.find(|next: char| next.is_ascii_whitespace() || matches!(next, '"' | '\'')) {
        let (before, after) = rest.split_at(at);
        kept.push_str(before);
        let trimmed = after.trim_ascii_start();
        let end = match after.chars().next() {
            Some(quote @ ('"' | '\'')) => after.match_indices(quote).nth(1).map_or(after.len(), |(end, _)| end + 1),
            _ => after.len() - trimmed.len(),
        };
        rest = match past_reserved(trimmed) {
            Some(past) => past,
            None => {
                let (verbatim, next) = after.split_at(end);
                kept.push_str(verbatim);
                next
            }
        };
    }
    kept.push_str(rest);
    Cow::Owned(kept)
}

/// What follows such an attribute at the start of a text.
fn past_reserved(text: &str) -> Option<&str> {
    let value = text.strip_prefix("xml:")?.split_once('=')?.1.trim_ascii_start();
    let quote = value.chars().next().filter(|first| matches!(first, '"' | '\''))?;
    value.strip_prefix(quote)?.split_once(quote).map(|(_, past)| past)
}

#[cfg(test)]
mod tests {
    use super::without_reserved;

    #[test]
    fn only_attributes_of_that_namespace_go() {
        for (text, expected) in [
            (r#"<div xmlns="x" xml:lang="en-US" lang="en">a</div>"#, r#"<div xmlns="x" lang="en">a</div>"#),
            ("<p xml:lang = 'en'\n xml:space='preserve'/>", "<p/>"),
            (r#"<a title=" xml:lang='en'">xml:lang="en"</a>"#, r#"<a title=" xml:lang='en'">xml:lang="en"</a>"#),
            (r#"<!-- <p xml:lang="en"> --><p/>"#, r#"<!-- <p xml:lang="en"> --><p/>"#),
            ("<p xml:lang", "<p xml:lang"),
            ("<p xml:lang=\"en", "<p xml:lang=\"en"),
        ] {
            assert_eq!(without_reserved(text), expected, "{text}");
        }
    }
}
