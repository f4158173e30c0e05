//! `data.sequences`

use std::collections::BTreeSet;

use super::{each, entries, wrong};
use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};
use crate::fhir::json::Value;

/// The check.
pub const CHECK: Check = Check {
    id: "data.sequences",
    summary: "the numbers of the entries of a claim are unique",
    why: "R4 explanationofbenefit-definitions.html#ExplanationOfBenefit.item.sequence: a number to uniquely identify item entries; likewise of careTeam, supportingInfo, diagnosis and procedure. CARIN BB C4BB ExplanationOfBenefit, notes on .careTeam.sequence and .diagnosis.sequence.",
    accepts: r#"{"about": {"type": "ExplanationOfBenefit"}, "sample": {"resourceType": "ExplanationOfBenefit", "id": "1", "diagnosis": [{"sequence": 1}, {"sequence": 2}], "item": [{"sequence": 1}]}}"#,
    rejects: r#"{"about": {"type": "ExplanationOfBenefit"}, "sample": {"resourceType": "ExplanationOfBenefit", "id": "1", "diagnosis": [{"sequence": 1}, {"sequence": 1}], "item": [{"sequence": 1}]}}"#,
    run,
};

/// Lists whose entries are numbered.
const NUMBERED: [&str; 5] = ["careTeam", "supportingInfo", "diagnosis", "procedure", "item"];

fn run(subject: &Subject<'_>) -> Evidence {
    each(subject, "no claim has numbered entries", |claim, evidence| {
        for name in NUMBERED {
            unique(claim, entries(claim, name), name, evidence);
        }
        for (at, item) in entries(claim, "item").iter().enumerate() {
            unique(claim, entries(item, "detail"), &format!("item[{at}].detail"), evidence);
        }
    })
}

fn unique(claim: &Value, entries: &[Value], path: &str, evidence: &mut Evidence) {
    let mut seen = BTreeSet::new();
    let numbers: Vec<u64> = entries.iter().filter_map(|entry| entry.get("sequence").and_then(Value::as_u64)).collect();
    evidence.examined += numbers.len();
    if !numbers.into_iter().all(|number| seen.insert(number)) {
        wrong(evidence, claim, &format!("{path}.sequence"), "each number once", "a number stands there twice");
    }
}
