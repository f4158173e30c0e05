//! `http.element-order`

use std::collections::HashMap;
use std::sync::Arc;

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::check::outcome::Evidence;
use crate::check::said::{code, said};
use crate::check::{Check, Subject};
use crate::guide::Catalogue;
use crate::guide::profile::{Element, Profile};

/// The check.
pub const CHECK: Check = Check {
    id: "http.element-order",
    summary: "elements in XML stand in the order of their definition",
    why: "R4 xml.html: in XML the elements of a resource SHALL be in the order in which the specification defines them, which the schemas enforce.",
    accepts: r#"{"steps": [{"request": "GET Patient/1", "status": 200, "xml": "<Patient xmlns=\"http://hl7.org/fhir\"><id value=\"1\"/><name><family value=\"Roe\"/><given value=\"Al\"/></name><gender value=\"male\"/></Patient>"}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient/1", "status": 200, "xml": "<Patient xmlns=\"http://hl7.org/fhir\"><id value=\"1\"/><name><given value=\"Al\"/><family value=\"Roe\"/></name></Patient>"}]}"#,
    run,
};

/// How many deviations of one answer are told.
const MOST_TOLD: usize = 5;

/// The definitions of types, each looked up once.
struct Definitions<'a> {
    catalogue: &'a Catalogue,
    known: HashMap<String, Option<Arc<Profile>>>,
}

/// An element that is being read.
enum Frame {
    /// Its children are elements of this path of a definition; the last one stood at this place in it.
    Known { definition: Arc<Profile>, path: String, last: usize },
    /// Its child is a resource.
    Holder,
    /// Nothing is known of its children.
    Unknown,
}

fn run(subject: &Subject<'_>) -> Evidence {
    let mut evidence = Evidence::default();
    let mut definitions = Definitions { catalogue: subject.catalogue, known: HashMap::new() };
    for response in subject.steps.iter().flatten().filter_map(|exchange| exchange.response()) {
        let text = std::str::from_utf8(&response.bytes).unwrap_or_default().trim_start_matches('\u{feff}').trim_start();
        if text.starts_with('<') && response.resource().is_some() {
            evidence.examined += 1;
            judge(text, &mut definitions, &mut evidence);
        }
    }
    if evidence.examined == 0 {
        evidence.note = Some("no answer was a resource in XML".into());
    }
    evidence
}

fn judge(text: &str, definitions: &mut Definitions<'_>, evidence: &mut Evidence) {
    let mut reader = Reader::from_str(text);
    let mut frames = vec![Frame::Holder];
    while evidence.findings.len() < MOST_TOLD {
        let (name, is_empty) = match reader.read_event() {
            Ok(Event::Start(tag)) => (String::from_utf8_lossy(tag.local_name().as_ref()).into_owned(), false),
            Ok(Event::Empty(tag)) => (String::from_utf8_lossy(tag.local_name().as_ref()).into_owned(), true),
            Ok(Event::End(_)) => {
                frames.pop();
                continue;
            }
            // What cannot be read is not for this rule to judge.
            Ok(Event::Eof) | Err(_) => return,
            Ok(_) => continue,
        };
        let frame = frames.last_mut().map_or(Frame::Unknown, |parent| enter(parent, &name, definitions, evidence));
        if !is_empty {
            frames.push(frame);
        }
    }
}

/// Judges the place of a child, and says what its own children are.
fn enter(parent: &mut Frame, name: &str, definitions: &mut Definitions<'_>, evidence: &mut Evidence) -> Frame {
    let (definition, path, last) = match parent {
        Frame::Holder => return definitions.frame(name),
        Frame::Unknown => return Frame::Unknown,
        Frame::Known { definition, path, last } => (definition, path, last),
    };
    let found = definition.elements.iter().enumerate().find_map(|(place, element)| Some((place, element, named(element, path, name)?)));
    let Some((place, element, type_name)) = found else { return Frame::Unknown };
    if place < *last {
        let before = definition.elements.get(*last).map_or("", |element| element.path.as_str());
        evidence.deviation(said!("{}.{}", code(path), code(name)), said!("before {}, as defined", code(before)), "after it");
    }
    *last = place.max(*last);
    let within = |path: &str| Frame::Known { definition: Arc::clone(definition), path: path.to_owned(), last: 0 };
    match (element.content_reference.as_deref().and_then(|reference| reference.split('#').nth(1)), type_name.as_str()) {
        (Some(path), _) => within(path),
        (None, "BackboneElement" | "Element") => within(&element.path),
        (None, "Resource" | "DomainResource") => Frame::Holder,
        (None, type_name) => definitions.frame(type_name),
    }
}

/// The type that an element has under this name, if the name is its own or one of its choices.
fn named(element: &Element, parent: &str, name: &str) -> Option<String> {
    let own = element.path.strip_prefix(parent)?.strip_prefix('.')?;
    if own == name {
        return Some(element.types.first().map_or_else(String::new, |only| only.code.clone()));
    }
    let chosen = name.strip_prefix(own.strip_suffix("[x]")?)?;
    element.types.iter().find(|choice| choice.code.eq_ignore_ascii_case(chosen)).map(|choice| choice.code.clone())
}

impl Definitions<'_> {
    /// An element of this type.
    fn frame(&mut self, type_name: &str) -> Frame {
        let definition = match self.known.get(type_name) {
            Some(known) => known.clone(),
            None => {
                let definition = self.catalogue.type_definition(type_name);
                self.known.insert(type_name.to_owned(), definition.clone());
                definition
            }
        };
        match definition {
            Some(definition) => Frame::Known { path: definition.type_name.clone(), definition, last: 0 },
            None => Frame::Unknown,
        }
    }
}
