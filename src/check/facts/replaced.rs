//! `facts.replaced`

use super::{CLAIM, Numbers, entries, has_code, lost, place};
use crate::check::outcome::Evidence;
use crate::check::said::{code, key, said};
use crate::check::{Check, Subject};
use crate::fhir::json::Value;
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "facts.replaced",
    summary: "a claim that the payer adjusted is there with the one that adjusted it, and they name each other",
    why: "CARIN BB C4BB ExplanationOfBenefit, notes on .related: an adjusting claim names the most recent claim before it as prior, and an adjusted one its replacement as replacedby.",
    accepts: r#"{"about": {"type": "ExplanationOfBenefit"}, "scope": ["patient", "1"], "facts": {"claim": [{"number": "A", "replaced-by": "B"}]}, "sample": {"resourceType": "ExplanationOfBenefit", "id": "1", "identifier": [{"value": "A"}], "related": [{"relationship": {"coding": [{"code": "replacedby"}]}, "reference": {"value": "B"}}]}, "others": [{"resourceType": "ExplanationOfBenefit", "id": "2", "identifier": [{"value": "B"}], "related": [{"relationship": {"coding": [{"code": "prior"}]}, "reference": {"value": "A"}}]}]}"#,
    rejects: r#"{"about": {"type": "ExplanationOfBenefit"}, "scope": ["patient", "1"], "facts": {"claim": [{"number": "A", "replaced-by": "B"}]}, "sample": {"resourceType": "ExplanationOfBenefit", "id": "1", "identifier": [{"value": "A"}]}, "others": [{"resourceType": "ExplanationOfBenefit", "id": "2", "identifier": [{"value": "B"}]}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let mut evidence = Evidence { note: Some("the payer's facts name no claim that was adjusted".into()), ..Evidence::default() };
    let numbers = Numbers::of(subject);
    for (at, known) in subject.declared.facts.claims.iter().enumerate() {
        let Some(other) = &known.replaced_by else { continue };
        for (number, relation, converse) in [(&known.number, "replacedby", other), (other, "prior", &known.number)] {
            let Some(first) = numbers.claims(number).first() else {
                lost(subject, &mut evidence, CLAIM, place("claim", at), known.patient.as_deref());
                continue;
            };
            evidence.examined += 1;
            if !numbers.claims(number).iter().any(|found| names(found, relation, converse)) {
                let of = resource::key_of(first).unwrap_or_default();
                let expected = said!("the other claim of {} as {}", place("claim", at), code(relation));
                evidence.deviation(said!("{}: {}", key(of), code("related")), expected, "it is not named");
            }
        }
    }
    evidence
}

fn names(claim: &Value, relation: &str, number: &str) -> bool {
    let of = entries(claim, "related").iter().filter(|related| has_code(related.get("relationship"), relation));
    of.filter_map(|related| related.get("reference")?.get("value")).any(|value| value == number)
}
