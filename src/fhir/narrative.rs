//! The XHTML of a narrative: well-formed, with nothing that R4 narrative.html does not allow.

use std::collections::HashSet;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// One deviation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// `narrative.shape`, `narrative.element`, `narrative.attribute`, `narrative.link` or `narrative.empty`.
    pub rule: &'static str,
    /// What is there.
    pub what: String,
}

/// HTML 4.0 chapters 7 to 11 and 15 without forms, frames, scripts and objects (R4 narrative.html#xhtml).
const ELEMENTS: [&str; 54] = [
    "a",
    "abbr",
    "acronym",
    "address",
    "area",
    "b",
    "bdo",
    "big",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "kbd",
    "li",
    "map",
    "ol",
    "p",
    "pre",
    "q",
    "samp",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
    "ul",
    "var",
    "ins",
];

const ATTRIBUTES: [&str; 58] = [
    "title",
    "style",
    "class",
    "id",
    "idref",
    "lang",
    "xml:lang",
    "xml:space",
    "dir",
    "accesskey",
    "tabindex",
    "xmlns",
    "align",
    "valign",
    "char",
    "charoff",
    "span",
    "width",
    "height",
    "border",
    "cellpadding",
    "cellspacing",
    "frame",
    "rules",
    "summary",
    "nowrap",
    "colspan",
    "rowspan",
    "headers",
    "scope",
    "abbr",
    "axis",
    "bgcolor",
    "compact",
    "start",
    "value",
    "type",
    "href",
    "name",
    "hreflang",
    "rel",
    "rev",
    "charset",
    "shape",
    "coords",
    "src",
    "alt",
    "longdesc",
    "usemap",
    "ismap",
    "cite",
    "clear",
    "noshade",
    "size",
    "background",
    "hspace",
    "vspace",
    "color",
];

const NAMESPACE: &[u8] = b"http://www.w3.org/1999/xhtml";

/// Deviations that are named; a narrative with more is no better known by more.
const MOST_NAMED: usize = 20;

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
            Event::GeneralRef(_) => self.text(true),
            Event::DocType(_) => self.add("narrative.shape", "a document type".to_owned()),
            Event::PI(_) => self.add("narrative.shape", "a processing instruction".to_owned()),
            Event::Comment(_) | Event::Decl(_) | Event::Eof => {}
        }
    }

    fn text(&mut self, is_visible: bool) {
        if is_visible && self.depth == 0 {
            self.add("narrative.shape", "text outside the div".to_owned());
        }
        self.has_content |= is_visible;
    }

    fn start(&mut self, start: &BytesStart<'_>) {
        let name = start.name();
        let name = String::from_utf8_lossy(name.as_ref()).into_owned();
        if self.depth == 0 {
            self.root(start, &name);
        } else if !ELEMENTS.contains(&name.as_str()) {
            self.add("narrative.element", format!("the element {name}"));
        }
        self.has_content |= name == "img";
        for attribute in start.attributes().with_checks(true) {
            match attribute {
                Ok(attribute) => self.attribute(attribute.key.as_ref(), &attribute.value),
                Err(error) => self.add("narrative.shape", format!("an attribute that is not well-formed: {error}")),
            }
        }
    }

    fn root(&mut self, start: &BytesStart<'_>, name: &str) {
        let namespace = start.try_get_attribute("xmlns").ok().flatten();
        if self.has_root || name != "div" || namespace.is_none_or(|namespace| &*namespace.value != NAMESPACE) {
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
        let name = String::from_utf8_lossy(name);
        if !ATTRIBUTES.contains(&&*name) && !name.starts_with("xmlns:") {
            self.add("narrative.attribute", format!("the attribute {name}"));
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
        assert_eq!(rules("<p class=\"x\">a &amp; b &nbsp;<br/><a href=\"https://x\" name=\"n\">c</a></p><!-- c -->"), [] as [&str; 0]);
        assert_eq!(rules("<img src=\"#i\" alt=\"\"/>"), [] as [&str; 0]);
    }

    #[test]
    fn what_it_does_not_allow_is_found() {
        assert_eq!(rules("<script>x</script>"), ["narrative.element"]);
        assert_eq!(rules("<p onclick=\"x\">a</p>"), ["narrative.attribute"]);
        assert_eq!(rules("<a href=\" JavaScript:x\">a</a>"), ["narrative.attribute"]);
        assert_eq!(rules("<p>a"), ["narrative.shape"]);
        assert_eq!(rules(" <p> </p>"), ["narrative.empty"]);
        assert_eq!(check("<div>a</div>").len(), 1);
        assert_eq!(check("<p xmlns=\"http://www.w3.org/1999/xhtml\">a</p>").len(), 1);
        assert_eq!(check("plain").first().map(|problem| problem.rule), Some("narrative.shape"));
        assert_eq!(check("<!DOCTYPE x []><div xmlns=\"http://www.w3.org/1999/xhtml\">a</div>").len(), 1);
    }

    #[test]
    fn a_hostile_narrative_ends() {
        assert!(!check(&"<div>".repeat(200_000)).is_empty());
        assert!(check(&format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{}</div>", "<blink/>".repeat(100_000))).len() <= MOST_NAMED);
    }
}
