//! `assert.holds`

use crate::check::outcome::Evidence;
use crate::check::said::{code, key, said, words};
use crate::check::{Assertion, Check, Subject};
use crate::fhir::fhirpath::{Environment, Expression, Item, Node};
use crate::fhir::json::Value;
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "assert.holds",
    summary: "the condition that the suite states holds for everything that it is about",
    why: "The suite's `assert`: each item that the FHIRPath `on` selects meets the FHIRPath `that`. What is asked, and where it is written, is the case's to say.",
    accepts: r#"{"about": {"type": "Patient", "on": "name", "that": "family.exists()"}, "sample": {"resourceType": "Patient", "id": "1", "name": [{"family": "Doe"}]}}"#,
    rejects: r#"{"about": {"type": "Patient", "on": "name", "that": "family.exists()"}, "sample": {"resourceType": "Patient", "id": "1", "name": [{"family": "Doe"}, {"given": ["Jo"]}]}}"#,
    run,
};

/// The findings of one case at most: a condition that fails for one resource often fails for all.
const MOST_FINDINGS: usize = 20;

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(assertion) = &subject.about.assertion else { return Evidence::nothing("the case states no condition") };
    let (on, that) = match (Expression::parse(&assertion.on), Expression::parse(&assertion.that)) {
        (Ok(on), Ok(that)) => (on, that),
        (Err(error), _) | (_, Err(error)) => return Evidence::nothing(words(error.to_string())),
    };
    let mut evidence = Evidence::default();
    if !subject.steps.is_empty() {
        match subject.response().and_then(|response| response.resource()) {
            Some(body) => examine(&body.whole(), &on, &that, assertion, &mut evidence),
            None => return Evidence::nothing("there was no resource in the answer"),
        }
    } else if subject.samples.of(subject.resource_type()).is_empty() {
        return Evidence::nothing(subject.samples.why_none(subject.resource_type()));
    } else {
        for sample in subject.samples.of(subject.resource_type()) {
            examine(sample, &on, &that, assertion, &mut evidence);
        }
    }
    if evidence.examined == 0 && evidence.note.is_none() {
        evidence.note = Some(said!("nothing was there that {} selects", code(&assertion.on)));
    }
    evidence
}

/// Holds every item of one resource to the condition. What FHIRPath cannot decide on this data is not examined.
fn examine(body: &Value, on: &Expression, that: &Expression, assertion: &Assertion, evidence: &mut Evidence) {
    let environment = Environment::of(Node::resource(body));
    let items = match on.evaluate(Node::resource(body), &environment) {
        Ok(items) => items,
        Err(error) => {
            evidence.note.get_or_insert(said!("{}: {}", code(&assertion.on), words(error.to_string())));
            return;
        }
    };
    for (place, item) in items.iter().enumerate() {
        let Some(focus) = item.node().or_else(|| literal(item)) else { continue };
        match that.evaluate_bool(focus, &environment) {
            Ok(truth) => {
                evidence.examined += 1;
                if truth != Some(true) && evidence.findings.len() < MOST_FINDINGS {
                    let of = resource::key_of(body).unwrap_or_else(|| resource::type_of(body).unwrap_or("resource").to_owned());
                    let at = if items.len() == 1 { assertion.on.clone() } else { format!("{}[{place}]", assertion.on) };
                    let outcome = if truth.is_none() { "empty" } else { "false" };
                    evidence.deviation(said!("{}: {}", key(of), code(at)), code(&assertion.that), outcome);
                }
            }
            Err(error) => {
                evidence.note.get_or_insert(said!("{}: {}", code(&assertion.that), words(error.to_string())));
            }
        }
    }
}

/// A truth as a focus: an `on` may be a condition itself.
fn literal<'a>(item: &Item<'a>) -> Option<Node<'a>> {
    static TRUE: Value = Value::Bool(true);
    static FALSE: Value = Value::Bool(false);
    match item {
        Item::Boolean(truth) => Some(Node::typed(if *truth { &TRUE } else { &FALSE }, "boolean")),
        _ => None,
    }
}
