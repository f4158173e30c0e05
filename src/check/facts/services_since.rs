//! `facts.services-since`

use super::claims::is_claim;
use super::{CLAIM, has_all_claims};
use crate::check::data::dates::served;
use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};
use crate::fhir::date::{DAY, Interval};

/// The check.
pub const CHECK: Check = Check {
    id: "facts.services-since",
    summary: "the record goes back to the first service of which the payer holds a claim",
    why: "42 CFR 422.119, 431.60 and their siblings, on applicability: data with a date of service on or after 1 January 2016 that the payer maintains. What was before that day need not be there.",
    accepts: r#"{"about": {"type": "ExplanationOfBenefit"}, "patient": "1", "scope": ["patient", "1"], "facts": {"member": [{"services-since": "2015-03-01"}]}, "sample": {"resourceType": "ExplanationOfBenefit", "id": "1", "billablePeriod": {"start": "2016-01-01"}}}"#,
    rejects: r#"{"about": {"type": "ExplanationOfBenefit"}, "patient": "1", "scope": ["patient", "1"], "facts": {"member": [{"services-since": "2019-03-01"}]}, "sample": {"resourceType": "ExplanationOfBenefit", "id": "1", "item": [{"servicedDate": "2020-02-01"}]}}"#,
    run,
};

/// The first day of service that has to be there.
const FIRST: &str = "2016-01-01";

fn run(subject: &Subject<'_>) -> Evidence {
    let known = subject.declared.facts.member(subject.samples.patient.as_deref()).and_then(|known| known.services_since);
    let (Some(since), Ok(first)) = (known, FIRST.parse()) else {
        return Evidence::nothing("the payer's facts do not say since when it holds claims of this member");
    };
    if !has_all_claims(subject) {
        return Evidence::nothing("the member's claims were not all harvested");
    }
    let oldest = subject.samples.of(CLAIM).iter().filter(|claim| is_claim(claim)).filter_map(|claim| served(claim)).min();
    let Some(day) = Interval::parse(&since.max(first).to_string()) else { return Evidence::default() };
    // The day of a zone that is not told.
    if oldest.is_some_and(|oldest| oldest <= day.high.saturating_add(DAY)) {
        return Evidence::fine();
    }
    if since < first {
        return Evidence::nothing(
            "the first service that the payer names was before 2016, and none near the first day of that year is there",
        );
    }
    let actual = if oldest.is_some() { "the oldest service is later" } else { "no claim says when it was served" };
    Evidence::wrong("ExplanationOfBenefit", "a service on the day that [[facts.member]] names, or before", actual)
}
