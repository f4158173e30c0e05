//! `data.links`

use super::{each, entries, wrong};
use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};
use crate::fhir::json::Value;

/// The check.
pub const CHECK: Check = Check {
    id: "data.links",
    summary: "what a line names by its number is there",
    why: "CARIN BB C4BB ExplanationOfBenefit Oral and Professional NonClinician, notes on .item.diagnosisSequence: references the sequence number of the associated diagnosis; C4BB ExplanationOfBenefit, notes on .item.noteNumber: of the associated processNote. R4 explanationofbenefit-definitions.html means informationSequence, procedureSequence and careTeamSequence alike.",
    accepts: r#"{"about": {"type": "ExplanationOfBenefit"}, "sample": {"resourceType": "ExplanationOfBenefit", "id": "1", "diagnosis": [{"sequence": 2}], "item": [{"sequence": 1, "diagnosisSequence": [2]}]}}"#,
    rejects: r#"{"about": {"type": "ExplanationOfBenefit"}, "sample": {"resourceType": "ExplanationOfBenefit", "id": "1", "diagnosis": [{"sequence": 1}], "item": [{"sequence": 1, "diagnosisSequence": [2]}]}}"#,
    run,
};

/// The link of a line, the list that it leads into, and the number of that list's entries.
const LINKS: [(&str, &str, &str); 5] = [
    ("careTeamSequence", "careTeam", "sequence"),
    ("diagnosisSequence", "diagnosis", "sequence"),
    ("informationSequence", "supportingInfo", "sequence"),
    ("procedureSequence", "procedure", "sequence"),
    ("noteNumber", "processNote", "number"),
];

fn run(subject: &Subject<'_>) -> Evidence {
    each(subject, "no line of a claim names anything by its number", |claim, evidence| {
        for (at, item) in entries(claim, "item").iter().enumerate() {
            for (link, list, number) in LINKS {
                let there: Vec<u64> = entries(claim, list).iter().filter_map(|entry| entry.get(number)?.as_u64()).collect();
                let named: Vec<u64> = entries(item, link).iter().filter_map(Value::as_u64).collect();
                evidence.examined += named.len();
                if named.iter().any(|number| !there.contains(number)) {
                    wrong(
                        evidence,
                        claim,
                        &format!("item[{at}].{link}"),
                        "numbers of entries that are there",
                        "a number that no entry has",
                    );
                }
            }
        }
    })
}
