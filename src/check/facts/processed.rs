//! `facts.processed`

use super::{lost, named};
use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "facts.processed",
    summary: "what the payer processed is in the record one business day later",
    why: "42 CFR 422.119(b)(1), 431.60(b), 457.730(b) and 45 CFR 156.221(b)(1): data are made accessible no later than one business day after a claim is processed or the data are received. What is due later than the day by whose rules is judged, or than today, is not looked at. That something is there shows that it came in time only where it was processed in the last week (processed-lately).",
    accepts: r#"{"about": {"type": "ExplanationOfBenefit"}, "as-of": "2026-11-30", "scope": ["patient", "1"], "facts": {"claim": [{"number": "A", "processed": "2026-11-25"}, {"number": "B", "processed": "2026-11-27"}]}, "sample": {"resourceType": "ExplanationOfBenefit", "id": "1", "identifier": [{"value": "A"}]}}"#,
    rejects: r#"{"about": {"type": "ExplanationOfBenefit"}, "as-of": "2026-11-28", "scope": ["patient", "1"], "facts": {"claim": [{"number": "A", "processed": "2026-11-25"}, {"number": "B", "processed": "2026-11-24"}]}, "sample": {"resourceType": "ExplanationOfBenefit", "id": "1", "identifier": [{"value": "A"}]}}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let mut evidence = Evidence::default();
    let days = [subject.declared.as_of, subject.declared.today];
    let Some(today) = days.into_iter().flatten().min() else { return Evidence::nothing("no day is known by whose rules is judged") };
    for known in named(subject, |known| known.processed.is_some()) {
        let Some(processed) = known.processed else { continue };
        if today <= processed.next_business_day() {
            evidence.note.get_or_insert("the day on which it is due is not over".into());
        } else if known.found.is_empty() {
            lost(subject, &mut evidence, subject.resource_type(), known.place, known.patient);
        } else {
            evidence.examined += 1;
        }
    }
    evidence.note.get_or_insert("the payer's facts name nothing of this type that was processed on a known day".into());
    evidence
}
