//! `facts.prior-authorizations`

use super::{CLAIM, has_all_claims};
use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "facts.prior-authorizations",
    summary: "the record has as many prior authorizations as the payer says that it holds",
    why: "CMS-0057-F, 42 CFR 422.119(b)(1)(iv) and 431.60(b)(5): requests for and decisions on prior authorizations, while they last and for a year after their last change. They are ExplanationOfBenefits whose use is preauthorization (Da Vinci PDex 2.0.0).",
    accepts: r#"{"about": {"type": "ExplanationOfBenefit"}, "patient": "1", "scope": ["patient", "1"], "facts": {"member": [{"prior-authorizations": 1}]}, "sample": {"resourceType": "ExplanationOfBenefit", "id": "1", "use": "preauthorization"}, "others": [{"resourceType": "ExplanationOfBenefit", "id": "2", "use": "claim"}]}"#,
    rejects: r#"{"about": {"type": "ExplanationOfBenefit"}, "patient": "1", "scope": ["patient", "1"], "facts": {"member": [{"prior-authorizations": 1}]}, "sample": {"resourceType": "ExplanationOfBenefit", "id": "1", "use": "claim"}}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let known = subject.declared.facts.member(subject.samples.patient.as_deref()).and_then(|known| known.prior_authorizations);
    let Some(expected) = known else { return Evidence::nothing("the payer's facts say nothing of this member's prior authorizations") };
    if !has_all_claims(subject) {
        return Evidence::nothing("the member's claims were not all harvested");
    }
    let requests = subject.samples.of(CLAIM).iter().filter(|claim| claim.get("use").is_some_and(|purpose| purpose == "preauthorization"));
    let actual = requests.count();
    if actual + expected == 0 {
        return Evidence::nothing("there are none, as the payer says");
    }
    if actual == expected { Evidence::fine() } else { Evidence::wrong("prior authorizations", expected, actual) }
}
