//! `data.dates`

use super::{each, entries, wrong};
use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};
use crate::fhir::date::{DAY, Interval};
use crate::fhir::json::Value;

/// The check.
pub const CHECK: Check = Check {
    id: "data.dates",
    summary: "the dates of a claim follow each other: service, creation, last change",
    why: "R4 explanationofbenefit-definitions.html: billablePeriod is the period for which charges are submitted, item.serviced[x] when the service of a line was supplied, and created when the resource was made. CARIN BB C4BB ExplanationOfBenefit, notes on .meta.lastUpdated: the last change or the creation, whichever comes last. Days of zones that are not told are given a day.",
    accepts: r#"{"about": {"type": "ExplanationOfBenefit"}, "sample": {"resourceType": "ExplanationOfBenefit", "id": "1", "meta": {"lastUpdated": "2020-02-01T00:00:00Z"}, "created": "2020-01-20", "billablePeriod": {"start": "2020-01-01", "end": "2020-01-03"}, "item": [{"sequence": 1, "servicedDate": "2020-01-02"}]}}"#,
    rejects: r#"{"about": {"type": "ExplanationOfBenefit"}, "sample": {"resourceType": "ExplanationOfBenefit", "id": "1", "created": "2019-01-20", "billablePeriod": {"start": "2020-01-01", "end": "2020-01-03"}, "item": [{"sequence": 1, "servicedDate": "2020-02-02"}]}}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    each(subject, "no claim has dates to compare", |claim, evidence| {
        let created = claim.get("created").and_then(Interval::of);
        let changed = claim.get("meta").and_then(|meta| Interval::of(meta.get("lastUpdated")?));
        if let (Some(service), Some(created)) = (served(claim), created) {
            evidence.examined += 1;
            if created.high.saturating_add(DAY) < service {
                wrong(evidence, claim, "created", "not before the service began", "an earlier date");
            }
        }
        if let (Some(created), Some(changed)) = (created, changed) {
            evidence.examined += 1;
            if changed.high.saturating_add(DAY) < created.low {
                wrong(evidence, claim, "meta.lastUpdated", "not before the claim was created", "an earlier instant");
            }
        }
        if let Some(period) = claim.get("billablePeriod").and_then(Interval::of) {
            within(claim, &period, evidence);
        }
    })
}

fn within(claim: &Value, period: &Interval, evidence: &mut Evidence) {
    for (at, item) in entries(claim, "item").iter().enumerate() {
        let serviced = ["servicedDate", "servicedPeriod"].into_iter().find_map(|name| item.get(name));
        let Some(serviced) = serviced.and_then(Interval::of) else { continue };
        evidence.examined += 1;
        let begins_before = serviced.low != i128::MIN && serviced.low < period.low.saturating_sub(DAY);
        let ends_after = serviced.high != i128::MAX && serviced.high > period.high.saturating_add(DAY);
        if begins_before || ends_after {
            wrong(evidence, claim, &format!("item[{at}].serviced"), "within billablePeriod", "outside of it");
        }
    }
}

/// When the service of a claim began: the start of its period, or else of its first line.
pub(in crate::check) fn served(claim: &Value) -> Option<i128> {
    let start = claim.get("billablePeriod").and_then(|period| Interval::of(period.get("start")?)).map(|start| start.low);
    start.or_else(|| {
        let start = |item: &Value| {
            let date = item.get("servicedDate").or_else(|| item.get("servicedPeriod")?.get("start"))?;
            Interval::of(date).map(|date| date.low)
        };
        entries(claim, "item").iter().filter_map(start).min()
    })
}
