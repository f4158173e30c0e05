//! The XHTML of a narrative: well-formed, with nothing that R4 narrative.html does not allow.

use std::collections::HashSet;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// One deviation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// `narrative.shape`, `narrative.element`, `narrative.attribute`, `narrative.entity`, `narrative.link` or `narrative.empty`.
    pub rule: &'static str,
    /// What is there.
    pub what: String,
}

/// HTML 4.0 chapters 7 to 11 and 15 without forms, frames, scripts and objects (R4 narrative.html#xhtml), sorted.
const ELEMENTS: [&[u8]; 54] = [
    b"a",
    b"abbr",
    b"acronym",
    b"address",
    b"area",
    b"b",
    b"bdo",
    b"big",
    b"blockquote",
    b"br",
    b"caption",
    b"cite",
    b"code",
    b"col",
    b"colgroup",
    b"dd",
    b"dfn",
    b"div",
    b"dl",
    b"dt",
    b"em",
    b"h1",
    b"h2",
    b"h3",
    b"h4",
    b"h5",
    b"h6",
    b"hr",
    b"i",
    b"img",
    b"ins",
    b"kbd",
    b"li",
    b"map",
    b"ol",
    b"p",
    b"pre",
    b"q",
    b"samp",
    b"small",
    b"span",
    b"strong",
    b"sub",
    b"sup",
    b"table",
    b"tbody",
    b"td",
    b"tfoot",
    b"th",
    b"thead",
    b"tr",
    b"tt",
    b"ul",
    b"var",
];

/// What their elements may have, sorted.
const ATTRIBUTES: [&[u8]; 58] = [
    b"abbr",
    b"accesskey",
    b"align",
    b"alt",
    b"axis",
    b"background",
    b"bgcolor",
    b"border",
    b"cellpadding",
    b"cellspacing",
    b"char",
    b"charoff",
    b"charset",
    b"cite",
    b"class",
    b"clear",
    b"color",
    b"colspan",
    b"compact",
    b"coords",
    b"dir",
    b"frame",
    b"headers",
    b"height",
    b"href",
    b"hreflang",
    b"hspace",
    b"id",
    b"idref",
    b"ismap",
    b"lang",
    b"longdesc",
    b"name",
    b"noshade",
    b"nowrap",
    b"rel",
    b"rev",
    b"rowspan",
    b"rules",
    b"scope",
    b"shape",
    b"size",
    b"span",
    b"src",
    b"start",
    b"style",
    b"summary",
    b"tabindex",
    b"title",
    b"type",
    b"usemap",
    b"valign",
    b"value",
    b"vspace",
    b"width",
    b"xml:lang",
    b"xml:space",
    b"xmlns",
];

const NAMESPACE: &[u8] = b"http://www.w3.org/1999/xhtml";

/// Deviations that are named; a narrative with more is no better known by more.
const MOST_NAMED: usize = 20;

/// Attributes of one element: to hold each against all others takes the square of their number.
const MOST_ATTRIBUTES: usize = 64;

/// Judges the text of a `Narrative.div`.
pub fn check(div: &str) -> Vec<Problem> {
    let mut checker = Checker::default();
    let mut reader = Reader::from_str(div.trim());
    reader.config_mut().check_end_names = true;
    loop {
        match reader.read_event() {
            Ok(Event::Eof) => break,
            Ok(event) => checker.event(&event),
            Err(error) => {
                checker.add("narrative.shape", format!("it is not well-formed: {error}"));
                return checker.problems;
            }
        }
        if checker.problems.len() >= MOST_NAMED {
            return checker.problems;
        }
    }
    checker.end()
}

#[derive(Default)]
struct Checker {
    problems: Vec<Problem>,
    depth: usize,
    has_root: bool,
    has_content: bool,
    anchors: HashSet<Vec<u8>>,
    links: Vec<Vec<u8>>,
}

impl Checker {
    fn add(&mut self, rule: &'static str, what: String) {
        self.problems.push(Problem { rule, what });
    }

    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(start) => {
                self.start(start);
                self.depth += 1;
            }
            Event::Empty(start) => self.start(start),
            Event::End(_) => self.depth = self.depth.saturating_sub(1),
            Event::Text(text) => self.text(!text.trim_ascii().is_empty()),
            Event::CData(_) => self.text(true),
            Event::GeneralRef(name) => self.entity(name),
            Event::DocType(_) => self.add("narrative.shape", "a document type".to_owned()),
            Event::PI(_) => self.add("narrative.shape", "a processing instruction".to_owned()),
            Event::Comment(_) | Event::Decl(_) | Event::Eof => {}
        }
    }

    /// Only XML's own entities are known: the XHTML stands in XML (R4 narrative.html#xhtml).
    fn entity(&mut self, name: &[u8]) {
        if !name.starts_with(b"#") && !matches!(name, b"amp" | b"lt" | b"gt" | b"quot" | b"apos") {
            self.add("narrative.entity", format!("the entity &{};", String::from_utf8_lossy(name)));
        }
        self.text(true);
    }

    fn text(&mut self, is_visible: bool) {
        if is_visible && self.depth == 0 {
            self.add("narrative.shape", "text outside the div".to_owned());
        }
        self.has_content |= is_visible;
    }

    fn start(&mut self, start: &BytesStart<'_>) {
        let name = start.name();
        let name = name.as_ref();
        if self.depth == 0 {
            self.root(start, name);
        } else if ELEMENTS.binary_search(&name).is_err() {
            self.add("narrative.element", format!("the element {}", String::from_utf8_lossy(name)));
        }
        self.has_content |= name == b"img";
        for (number, attribute) in start.attributes().with_checks(true).enumerate() {
            match attribute {
                _ if number >= MOST_ATTRIBUTES => return self.add("narrative.shape", "an element with too many attributes".to_owned()),
                Ok(attribute) => self.attribute(attribute.key.as_ref(), &attribute.value),
                Err(error) => self.add("narrative.shape", format!("an attribute that is not well-formed: {error}")),
            }
        }
    }

    fn root(&mut self, start: &BytesStart<'_>, name: &[u8]) {
        let namespace = start.try_get_attribute("xmlns").ok().flatten();
        if self.has_root || name != b"div" || namespace.is_none_or(|namespace| &*namespace.value != NAMESPACE) {
            self.add("narrative.shape", "something else than one div in the namespace of XHTML".to_owned());
        }
        self.has_root = true;
    }

    fn attribute(&mut self, name: &[u8], value: &[u8]) {
        match name {
            b"id" | b"name" => {
                self.anchors.insert(value.to_vec());
            }
            b"href" if value.starts_with(b"#") && value.len() > 1 => self.links.push(value.get(1..).unwrap_or_default().to_vec()),
            b"href" | b"src" if value.trim_ascii_start().to_ascii_lowercase().starts_with(b"javascript:") => {
                self.add("narrative.attribute", "a script in a link".to_owned());
            }
            _ => {}
        }
        if ATTRIBUTES.binary_search(&name).is_err() && !name.starts_with(b"xmlns:") {
            self.add("narrative.attribute", format!("the attribute {}", String::from_utf8_lossy(name)));
        }
    }

    fn end(mut self) -> Vec<Problem> {
        if !self.has_root {
            self.add("narrative.shape", "no div".to_owned());
        } else if !self.has_content && self.problems.is_empty() {
            self.add("narrative.empty", "neither text nor an image".to_owned());
        }
        let dangling: Vec<String> =
            self.links.iter().filter(|link| !self.anchors.contains(*link)).map(|link| String::from_utf8_lossy(link).into_owned()).collect();
        for link in dangling.into_iter().take(MOST_NAMED) {
            self.add("narrative.link", format!("the link #{link}, which leads nowhere in the narrative"));
        }
        if self.depth > 0 {
            self.add("narrative.shape", "an element that is not closed".to_owned());
        }
        self.problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(inside: &str) -> Vec<&'static str> {
        check(&format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{inside}</div>")).into_iter().map(|problem| problem.rule).collect()
    }

    #[test]
    fn what_the_narrative_page_allows_passes() {
        assert_eq!(rules("<p class=\"x\">a &amp; b &#160;<br/><a href=\"https://x\" name=\"n\">c</a></p><!-- c -->"), [] as [&str; 0]);
        assert_eq!(rules("<img src=\"#i\" alt=\"\"/>"), [] as [&str; 0]);
    }

    #[test]
    fn what_it_does_not_allow_is_found() {
        assert_eq!(rules("<script>x</script>"), ["narrative.element"]);
        assert_eq!(rules("<p onclick=\"x\">a</p>"), ["narrative.attribute"]);
        assert_eq!(rules("<a href=\" JavaScript:x\">a</a>"), ["narrative.attribute"]);
        assert_eq!(rules("a&nbsp;b"), ["narrative.entity"]);
        assert_eq!(rules("<p>a"), ["narrative.shape"]);
        assert_eq!(rules(" <p> </p>"), ["narrative.empty"]);
        assert_eq!(check("<div>a</div>").len(), 1);
        assert_eq!(check("<p xmlns=\"http://www.w3.org/1999/xhtml\">a</p>").len(), 1);
        assert_eq!(check("plain").first().map(|problem| problem.rule), Some("narrative.shape"));
        assert_eq!(check("<!DOCTYPE x []><div xmlns=\"http://www.w3.org/1999/xhtml\">a</div>").len(), 1);
    }

    #[test]
    fn the_tables_are_sorted() {
        assert!(ELEMENTS.is_sorted() && ATTRIBUTES.is_sorted());
    }

    #[test]
    fn a_hostile_narrative_ends() {
        let many: String = (0..200_000).map(|number| format!(" xmlns:a{number}=\"x\"")).collect();
        assert_eq!(rules(&format!("<p{many}>a</p>")), ["narrative.shape"]);
        assert!(!check(&"<div>".repeat(200_000)).is_empty());
        assert!(check(&format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{}</div>", "<blink/>".repeat(100_000))).len() <= MOST_NAMED);
    }
}
