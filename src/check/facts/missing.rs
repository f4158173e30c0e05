//! `facts.missing`

use super::{lost, named};
use crate::check::outcome::Evidence;
use crate::check::payer_facts::KnownReason;
use crate::check::said::{key, said};
use crate::check::{Check, Subject};
use crate::fhir::fhirpath::{Environment, Expression, Item, Node};
use crate::fhir::json::Value;
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "facts.missing",
    summary: "a value that is missing for a reason which the payer knows is sent as that reason",
    why: "CARIN BB Conformance Requirements, missing data: when the reason is known, it is sent, by a code of the value set or by the data-absent-reason extension (R4 extension-data-absent-reason.html).",
    accepts: r#"{"about": {"type": "ExplanationOfBenefit"}, "facts": {"claim": [{"number": "A", "missing": [{"element": "item[0].productOrService", "reason": "not-applicable"}, {"element": "created", "reason": "masked"}]}]}, "sample": {"resourceType": "ExplanationOfBenefit", "id": "1", "identifier": [{"value": "A"}], "_created": {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}]}, "item": [{"productOrService": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "not-applicable"}]}}]}}"#,
    rejects: r#"{"about": {"type": "ExplanationOfBenefit"}, "facts": {"claim": [{"number": "A", "missing": [{"element": "item[0].productOrService", "reason": "not-applicable"}]}]}, "sample": {"resourceType": "ExplanationOfBenefit", "id": "1", "identifier": [{"value": "A"}], "item": [{"productOrService": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "unknown"}]}}]}}"#,
    run,
};

const REASON: &str = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";

fn run(subject: &Subject<'_>) -> Evidence {
    let mut evidence = Evidence {
        note: Some("the payer's facts name nothing of this type that is missing for a known reason".into()),
        ..Evidence::default()
    };
    for known in named(subject, |known| !known.missing.is_empty()) {
        let Some(first) = known.found.first() else {
            lost(subject, &mut evidence, subject.resource_type(), known.place, known.patient);
            continue;
        };
        for (at, reason) in known.missing.iter().enumerate() {
            // What the facts name may be member data, and is not told.
            let entry = said!("missing {} of {}", at + 1, known.place.clone());
            match known.found.iter().map(|found| says(found, reason)).collect::<Option<Vec<bool>>>() {
                Some(said) => {
                    evidence.examined += 1;
                    if !said.contains(&true) {
                        let of = resource::key_of(first).unwrap_or_default();
                        evidence.deviation(key(of), said!("the reason that {} gives", entry), "it is not said");
                    }
                }
                None => evidence.note = Some(said!("{}: its element cannot be evaluated", entry)),
            }
        }
    }
    evidence
}

/// Whether the reason stands in the place of the value, as an extension, as a code of a concept, or as the code itself; `None` where the place
/// cannot be found.
fn says(found: &Value, reason: &KnownReason) -> Option<bool> {
    let element = &reason.element.0;
    let places = [format!("({element}).extension('{REASON}').value"), format!("({element}).coding.code"), element.clone()];
    let is_reason = |text: &Value| text.as_str() == Some(&reason.reason);
    for place in places {
        let expression = Expression::parse(&place).ok()?;
        let environment = Environment::of(Node::resource(found));
        let items = expression.evaluate(Node::resource(found), &environment).ok()?;
        if items.iter().filter_map(Item::json).any(is_reason) {
            return Some(true);
        }
    }
    Some(false)
}
