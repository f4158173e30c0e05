//! `facts.teeth`

use std::collections::BTreeSet;

use serde_json::Value;

use super::{CLAIM, claim, entries, has_code, lost, place};
use crate::check::outcome::Evidence;
use crate::check::said::{code, key, said};
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "facts.teeth",
    summary: "a line of an oral claim has all the teeth that the payer says it is about, and the surfaces that hold for each of them",
    why: "CARIN BB C4BB ExplanationOfBenefit Oral, notes on .item.bodySite and .item.subSite: the main tooth is the line's bodySite, further ones are supporting information of category additionalbodysite that the line links to, and subSite holds for all of them.",
    accepts: r#"{"about": {"type": "ExplanationOfBenefit"}, "facts": {"claim": [{"number": "A", "teeth": [{"line": 1, "teeth": ["14", "15"], "surfaces": ["M", "O"]}]}]}, "sample": {"resourceType": "ExplanationOfBenefit", "id": "1", "identifier": [{"value": "A"}], "supportingInfo": [{"sequence": 3, "category": {"coding": [{"code": "additionalbodysite"}]}, "code": {"coding": [{"code": "15"}]}}], "item": [{"sequence": 1, "informationSequence": [3], "bodySite": {"coding": [{"code": "14"}]}, "subSite": [{"coding": [{"code": "O"}]}, {"coding": [{"code": "M"}]}]}]}}"#,
    rejects: r#"{"about": {"type": "ExplanationOfBenefit"}, "facts": {"claim": [{"number": "A", "teeth": [{"line": 1, "teeth": ["14", "15"], "surfaces": ["M", "O"]}]}]}, "sample": {"resourceType": "ExplanationOfBenefit", "id": "1", "identifier": [{"value": "A"}], "supportingInfo": [{"sequence": 3, "category": {"coding": [{"code": "additionalbodysite"}]}, "code": {"coding": [{"code": "15"}]}}], "item": [{"sequence": 1, "informationSequence": [3], "bodySite": {"coding": [{"code": "14"}]}, "subSite": [{"coding": [{"code": "O"}]}]}]}}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let mut evidence =
        Evidence { note: Some("the payer's facts name no line of an oral claim with several teeth".into()), ..Evidence::default() };
    for (at, known) in subject.declared.facts.claims.iter().enumerate().filter(|(_, known)| !known.teeth.is_empty()) {
        let Some(found) = claim(subject, &known.number) else {
            lost(subject, &mut evidence, CLAIM, place("claim", at));
            continue;
        };
        for known in &known.teeth {
            evidence.examined += 1;
            let lines = entries(found, "item");
            let line = lines.iter().enumerate().find(|(_, line)| line.get("sequence").and_then(Value::as_u64) == Some(known.line));
            let of = resource::key_of(found).unwrap_or_default();
            let Some((number, line)) = line else {
                evidence.deviation(said!("{}: item", key(of)), said!("the line of {}", place("claim", at)), "no such line");
                continue;
            };
            let compared = [("bodySite", teeth(found, line), &known.teeth), ("subSite", codes(entries(line, "subSite")), &known.surfaces)];
            for (name, actual, expected) in compared {
                if actual != expected.iter().map(String::as_str).collect() {
                    let path = format!("item[{number}].{name}");
                    evidence.deviation(
                        said!("{}: {}", key(of.clone()), code(path)),
                        said!("what {} says", place("claim", at)),
                        "something else",
                    );
                }
            }
        }
    }
    evidence
}

/// The teeth of a line: its own, and those of the supporting information that it links to.
fn teeth<'a>(claim: &'a Value, line: &'a Value) -> BTreeSet<&'a str> {
    let linked: Vec<u64> = entries(line, "informationSequence").iter().filter_map(Value::as_u64).collect();
    let further = entries(claim, "supportingInfo").iter().filter(|info| has_code(info.get("category"), "additionalbodysite"));
    let further = further.filter(|info| info.get("sequence").and_then(Value::as_u64).is_some_and(|number| linked.contains(&number)));
    let further = further.filter_map(|info| info.get("code"));
    codes(line.get("bodySite").into_iter().chain(further))
}

/// The codes of concepts.
fn codes<'a>(concepts: impl IntoIterator<Item = &'a Value>) -> BTreeSet<&'a str> {
    concepts.into_iter().flat_map(|concept| entries(concept, "coding")).filter_map(|coding| coding.get("code")?.as_str()).collect()
}
