//! Rules for one element that types and profiles share: bindings, narrative, special data types and resources inside resources.

use super::binding::{Answer, Binding};
use super::schema::{Node, Type};
use super::walk::{Frame, Walk, Wrong, show};
use super::{Path, Severity, code_grammar};
use crate::fhir::fhirpath;
use crate::fhir::json::{Map, Value};
use crate::fhir::{narrative, resource};
use crate::guide::errata::{self, Erratum};

impl<'a> Walk<'a> {
    /// A code, Coding, CodeableConcept or Quantity against a binding.
    pub fn bound(&mut self, value: &'a Value, binding: &'a Binding, path: &Path<'_>) {
        let (actual, message) = match binding.ask(value, &self.library.codes) {
            Answer::Member => return,
            Answer::Undecided => match self.outside.ask(&binding.value_set, value) {
                Some(true) => return,
                Some(false) => (codes_of(value), "send a code of the value set"),
                None => {
                    self.undecided += 1;
                    return;
                }
            },
            Answer::NotMember => (codes_of(value), "send a code of the value set"),
            Answer::NoCode if value.get("text").is_some() && binding.severity < Severity::Error => return,
            Answer::NoCode => ("no code".to_owned(), "add a code of the value set"),
        };
        let erratum = self.binding_erratum(binding);
        let wrong = Wrong {
            severity: if erratum.is_some() { Severity::Warning } else { binding.severity },
            rule: binding.rule.into(),
            expected: format!("a code of {}", binding.value_set),
            actual,
            message: match erratum {
                Some(erratum) => {
                    format!("the code is outside the value set, but the guide is wrong here ({}): {}", erratum.id, erratum.wrong)
                }
                None => message.to_owned(),
            },
        };
        self.report(path, wrong);
    }

    fn binding_erratum(&self, binding: &Binding) -> Option<&'static Erratum> {
        let (guide, profile) = (self.guide?, self.judged?);
        errata::of_binding(guide, profile, &binding.value_set).filter(|_| binding.severity == Severity::Error && !self.options.literal)
    }

    /// A text against its greatest number of characters.
    pub fn length(&mut self, limit: u64, value: &Value, path: &Path<'_>) {
        let length = value.as_str().map_or(0, |text| text.chars().count());
        if length as u64 > limit {
            let (expected, actual) = (format!("at most {limit} characters"), format!("{length} characters"));
            self.error(path, "primitive.length", expected, actual, "shorten the text");
        }
    }

    /// Rules that data types have beyond their elements.
    pub fn special_type(&mut self, fields: &'a Map, name: &str, kind: &'a Type, path: &Path<'_>, frame: &Frame<'a>) {
        match name {
            "Coding" => self.coding(fields, path),
            "Identifier" => self.identifier(fields, path),
            "Attachment" => self.attachment(fields, path),
            "Reference" => self.reference(fields, kind, path, frame),
            _ => {}
        }
    }

    fn coding(&mut self, fields: &'a Map, path: &Path<'_>) {
        let text = |name: &str| fields.get(name).and_then(Value::as_str);
        let (Some(url), Some(code)) = (text("system"), text("code")) else { return };
        let Some(system) = self.library.codes.system(url) else {
            if let Some(expected) = code_grammar::check(url, code) {
                let message = format!("send a code as {url} writes it");
                self.grammar(&path.child("code"), expected, format!("\"{code}\""), message);
            }
            return;
        };
        match system.concept(code) {
            None if system.is_complete => {
                let message = format!("send a code of {url}");
                self.error(&path.child("code"), "code.unknown", format!("a code of {url}"), format!("\"{code}\""), message);
            }
            Some(Some(display)) => {
                if let Some(own) = text("display").filter(|own| !is_same_display(own, display)) {
                    let wrong = Wrong {
                        severity: Severity::Warning,
                        rule: "code.display".into(),
                        expected: format!("\"{display}\""),
                        actual: format!("\"{own}\""),
                        message: format!("use the display that {url} gives to {code}, or leave it out"),
                    };
                    self.report(&path.child("display"), wrong);
                }
            }
            _ => {}
        }
    }

    fn identifier(&mut self, fields: &'a Map, path: &Path<'_>) {
        let text = |name: &str| fields.get(name).and_then(Value::as_str);
        if let (Some(system), Some(value)) = (text("system"), text("value"))
            && let Some(expected) = code_grammar::check_identifier(system, value)
        {
            let message = format!("send an identifier as {system} writes it");
            self.grammar(&path.child("value"), expected, "another form".to_owned(), message);
        }
    }

    /// The size of an attachment is that of its data (R4 datatypes.html#attachment).
    fn attachment(&mut self, fields: &'a Map, path: &Path<'_>) {
        let (Some(size), Some(data)) = (fields.get("size").and_then(Value::as_u64), fields.get("data").and_then(Value::as_str)) else {
            return;
        };
        let signs = data.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=').count() as u64;
        let bytes = signs * 3 / 4;
        if size != bytes {
            self.error(
                path,
                "attachment.size",
                bytes.to_string(),
                size.to_string(),
                "make size the number of bytes of the data, or leave it out",
            );
        }
    }

    /// The form of a code is its owner's rule, not one of FHIR: where a profile cares, it has an invariant.
    fn grammar(&mut self, path: &Path<'_>, expected: &str, actual: String, message: String) {
        let expected = expected.to_owned();
        self.report(path, Wrong { severity: Severity::Warning, rule: "code.grammar".into(), expected, actual, message });
    }

    /// The XHTML of a narrative (R4 narrative.html).
    pub fn narrative(&mut self, value: &'a Value, path: &Path<'_>) {
        for problem in value.as_str().map(narrative::check).unwrap_or_default() {
            // A link may lead into another resource of the same Bundle or document.
            let severity = if problem.rule == "narrative.link" { Severity::Warning } else { Severity::Error };
            let (expected, message) = ("XHTML as narrative.html allows it".to_owned(), "correct the narrative, or leave it out".to_owned());
            self.report(path, Wrong { severity, rule: problem.rule.into(), expected, actual: problem.what, message });
        }
    }

    /// A resource inside another one: contained, or in a Bundle or Parameters.
    pub fn nested_resource(&mut self, value: &'a Value, node: &'a Node, path: &Path<'_>, frame: &Frame<'a>) {
        if &*node.path == "Bundle.entry.resource" && path.depth() == 3 {
            // The entries of a Bundle are resources of their own and are judged as such.
            return;
        }
        let mut inside = frame.clone();
        inside.environment.resource = Some(fhirpath::Node::resource(value));
        if &*node.name != "contained" {
            inside.root = value;
            inside.environment.root_resource = inside.environment.resource;
        } else if resource::id_of(value).is_none() {
            self.error(
                &path.child("id"),
                "cardinality.min",
                "an id",
                "none",
                "give the contained resource an id, so that references can name it",
            );
        }
        self.resource(value, path, &inside);
        self.claims(value, path, &inside);
    }
}

/// Displays are compared without regard to case and white space.
fn is_same_display(own: &str, given: &str) -> bool {
    let words = |text: &str| text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>();
    own == given || words(own) == words(given)
}

fn codes_of(value: &Value) -> String {
    let codes: Vec<String> = super::binding::codings(value)
        .iter()
        .map(|(system, code)| match system {
            Some(system) => format!("{system}|{code}"),
            None => (*code).to_owned(),
        })
        .collect();
    if codes.is_empty() { show(value) } else { codes.join(", ") }
}
