//! `data.amounts`

use super::claim::{Place, header, lines, tolerance, totals};
use super::{each, has_code, wrong};
use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};
use crate::fhir::json::Value;

/// The check.
pub const CHECK: Check = Check {
    id: "data.amounts",
    summary: "the amounts of a line, of a claim and of its totals add up",
    why: "CARIN BB C4BB ExplanationOfBenefit by kind, notes on .item.adjudication.amount, .adjudication.amount and .total.amount: eligible = submitted - noncovered - discount; member liability = deductible + coinsurance + copay + noncovered; payment = eligible - member liability. An amount that is not sent may be anything but negative; whether the member owes what is not covered, and what another payer paid before, is the payer's to say; a line that takes back another is not judged.",
    accepts: r#"{"about": {"type": "ExplanationOfBenefit"}, "sample": {"resourceType": "ExplanationOfBenefit", "id": "1", "total": [{"category": {"coding": [{"code": "submitted"}]}, "amount": {"value": 100}}, {"category": {"coding": [{"code": "discount"}]}, "amount": {"value": 20.5}}, {"category": {"coding": [{"code": "noncovered"}]}, "amount": {"value": 0}}, {"category": {"coding": [{"code": "eligible"}]}, "amount": {"value": 79.5}}]}}"#,
    rejects: r#"{"about": {"type": "ExplanationOfBenefit"}, "sample": {"resourceType": "ExplanationOfBenefit", "id": "1", "total": [{"category": {"coding": [{"code": "submitted"}]}, "amount": {"value": 100}}, {"category": {"coding": [{"code": "discount"}]}, "amount": {"value": 20.5}}, {"category": {"coding": [{"code": "eligible"}]}, "amount": {"value": 90}}]}}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    each(subject, "no claim of this kind has amounts that depend on each other", |claim, evidence| {
        let tolerance = tolerance(claim);
        let is_pharmacy = has_code(claim.get("type"), "pharmacy");
        for place in lines(claim).iter().chain([&header(claim), &totals(claim)]) {
            if place.amounts.values().all(|amount| *amount >= 0.0) {
                add_up(claim, place, is_pharmacy, tolerance, evidence);
            }
        }
    })
}

fn add_up(claim: &Value, place: &Place<'_>, is_pharmacy: bool, tolerance: f64, evidence: &mut Evidence) {
    let get = |code: &str| place.amounts.get(code).copied();
    let known = |code: &str| get(code).unwrap_or_default();
    let mut hold = |amount: f64, least: f64, most: f64, expected: &'static str, actual: &'static str| {
        evidence.examined += 1;
        if amount < least - tolerance || amount > most + tolerance {
            wrong(evidence, claim, &place.path, expected, actual);
        }
    };
    let (eligible, liability) = (get("eligible"), get("memberliability"));
    // A pharmacy's discount is counted only where a claim is in the network.
    if let (Some(eligible), Some(submitted)) = (eligible, get("submitted"))
        && (!is_pharmacy || known("discount") > 0.0)
    {
        let most = submitted - known("noncovered") - known("discount");
        let is_exact = get("noncovered").is_some() && get("discount").is_some();
        let least = if is_exact { most } else { f64::NEG_INFINITY };
        hold(eligible, least, most, "eligible = submitted - noncovered - discount", "another eligible amount");
    }
    if known("priorpayerpaid") > 0.0 {
        return;
    }
    let shares = ["deductible", "coinsurance", "copay"];
    if let Some(liability) = liability
        && shares.iter().any(|code| get(code).is_some())
    {
        let least = shares.iter().map(|code| known(code)).sum();
        let is_exact = shares.iter().all(|code| get(code).is_some());
        let most = get("noncovered").filter(|_| is_exact).map_or(f64::INFINITY, |noncovered| least + noncovered);
        hold(liability, least, most, "member liability = deductible + coinsurance + copay + noncovered", "another member liability");
    }
    let paid = get("paidtoprovider").into_iter().chain(get("paidtopatient")).reduce(|one, other| one + other);
    if let (Some(eligible), Some(liability), Some(paid)) = (eligible, liability, paid) {
        let least = eligible - liability;
        let most = get("noncovered").map_or(eligible, |noncovered| (least + noncovered).max(least));
        hold(paid, least, most, "paid to provider or patient = eligible - member liability", "another payment");
    }
}
