//! A long text as several documents, read one after another: the element tree of a whole one takes ten times its size.

use super::tag_end;
use crate::fhir::json::{Map, Text, Value};

/// A text up to this length, in bytes, is read in one piece.
const MOST_BYTES: usize = 256 * 1024;

/// Part of a resource, with everything around it, so that it reads as a document of its own.
pub struct Piece<'t> {
    /// The document.
    pub text: String,
    /// The elements that lead to what the piece holds, the root first.
    path: Vec<Span<'t>>,
    /// How many of them the piece before had too.
    continued: usize,
}

/// An element with its tags.
#[derive(Clone, Copy)]
struct Span<'t> {
    name: &'t str,
    /// From its first tag to its last.
    whole: &'t str,
    /// Its first tag.
    open: &'t str,
    inner: &'t str,
}

/// Takes a document apart. One that is short, or not plainly made of elements, stays whole.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    if text.len() > MOST_BYTES
        && let Some([root]) = children(text).as_deref()
    {
        take_apart(&[*root], &mut found);
    }
    if found.is_empty() {
        found.push(Piece { text: text.to_owned(), path: Vec::new(), continued: 0 });
    }
    found
}

/// Puts a further piece of a resource to those before it. `false` when the two do not go together.
pub fn join(known: &mut Value, next: Value, piece: &Piece<'_>) -> bool {
    // A resource within a resource is named in XML and not in JSON, as the root is.
    let is_field = |span: &&Span<'_>| !span.name.starts_with(|first: char| first.is_ascii_uppercase());
    let continued = piece.path.iter().take(piece.continued).filter(is_field).map(|span| span.name);
    join_at(known, next, &continued.collect::<Vec<_>>())
}

fn join_at(known: &mut Value, next: Value, continued: &[&str]) -> bool {
    let (Value::Object(known), Value::Object(mut next)) = (known, next) else { return false };
    let Some((name, rest)) = continued.split_first() else { return next.into_iter().all(|(name, value)| add(known, name, value)) };
    let last = match known.get_mut(name) {
        Some(Value::Array(items)) => items.last_mut(),
        other => other,
    };
    let first = match next.shift_remove(name) {
        Some(Value::Array(items)) => items.into_iter().next(),
        other => other,
    };
    last.zip(first).is_some_and(|(last, first)| join_at(last, first, rest))
}

/// Adds a field; what repeats is put behind what is there.
fn add(fields: &mut Map, name: Text, value: Value) -> bool {
    match (fields.get_mut(&name), value) {
        (Some(Value::Array(known)), Value::Array(further)) => {
            known.extend(further);
            true
        }
        (Some(known), value) => name == "resourceType" && *known == value,
        (None, value) => {
            fields.insert(name, value);
            true
        }
    }
}

/// Takes apart the last element of a path from the root; leaves it whole when it is not plainly made of elements.
fn take_apart<'t>(path: &[Span<'t>], found: &mut Vec<Piece<'t>>) {
    let Some((last, around)) = path.split_last() else { return };
    let children = children(last.inner).unwrap_or_default();
    if children.is_empty() {
        put(around, &[*last], found);
        return;
    }
    let (mut run, mut length): (Vec<Span<'t>>, usize) = (Vec::new(), 0);
    for group in children.chunk_by(|one, other| one.name == other.name) {
        // Simple values and what extends them are two lists in JSON, which only the whole of them tells how to align.
        let is_simple = group.iter().any(|child| child.open.contains("value"));
        for part in group.chunks(if is_simple { group.len() } else { 1 }) {
            let bytes: usize = part.iter().map(|child| child.whole.len()).sum();
            if length + bytes > MOST_BYTES {
                put(path, &std::mem::take(&mut run), found);
                length = 0;
            }
            match part {
                // A narrative is no element of FHIR's.
                [large] if bytes > MOST_BYTES && large.name != "div" => take_apart(&[path, &[*large]].concat(), found),
                _ => {
                    run.extend(part);
                    length += bytes;
                }
            }
        }
    }
    put(path, &run, found);
}

/// Makes a piece of elements that lie next to each other.
fn put<'t>(path: &[Span<'t>], run: &[Span<'t>], found: &mut Vec<Piece<'t>>) {
    if run.is_empty() {
        return;
    }
    let before = found.last().map_or(&[][..], |piece| &piece.path);
    let continued = path.iter().zip(before).take_while(|(one, other)| std::ptr::eq(one.open, other.open)).count();
    let mut text = String::with_capacity(run.iter().map(|span| span.whole.len() + 1).sum::<usize>() + 256);
    for (depth, span) in path.iter().enumerate() {
        // The first tag of an element may carry its id; that of the root and of resources says the namespace.
        if depth < continued && !span.open.contains("xmlns") {
            text.extend(["<", span.name, ">"]);
        } else {
            text.push_str(span.open);
        }
    }
    text.extend(run.iter().map(|span| span.whole));
    for span in path.iter().rev() {
        text.extend(["</", span.name, ">"]);
    }
    found.push(Piece { text, path: path.to_vec(), continued });
}

/// The elements that an element holds; `None` when it holds anything else.
fn children(inner: &str) -> Option<Vec<Span<'_>>> {
    let mut found = Vec::new();
    let mut rest = inner.trim_ascii_start();
    while !rest.is_empty() {
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.split_once("-->")?.1.trim_ascii_start();
            continue;
        }
        let span = element(rest)?;
        rest = rest.get(span.whole.len()..)?.trim_ascii_start();
        found.push(span);
    }
    Some(found)
}

/// The element at the start of a text.
fn element(text: &str) -> Option<Span<'_>> {
    let open = text.get(..tag(text)?)?;
    let name = open.strip_prefix('<')?.trim_end_matches(['/', '>']).split_ascii_whitespace().next()?;
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    if open.ends_with("/>") {
        return Some(Span { name, whole: open, open, inner: "" });
    }
    let (mut at, mut depth) = (open.len(), 1_usize);
    loop {
        let start = at + text.get(at..)?.find('<')?;
        let tag_text = text.get(start..)?;
        let end = start + tag(tag_text)?;
        if tag_text.starts_with("</") {
            depth -= 1;
        } else if !tag_text.starts_with("<!") && !text.get(..end)?.ends_with("/>") {
            depth += 1;
        }
        at = end;
        if depth == 0 {
            return Some(Span { name, whole: text.get(..end)?, open, inner: text.get(open.len()..start)? });
        }
    }
}

/// The length of the tag, comment or text without markup that a text starts with.
fn tag(text: &str) -> Option<usize> {
    if text.starts_with("<!--") {
        text.find("-->").map(|end| end + 3)
    } else if text.starts_with("<![CDATA[") {
        text.find("]]>").map(|end| end + 3)
    } else {
        tag_end(text.strip_prefix('<')?).map(|end| end + 2)
    }
}

#[cfg(test)]
mod tests {

    use super::super::{from_json, root, to_json};
    use super::*;
    use crate::fhir::json::json;

    fn long(number: usize) -> String {
        format!("{number}-{}", "x".repeat(20_000))
    }

    #[test]
    fn a_long_resource_is_the_same_in_pieces() {
        let resources: Vec<Value> = (0..40).map(|number| json!({"type": format!("T{number}"), "documentation": long(number)})).collect();
        let extended: Vec<Value> = (0..30).map(|number| json!({"url": "http://a.example", "valueString": long(number)})).collect();
        let statement = json!({"resourceType": "CapabilityStatement", "id": "c", "status": "active",
            "format": ["json", "xml", "x"], "_format": [null, {"extension": extended}, {"id": "f"}],
            "rest": [{"id": "one", "mode": "server", "resource": resources, "compartment": ["a", "b"]}, {"id": "two", "mode": "client", "resource": resources}]});
        let entries: Vec<Value> = (0..3)
            .map(|number| {
                json!({"fullUrl": format!("urn:uuid:{number}"), "resource": {"resourceType": "Basic", "id": "b", "extension": extended,
                "contained": [{"resourceType": "Basic", "id": "c", "extension": extended}, {"resourceType": "Basic", "id": "d"}]}})
            })
            .collect();
        for resource in [statement, json!({"resourceType": "Bundle", "type": "collection", "entry": entries})] {
            let text = from_json(&resource).unwrap();
            let parts = pieces(root(&text).unwrap());
            assert!(parts.len() > 4 && parts.iter().all(|piece| piece.text.len() < 3 * MOST_BYTES), "{}", parts.len());
            assert_eq!(to_json(text.as_bytes()).unwrap(), resource);
        }
    }

    #[test]
    fn what_cannot_be_taken_apart_stays_whole() {
        let long = "x".repeat(2 * MOST_BYTES);
        for text in [
            format!("<Patient>{long}</Patient>"),
            format!("<Patient><id value='{long}'/>"),
            format!("<f:Patient><f:id value='{long}'/></f:Patient>"),
            format!("<Patient><a></Patient>{long}"),
            format!("<Patient><!-- {long}</Patient>"),
        ] {
            let pieces = pieces(&text);
            assert!(pieces.len() == 1 && pieces.iter().all(|piece| piece.text == text), "{}", &text[..40]);
        }
    }

    #[test]
    fn an_element_that_may_not_repeat_is_not_joined() {
        let piece = Piece { text: String::new(), path: Vec::new(), continued: 0 };
        let mut known = json!({"resourceType": "Patient", "active": true});
        assert!(join(&mut known, json!({"resourceType": "Patient", "name": [{"text": "a"}]}), &piece));
        assert!(!join(&mut known, json!({"resourceType": "Patient", "active": true}), &piece));
        assert!(!join(&mut known, json!({"resourceType": "Person"}), &piece));
    }
}
