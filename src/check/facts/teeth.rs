//! `facts.teeth`

use super::{CLAIM, Numbers, entries, has_code, lost, place};
use crate::check::outcome::Evidence;
use crate::check::payer_facts::KnownTeeth;
use crate::check::said::{code, key, said};
use crate::check::{Check, Subject};
use crate::fhir::json::Value;
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "facts.teeth",
    summary: "a line of an oral claim has all the teeth that the payer says it is about, and the surfaces that hold for each of them",
    why: "CARIN BB C4BB ExplanationOfBenefit Oral, notes on .item.bodySite and .item.subSite: the main tooth is the line's bodySite, further ones are supporting information of category additionalbodysite that the line links to, and subSite holds for all of them.",
    accepts: r#"{"about": {"type": "ExplanationOfBenefit"}, "facts": {"claim": [{"number": "A", "teeth": [{"line": 1, "teeth": ["14", "15"], "surfaces": ["M", "O"]}]}]}, "sample": {"resourceType": "ExplanationOfBenefit", "id": "1", "identifier": [{"value": "A"}], "supportingInfo": [{"sequence": 3, "category": {"coding": [{"code": "additionalbodysite"}]}, "code": {"coding": [{"code": "15"}]}}], "item": [{"sequence": 1, "informationSequence": [3], "bodySite": {"coding": [{"system": "urn:iso:3950", "code": "26"}, {"code": "14"}]}, "subSite": [{"coding": [{"code": "O"}]}, {"coding": [{"code": "M"}]}]}]}}"#,
    rejects: r#"{"about": {"type": "ExplanationOfBenefit"}, "facts": {"claim": [{"number": "A", "teeth": [{"line": 1, "teeth": ["14", "15"], "surfaces": ["M", "O"]}]}]}, "sample": {"resourceType": "ExplanationOfBenefit", "id": "1", "identifier": [{"value": "A"}], "supportingInfo": [{"sequence": 3, "category": {"coding": [{"code": "additionalbodysite"}]}, "code": {"coding": [{"code": "15"}]}}], "item": [{"sequence": 1, "informationSequence": [3], "bodySite": {"coding": [{"code": "14"}]}, "subSite": [{"coding": [{"code": "O"}]}]}]}}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let mut evidence =
        Evidence { note: Some("the payer's facts name no line of an oral claim with several teeth".into()), ..Evidence::default() };
    let numbers = Numbers::of(subject);
    for (at, known) in subject.declared.facts.claims.iter().enumerate().filter(|(_, known)| !known.teeth.is_empty()) {
        let Some(first) = numbers.claims(&known.number).first() else {
            lost(subject, &mut evidence, CLAIM, place("claim", at), known.patient.as_deref());
            continue;
        };
        let of = resource::key_of(first).unwrap_or_default();
        for teeth in &known.teeth {
            evidence.examined += 1;
            let wrong: Vec<Vec<String>> = numbers.claims(&known.number).iter().map(|found| wrong(found, teeth)).collect();
            if wrong.iter().any(Vec::is_empty) {
                continue;
            }
            for path in wrong.into_iter().next().unwrap_or_default() {
                evidence.deviation(
                    said!("{}: {}", key(of.clone()), code(path)),
                    said!("what {} says", place("claim", at)),
                    "something else",
                );
            }
        }
    }
    evidence
}

/// The elements of a line that are not as the payer says.
fn wrong(claim: &Value, known: &KnownTeeth) -> Vec<String> {
    let lines = entries(claim, "item");
    let line = lines.iter().enumerate().find(|(_, line)| line.get("sequence").and_then(Value::as_u64) == Some(known.line));
    let Some((number, line)) = line else { return vec!["item".to_owned()] };
    let surfaces = entries(line, "subSite").iter().collect();
    let compared = [("bodySite", teeth(claim, line), &known.teeth), ("subSite", surfaces, &known.surfaces)];
    let differing = compared.into_iter().filter(|(_, concepts, expected)| !are(concepts, expected));
    differing.map(|(name, ..)| format!("item[{number}].{name}")).collect()
}

/// The teeth of a line: its own, and those of the supporting information that it links to.
fn teeth<'a>(claim: &'a Value, line: &'a Value) -> Vec<&'a Value> {
    let linked: Vec<u64> = entries(line, "informationSequence").iter().filter_map(Value::as_u64).collect();
    let further = entries(claim, "supportingInfo").iter().filter(|info| has_code(info.get("category"), "additionalbodysite"));
    let further = further.filter(|info| info.get("sequence").and_then(Value::as_u64).is_some_and(|number| linked.contains(&number)));
    line.get("bodySite").into_iter().chain(further.filter_map(|info| info.get("code"))).collect()
}

/// Whether concepts have all the codes, and none has only others: one concept may be coded in several systems.
fn are(concepts: &[&Value], expected: &[String]) -> bool {
    let has = |concept: &Value, wanted: &str| has_code(Some(concept), wanted);
    expected.iter().all(|wanted| concepts.iter().any(|concept| has(concept, wanted)))
        && concepts.iter().all(|concept| expected.iter().any(|wanted| has(concept, wanted)))
}
