//! `data.in-force`

use super::claim::focal_coverages;
use super::dates::served;
use super::{each, has_code, wrong};
use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};
use crate::fhir::date::{DAY, Interval};
use crate::fhir::json::Value;

/// The check.
pub const CHECK: Check = Check {
    id: "data.in-force",
    summary: "the focal coverage of a claim that was paid is in force when the service begins",
    why: "CARIN BB CapabilityStatement c4bb and C4BB Coverage: the Coverage that is referenced by an ExplanationOfBenefit reflects the coverage at the time of service. A claim that was denied is not judged.",
    accepts: r##"{"about": {"type": "ExplanationOfBenefit"}, "sample": {"resourceType": "ExplanationOfBenefit", "id": "1", "contained": [{"resourceType": "Coverage", "id": "c", "period": {"start": "2020-01-01"}}], "billablePeriod": {"start": "2020-02-01"}, "insurance": [{"focal": true, "coverage": {"reference": "#c"}}]}}"##,
    rejects: r##"{"about": {"type": "ExplanationOfBenefit"}, "sample": {"resourceType": "ExplanationOfBenefit", "id": "1", "contained": [{"resourceType": "Coverage", "id": "c", "period": {"start": "2020-01-01", "end": "2020-01-31"}}], "billablePeriod": {"start": "2020-03-01"}, "insurance": [{"focal": true, "coverage": {"reference": "#c"}}]}}"##,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    each(subject, "no claim has a focal coverage that was harvested with its period", |claim, evidence| {
        if claim.get("status").is_some_and(|status| status == "cancelled") || is_denied(claim) {
            return;
        }
        let Some(service) = served(claim) else { return };
        for coverage in focal_coverages(subject, claim) {
            let Some(period) = coverage.get("period").and_then(Interval::of) else { continue };
            evidence.examined += 1;
            // A day is a local one, of a zone that is not told.
            if service < period.low.saturating_sub(DAY) || service > period.high.saturating_add(DAY) {
                wrong(evidence, claim, "insurance.coverage", "a coverage whose period holds the day of service", "one of another period");
            }
        }
    })
}

/// Whether the payer says of the whole claim that it was denied.
fn is_denied(claim: &Value) -> bool {
    has_code(claim.get("payment").and_then(|payment| payment.get("type")), "denied")
}
