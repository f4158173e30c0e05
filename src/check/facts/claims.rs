//! `facts.claims`

use super::{CLAIM, has_all_claims};
use crate::check::data::claim::is_of_kind;
use crate::check::outcome::Evidence;
use crate::check::said::{code, said};
use crate::check::{Check, Subject};
use crate::fhir::json::Value;

/// The check.
pub const CHECK: Check = Check {
    id: "facts.claims",
    summary: "the record has as many claims of each kind as the payer says that it holds",
    why: "42 CFR 422.119(b)(1)(i) and its siblings: all adjudicated claims, appealed and denied ones among them; CARIN BB Common Payer Consumer Data Set: the data can be had by the API.",
    accepts: r#"{"about": {"type": "ExplanationOfBenefit"}, "patient": "1", "scope": ["patient", "1"], "facts": {"member": [{"claims": {"total": 1, "oral": 1, "pharmacy": 0}}]}, "sample": {"resourceType": "ExplanationOfBenefit", "id": "1", "use": "claim", "type": {"coding": [{"code": "oral"}]}}, "others": [{"resourceType": "ExplanationOfBenefit", "id": "2", "use": "preauthorization", "type": {"coding": [{"code": "oral"}]}}]}"#,
    rejects: r#"{"about": {"type": "ExplanationOfBenefit"}, "patient": "1", "scope": ["patient", "1"], "facts": {"member": [{"patient": "1", "claims": {"oral": 2}}]}, "sample": {"resourceType": "ExplanationOfBenefit", "id": "1", "use": "claim", "type": {"coding": [{"code": "oral"}]}}}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(known) = subject.declared.facts.member(subject.samples.patient.as_deref()) else {
        return Evidence::nothing("the payer's facts say nothing of this member's claims");
    };
    if !has_all_claims(subject) {
        return Evidence::nothing("the member's claims were not all harvested");
    }
    let mut evidence = Evidence { note: Some("the payer's facts do not say how many claims there are".into()), ..Evidence::default() };
    for (kind, expected) in &known.claims.0 {
        let claims = subject.samples.of(CLAIM).iter().filter(|claim| is_claim(claim) && is_of(claim, kind));
        let actual = claims.count();
        // None of a kind that there is none of shows nothing.
        evidence.examined += usize::from(actual + expected > 0);
        if actual != *expected {
            evidence.deviation(said!("claims: {}", code(kind)), *expected, actual);
        }
    }
    evidence
}

/// Whether it is a claim and no request to authorize one.
pub fn is_claim(claim: &Value) -> bool {
    claim.get("use").is_none_or(|purpose| purpose == "claim")
}

fn is_of(claim: &Value, kind: &str) -> bool {
    let profile = match kind {
        "inpatient" => "-Inpatient",
        "outpatient" => "-Outpatient",
        "pharmacy" => "-Pharmacy",
        "professional" => "-Professional",
        "oral" => "-Oral",
        _ => return true,
    };
    is_of_kind(claim, Some(profile))
}
