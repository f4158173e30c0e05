//! `facts.changed`

use super::{is_on, lost, named};
use crate::check::outcome::Evidence;
use crate::check::said::{code, key, said};
use crate::check::{Check, Subject};
use crate::fhir::date::Interval;
use crate::fhir::json::Value;
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

fn run(subject: &Subject<'_>) -> Evidence {
    let mut evidence = Evidence {
        note: Some("the payer's facts name nothing of this type that was changed on a known day".into()),
        ..Evidence::default()
    };
    for known in named(subject, |known| known.changed.is_some()) {
        let Some(day) = known.changed else { continue };
        let Some(first) = known.found.first() else {
            lost(subject, &mut evidence, subject.resource_type(), known.place, known.patient);
            continue;
        };
        evidence.examined += 1;
        let stamp = |found: &Value| found.get("meta").and_then(|meta| Interval::of(meta.get("lastUpdated")?));
        let stamps: Vec<Interval> = known.found.iter().filter_map(|found| stamp(found)).collect();
        if !stamps.iter().any(|stamp| is_on(stamp, day)) {
            let of = resource::key_of(first).unwrap_or_default();
            let actual = if stamps.is_empty() { "nothing" } else { "another day" };
            evidence.deviation(said!("{}: {}", key(of), code("meta.lastUpdated")), said!("the day of {}", known.place), actual);
        }
    }
    evidence
}
