//! `data.payor`

use super::claim::{focal_coverages, pair, resolve};
use super::{each, entries, wrong};
use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "data.payor",
    summary: "the payor of a focal coverage leads to an Organization with its identifier",
    why: "CARIN BB C4BB ExplanationOfBenefit, notes on .insurance.coverage: where focal is true, the payor of the coverage leads to the identifier of an Organization. Payors that were not harvested are not judged.",
    accepts: r##"{"about": {"type": "ExplanationOfBenefit"}, "sample": {"resourceType": "ExplanationOfBenefit", "id": "1", "contained": [{"resourceType": "Coverage", "id": "c", "payor": [{"reference": "Organization/a"}]}], "insurance": [{"focal": true, "coverage": {"reference": "#c"}}]}, "others": [{"resourceType": "Organization", "id": "a", "identifier": [{"value": "95001"}]}]}"##,
    rejects: r##"{"about": {"type": "ExplanationOfBenefit"}, "sample": {"resourceType": "ExplanationOfBenefit", "id": "1", "contained": [{"resourceType": "Coverage", "id": "c", "payor": [{"reference": "Organization/a"}]}], "insurance": [{"focal": true, "coverage": {"reference": "#c"}}]}, "others": [{"resourceType": "Organization", "id": "a"}]}"##,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    each(subject, "no claim has a focal coverage that was harvested with its payor", |claim, evidence| {
        for coverage in focal_coverages(subject, claim) {
            for payor in entries(coverage, "payor") {
                let by_identifier = payor.get("identifier").and_then(pair).is_some();
                let party = resolve(subject, coverage, payor);
                if !by_identifier && party.is_none() {
                    continue;
                }
                evidence.examined += 1;
                if !by_identifier && !party.is_some_and(|party| entries(party, "identifier").iter().any(|own| pair(own).is_some())) {
                    wrong(evidence, claim, "insurance.coverage", "a payor with an identifier", "one without");
                }
            }
        }
    })
}
