//! `facts.changed`

use super::{lost, named};
use crate::check::outcome::Evidence;
use crate::check::said::{code, key, said};
use crate::check::{Check, Subject};
use crate::fhir::date::Interval;
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "facts.changed",
    summary: "meta.lastUpdated is the day on which the payer says that its systems changed the data last",
    why: "CARIN BB CapabilityStatement c4bb: meta.lastUpdated is the last time that the data was updated, or the date of its creation, in the payer's system of record, whichever comes last. The day may be that of any zone.",
    accepts: r#"{"about": {"type": "Coverage"}, "facts": {"resource": [{"reference": "Coverage/1", "changed": "2026-03-02"}]}, "sample": {"resourceType": "Coverage", "id": "1", "meta": {"lastUpdated": "2026-03-03T05:30:00Z"}}}"#,
    rejects: r#"{"about": {"type": "Coverage"}, "facts": {"resource": [{"reference": "Coverage/1", "changed": "2026-03-02"}]}, "sample": {"resourceType": "Coverage", "id": "1", "meta": {"lastUpdated": "2026-11-01T00:00:00Z"}}}"#,
    run,
};

/// How far the clock of a zone is ahead of UTC at most, in nanoseconds, and how far behind.
const AHEAD: i128 = 14 * 3600 * 1_000_000_000;
const BEHIND: i128 = 12 * 3600 * 1_000_000_000;

fn run(subject: &Subject<'_>) -> Evidence {
    let mut evidence = Evidence {
        note: Some("the payer's facts name nothing of this type that was changed on a known day".into()),
        ..Evidence::default()
    };
    for known in named(subject) {
        let Some(day) = known.changed else { continue };
        let Some(found) = known.found else {
            lost(subject, &mut evidence, subject.resource_type(), known.place);
            continue;
        };
        let Some(interval) = Interval::parse(&day.to_string()) else { continue };
        evidence.examined += 1;
        let stamp = found.get("meta").and_then(|meta| Interval::of(meta.get("lastUpdated")?));
        let fits = |stamp: &Interval| stamp.high >= interval.low.saturating_sub(AHEAD) && stamp.low <= interval.high.saturating_add(BEHIND);
        if !stamp.as_ref().is_some_and(fits) {
            let of = resource::key_of(found).unwrap_or_default();
            let actual = if stamp.is_some() { "another day" } else { "nothing" };
            evidence.deviation(said!("{}: {}", key(of), code("meta.lastUpdated")), said!("the day of {}", known.place), actual);
        }
    }
    evidence
}
