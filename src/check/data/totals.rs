//! `data.totals`

use super::claim::{header, lines, tolerance, totals};
use super::{each, wrong};
use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "data.totals",
    summary: "the total of a category is the sum of its amounts",
    why: "CARIN BB C4BB ExplanationOfBenefit by kind, notes on fields: total amounts and amount types of the claim are in .total, those of lines in .item, and those of a claim without them on the whole. R4 explanationofbenefit-definitions.html#ExplanationOfBenefit.total. A line without the category may have any amount of it but a negative one; a category on both levels is not judged.",
    accepts: r#"{"about": {"type": "ExplanationOfBenefit"}, "sample": {"resourceType": "ExplanationOfBenefit", "id": "1", "item": [{"adjudication": [{"category": {"coding": [{"code": "copay"}]}, "amount": {"value": 10}}]}, {"adjudication": [{"category": {"coding": [{"code": "copay"}]}, "amount": {"value": 5}}]}], "total": [{"category": {"coding": [{"code": "copay"}]}, "amount": {"value": 15}}]}}"#,
    rejects: r#"{"about": {"type": "ExplanationOfBenefit"}, "sample": {"resourceType": "ExplanationOfBenefit", "id": "1", "item": [{"adjudication": [{"category": {"coding": [{"code": "copay"}]}, "amount": {"value": 10}}]}, {"adjudication": [{"category": {"coding": [{"code": "copay"}]}, "amount": {"value": 5}}]}], "total": [{"category": {"coding": [{"code": "copay"}]}, "amount": {"value": 10}}]}}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    each(subject, "no claim of this kind has a total of what stands on its lines or on the whole", |claim, evidence| {
        let (lines, header, tolerance) = (lines(claim), header(claim), tolerance(claim));
        for (code, total) in totals(claim).amounts {
            let on_lines: Vec<f64> = lines.iter().filter_map(|line| line.amounts.get(code).copied()).collect();
            let (sum, is_whole): (f64, bool) = match (header.amounts.get(code), on_lines.is_empty()) {
                (Some(amount), true) => (*amount, true),
                (None, false) => (on_lines.iter().sum(), on_lines.len() == lines.len()),
                _ => continue,
            };
            if !is_whole && on_lines.iter().any(|amount| *amount < 0.0) {
                continue;
            }
            evidence.examined += 1;
            if total < sum - tolerance || (is_whole && total > sum + tolerance) {
                wrong(evidence, claim, &format!("total ({code})"), "the sum of the category's amounts", "another amount");
            }
        }
    })
}
