//! `data.insurer`

use super::claim::{focal_coverages, same_party};
use super::{each, entries, wrong};
use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "data.insurer",
    summary: "the insurer of a claim is the payor of the focal coverage",
    why: "CARIN BB C4BB ExplanationOfBenefit, notes on .insurer, .insurance.focal and .insurance.coverage: where focal is true, the insurer is the same as the payor of that coverage. They differ where both lead to Organizations at hand, which do.",
    accepts: r##"{"about": {"type": "ExplanationOfBenefit"}, "sample": {"resourceType": "ExplanationOfBenefit", "id": "1", "contained": [{"resourceType": "Coverage", "id": "c", "payor": [{"reference": "Organization/a"}]}], "insurer": {"reference": "Organization/a"}, "insurance": [{"focal": true, "coverage": {"reference": "#c"}}]}}"##,
    rejects: r##"{"about": {"type": "ExplanationOfBenefit"}, "sample": {"resourceType": "ExplanationOfBenefit", "id": "1", "contained": [{"resourceType": "Coverage", "id": "c", "payor": [{"reference": "Organization/a"}]}], "insurer": {"reference": "Organization/b"}, "insurance": [{"focal": true, "coverage": {"reference": "#c"}}]}, "others": [{"resourceType": "Organization", "id": "a"}, {"resourceType": "Organization", "id": "b"}]}"##,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    each(subject, "no claim has a focal coverage that was harvested with its payor", |claim, evidence| {
        let Some(insurer) = claim.get("insurer") else { return };
        for coverage in focal_coverages(subject, claim) {
            let payors = entries(coverage, "payor").iter();
            let same: Vec<Option<bool>> = payors.map(|payor| same_party(subject, (claim, insurer), (coverage, payor))).collect();
            if same.contains(&Some(true)) {
                evidence.examined += 1;
            } else if !same.is_empty() && !same.contains(&None) {
                evidence.examined += 1;
                wrong(evidence, claim, "insurer", "the payor of the focal coverage", "another party");
            }
        }
    })
}
