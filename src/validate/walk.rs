//! What the walks over a resource share: where they are, whom they may ask, and what they found.

use std::borrow::Cow;
use std::collections::HashMap;

use super::binding::{self, Answer};
use super::invariant::Invariant;
use super::library::Library;
use super::occurrence::{self, Occurrence};
use super::surroundings::Surroundings;
use super::validator::Options;
use super::{Finding, Path, Severity};
use crate::fhir::fhirpath::{Environment, EvaluationError, Expression, Item, Model, Node, Services};
use crate::fhir::json::Value;
use crate::guide::GuideId;
use crate::guide::errata::{self, Erratum};

/// One walk over one resource, its contained resources included.
pub struct Walk<'a> {
    /// Types and profiles.
    pub library: &'a Library,
    /// Other resources and value sets.
    pub outside: &'a Outside<'a>,
    /// What was asked for.
    pub options: &'a Options,
    /// What was found so far.
    pub findings: Vec<Finding>,
    /// Codes that the packages do not decide.
    pub undecided: usize,
    /// Number of profiles of which one led to the other.
    pub depth: usize,
    /// Number of profiles of which one is made of the other.
    pub bases: usize,
    /// URLs of the extensions that the walk is in, the innermost last.
    pub within: Vec<&'a str>,
    /// The profile that the resource is being judged by.
    pub judged: Option<&'a str>,
    /// The package of the profile that the walk follows.
    pub guide: Option<&'a GuideId>,
    conforming: HashMap<(usize, String), bool>,
}

/// The resource that the walk is in.
#[derive(Clone)]
pub struct Frame<'a> {
    /// The resource, or the one that contains it.
    pub root: &'a Value,
    /// What invariants see.
    pub environment: Environment<'a>,
}

/// What lies outside the resource.
pub struct Outside<'a> {
    pub library: &'a Library,
    pub surroundings: &'a dyn Surroundings,
    pub options: &'a Options,
}

/// A finding without its place.
pub struct Wrong {
    pub severity: Severity,
    pub rule: Cow<'static, str>,
    pub expected: String,
    pub actual: String,
    pub message: String,
}

impl<'a> Walk<'a> {
    pub fn new(outside: &'a Outside<'a>) -> Self {
        Self {
            library: outside.library,
            outside,
            options: outside.options,
            findings: Vec::new(),
            undecided: 0,
            depth: 0,
            bases: 0,
            within: Vec::new(),
            judged: None,
            guide: None,
            conforming: HashMap::new(),
        }
    }

    /// The frame of a resource that is not contained.
    pub fn frame(&self, resource: &'a Value) -> Frame<'a> {
        let outside = self.outside;
        let node = Node::resource(resource);
        let environment = Environment {
            resource: Some(node),
            root_resource: Some(node),
            model: Some(outside.library),
            services: Some(outside),
            ..Environment::default()
        };
        Frame { root: resource, environment }
    }

    /// Records a deviation.
    pub fn report(&mut self, path: &Path<'_>, wrong: Wrong) {
        let Wrong { severity, rule, expected, actual, message } = wrong;
        let profile = self.judged.map(str::to_owned);
        self.findings.push(Finding { severity, rule, path: path.to_string(), profile, expected, actual, message });
    }

    /// Records an error.
    pub fn error(
        &mut self,
        path: &Path<'_>,
        rule: &'static str,
        expected: impl Into<String>,
        actual: impl Into<String>,
        message: impl Into<String>,
    ) {
        let wrong = Wrong {
            severity: Severity::Error,
            rule: rule.into(),
            expected: expected.into(),
            actual: actual.into(),
            message: message.into(),
        };
        self.report(path, wrong);
    }

    /// Evaluates invariants on an element.
    pub fn invariants(&mut self, invariants: &'a [Invariant], focus: Node<'a>, frame: &Frame<'a>, path: &Path<'_>) {
        for invariant in invariants {
            if cannot_fail(invariant, &focus) {
                continue;
            }
            let erratum = self.guide.filter(|_| !self.options.literal).and_then(|guide| errata::of_invariant(guide, &invariant.key));
            let literal = match &invariant.condition {
                Ok(expression) => evaluate(expression, focus, frame),
                Err(reason) => Err(reason.clone()),
            };
            match (literal, erratum) {
                (Ok(true), None) => {}
                (Ok(true) | Err(_), Some(erratum)) => self.intended(invariant, erratum, focus, frame, path),
                (Ok(false), Some(erratum)) => {
                    let message = format!(
                        "{} does not hold as written, but the guide is wrong here ({}): {}",
                        invariant.key, erratum.id, erratum.wrong
                    );
                    self.violated(invariant, Severity::Warning, message, path);
                    self.intended(invariant, erratum, focus, frame, path);
                }
                (Ok(false), None) => {
                    self.violated(invariant, invariant.severity, format!("make the invariant {} hold here", invariant.key), path)
                }
                (Err(reason), None) => self.undecided_invariant(invariant, &reason, path),
            }
        }
    }

    /// What the guide means in place of an invariant that says something else.
    fn intended(&mut self, invariant: &Invariant, erratum: &'static Erratum, focus: Node<'a>, frame: &Frame<'a>, path: &Path<'_>) {
        let Some(condition) = erratum.condition() else { return };
        match evaluate(condition, focus, frame) {
            Ok(true) => {}
            Ok(false) => {
                let wrong = Wrong {
                    severity: invariant.severity,
                    rule: format!("invariant.{}", invariant.key).into(),
                    expected: erratum.does.clone(),
                    actual: "it is not so".to_owned(),
                    message: format!("make it so that {} (what {} means, see {})", erratum.does, invariant.key, erratum.id),
                };
                self.report(path, wrong);
            }
            Err(reason) => self.undecided_invariant(invariant, &reason, path),
        }
    }

    fn violated(&mut self, invariant: &Invariant, severity: Severity, message: String, path: &Path<'_>) {
        let expected = invariant.condition.as_ref().map_or("", |expression| expression.text()).to_owned();
        let rule = format!("invariant.{}", invariant.key).into();
        self.report(path, Wrong { severity, rule, expected, actual: "the condition does not hold".to_owned(), message });
    }

    fn undecided_invariant(&mut self, invariant: &Invariant, reason: &str, path: &Path<'_>) {
        let message = format!("{} was not decided: {reason}", invariant.key);
        let expected = format!("{} holds", invariant.key);
        let rule = "invariant.undecided".into();
        self.report(path, Wrong { severity: Severity::Information, rule, expected, actual: "not decided".to_owned(), message });
    }

    /// Whether a resource or value conforms to a profile, found out silently and remembered.
    pub fn conforms(&mut self, occurrence: Occurrence<'a>, canonical: &str, frame: &Frame<'a>) -> Option<bool> {
        let rules = self.library.rules(canonical)?;
        if self.depth > 3 {
            return None;
        }
        if !occurrence.type_name.is_empty() && !self.library.is_subtype(occurrence.type_name, &rules.type_name) {
            return Some(false);
        }
        let place = occurrence.value.map_or(0, |value| std::ptr::from_ref(value).addr());
        let key = (place, rules.canonical.clone());
        if let Some(known) = self.conforming.get(&key) {
            return Some(*known);
        }
        let mut silent = Walk::new(self.outside);
        silent.depth = self.depth + 1;
        silent.profile(rules, occurrence, &Path::root(&rules.type_name), frame);
        let conforms = silent.findings.iter().all(|finding| finding.severity < Severity::Error);
        self.conforming.insert(key, conforms);
        Some(conforms)
    }
}

/// Whether a condition holds: what is empty does not.
fn evaluate<'a>(condition: &'a Expression, focus: Node<'a>, frame: &Frame<'a>) -> Result<bool, String> {
    match condition.evaluate_bool(focus, &frame.environment) {
        Ok(answer) => Ok(answer == Some(true)),
        Err(EvaluationError::Undecidable(what)) => Err(format!("it cannot be decided offline whether the value {what}")),
        Err(other) => Err(other.to_string()),
    }
}

/// Invariants that hold by what is not there; asking the engine would cost most of a walk.
fn cannot_fail(invariant: &Invariant, focus: &Node<'_>) -> bool {
    match &*invariant.key {
        // The walk judges every narrative by the same rules.
        "txt-1" | "txt-2" => true,
        "dom-2" | "dom-3" | "dom-4" | "dom-5" => focus.field("contained").is_none(),
        // R4's expression forgets that `#` alone is the resource that contains the others (references.html#contained).
        "ref-1" => focus.field("reference").and_then(Value::as_str).is_none_or(|reference| reference == "#" || !reference.starts_with('#')),
        "per-1" => focus.field("start").is_none() || focus.field("end").is_none(),
        "qty-3" => focus.field("code").is_none() || focus.field("system").is_some(),
        _ => false,
    }
}

impl<'a> Services<'a> for Outside<'a> {
    fn resolve(&self, reference: &str) -> Option<Node<'a>> {
        self.surroundings.resolve(reference).map(Node::resource)
    }

    fn member_of(&self, item: &Item<'a>, value_set: &str) -> Option<bool> {
        let value = item.json()?;
        let Some(members) = self.library.codes.value_set(value_set) else { return self.ask(value_set, value) };
        match binding::member_of(value, &members) {
            Answer::Member => Some(true),
            Answer::NotMember | Answer::NoCode => Some(false),
            Answer::Undecided => self.ask(value_set, value),
        }
    }

    fn conforms_to(&self, item: &Item<'a>, profile: &str) -> Option<bool> {
        let node = item.node()?;
        let value = node.value?;
        if !self.library.is_constraint(profile) {
            let wanted = self.library.type_of(profile)?;
            return Some(crate::fhir::fhirpath::Model::is_subtype(self.library, node.type_name?, wanted));
        }
        let occurrence = Occurrence { value: Some(value), companion: node.companion, type_name: node.type_name?, index: None };
        conforms(self.library, self.surroundings, self.options, occurrence, profile)
    }
}

impl Outside<'_> {
    /// Asks the terminology server, if there is one, whether a value has a code of a value set.
    pub fn ask(&self, value_set: &str, value: &Value) -> Option<bool> {
        let server = self.options.terminology.as_ref()?;
        let mut answer = Some(false);
        for (system, code) in binding::codings(value) {
            match server.member_of(value_set, system, code) {
                Some(true) => return Some(true),
                Some(false) => {}
                None => answer = None,
            }
        }
        answer
    }
}

/// Whether a value conforms to a profile, asked from within an invariant, where the walk itself is out of reach.
fn conforms(
    library: &Library,
    surroundings: &dyn Surroundings,
    options: &Options,
    occurrence: Occurrence<'_>,
    profile: &str,
) -> Option<bool> {
    let outside = Outside { library, surroundings, options };
    let mut walk = Walk::new(&outside);
    walk.depth = 3;
    let frame = walk.frame(occurrence.value?);
    walk.conforms(occurrence, profile, &frame)
}

/// The resource that a reference leads to.
pub fn resolve<'a>(walk: &Walk<'a>, reference: &str, frame: &Frame<'a>) -> Option<&'a Value> {
    occurrence::resolve(reference, frame.root, walk.outside.surroundings)
}

/// A code or short text for a finding; longer texts and objects may tell about a member and are only described.
pub fn show(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) if text.len() <= 80 => format!("\"{text}\""),
        Value::String(text) => format!("a text of {} characters", text.chars().count()),
        Value::Array(items) => format!("an array of {} items", items.len()),
        Value::Object(fields) => {
            format!("an object with {}", fields.keys().take(6).map(|key| -> &str { key }).collect::<Vec<_>>().join(", "))
        }
    }
}
