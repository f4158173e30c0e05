//! The official test file as cases.

use quick_xml::{Reader, events::Event};

#[derive(Clone, Debug, Default)]
pub struct Case {
    /// `group/test`, with a running number where the file repeats a name.
    pub name: String,
    pub input: String,
    pub expression: String,
    pub invalid: Option<String>,
    pub predicate: bool,
    pub ordered: bool,
    pub output: Vec<String>,
}

fn attribute(start: &quick_xml::events::BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = start.try_get_attribute(name).unwrap()?;
    Some(String::from_utf8(attribute.value.into_owned()).unwrap())
}

pub fn cases(path: &str) -> Vec<Case> {
    let xml = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("the test needs {path}: {error}"));
    let mut reader = Reader::from_str(&xml);
    let (mut cases, mut group, mut case, mut text) = (Vec::new(), String::new(), Case::default(), String::new());
    loop {
        let event = reader.read_event().unwrap();
        match &event {
            Event::Start(start) | Event::Empty(start) => {
                text.clear();
                match start.name().as_ref() {
                    b"group" => group = attribute(start, "name").unwrap(),
                    b"test" => {
                        let name = format!("{group}/{}", attribute(start, "name").unwrap_or_default());
                        let repeats = cases.iter().filter(|other: &&Case| other.name.split('#').next() == Some(&name)).count();
                        case = Case {
                            name: if repeats == 0 { name } else { format!("{name}#{}", repeats + 1) },
                            input: attribute(start, "inputfile").unwrap_or_default(),
                            predicate: attribute(start, "predicate").as_deref() == Some("true"),
                            ordered: attribute(start, "ordered").as_deref() != Some("false"),
                            ..Case::default()
                        };
                    }
                    b"expression" => case.invalid = attribute(start, "invalid"),
                    b"output" if matches!(event, Event::Empty(_)) => case.output.push(String::new()),
                    _ => {}
                }
            }
            Event::Text(part) => text.push_str(&part.decode().unwrap()),
            Event::GeneralRef(reference) => match reference.resolve_char_ref().unwrap() {
                Some(sign) => text.push(sign),
                None => text.push_str(quick_xml::escape::resolve_predefined_entity(&reference.decode().unwrap()).unwrap()),
            },
            Event::CData(part) => text.push_str(&part.decode().unwrap()),
            Event::End(end) => match end.name().as_ref() {
                b"expression" => case.expression = std::mem::take(&mut text),
                b"output" => case.output.push(std::mem::take(&mut text)),
                b"test" => cases.push(std::mem::take(&mut case)),
                _ => {}
            },
            Event::Eof => return cases,
            _ => {}
        }
    }
}
