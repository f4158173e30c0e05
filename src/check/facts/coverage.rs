//! `facts.coverage`

use super::{entries, has_code, is_on, lost, place};
use crate::check::outcome::Evidence;
use crate::check::payer_facts::{KnownCoverage, is_about};
use crate::check::{Check, Subject};
use crate::fhir::date::Interval;
use crate::fhir::day::Day;
use crate::fhir::json::Value;

/// The check.
pub const CHECK: Check = Check {
    id: "facts.coverage",
    summary: "the record has a Coverage with everything that the payer says of one",
    why: "CARIN BB C4BB Coverage: data that reflect a payer's coverage; 42 CFR 422.119(b)(1) and its siblings: the data that the payer maintains.",
    accepts: r#"{"about": {"type": "Coverage"}, "patient": "1", "scope": ["beneficiary", "1"], "facts": {"coverage": [{"subscriber-id": "S1", "plan": "GOLD", "start": "2024-01-01"}]}, "sample": {"resourceType": "Coverage", "id": "1", "subscriberId": "S1", "period": {"start": "2024-01-01T00:00:00Z"}, "class": [{"type": {"coding": [{"code": "plan"}]}, "value": "GOLD"}]}}"#,
    rejects: r#"{"about": {"type": "Coverage"}, "patient": "1", "scope": ["beneficiary", "1"], "facts": {"coverage": [{"subscriber-id": "S1", "plan": "GOLD"}]}, "sample": {"resourceType": "Coverage", "id": "1", "subscriberId": "S1", "class": [{"type": {"coding": [{"code": "group"}]}, "value": "GOLD"}]}}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let mut evidence = Evidence::default();
    let patient = subject.samples.patient.as_deref();
    for (at, known) in subject.declared.facts.coverages.iter().enumerate().filter(|(_, known)| is_about(known.patient.as_deref(), patient))
    {
        if subject.samples.of("Coverage").iter().any(|coverage| fits(coverage, known)) {
            evidence.examined += 1;
        } else {
            lost(subject, &mut evidence, "Coverage", place("coverage", at), known.patient.as_deref());
        }
    }
    evidence.note.get_or_insert("the payer's facts say nothing of this member's coverage".into());
    evidence
}

fn fits(coverage: &Value, known: &KnownCoverage) -> bool {
    let class = |kind: &str, wanted: &Option<String>| {
        let of_kind = |class: &&Value| has_code(class.get("type"), kind);
        wanted.as_ref().is_none_or(|wanted| {
            entries(coverage, "class").iter().filter(of_kind).any(|class| class.get("value").and_then(Value::as_str) == Some(wanted))
        })
    };
    let day = |name: &str, wanted: Option<Day>| {
        wanted.is_none_or(|wanted| {
            let stated = coverage.get("period").and_then(|period| period.get(name));
            stated.and_then(Interval::of).is_some_and(|stated| is_on(&stated, wanted))
        })
    };
    let subscriber = coverage.get("subscriberId").and_then(Value::as_str);
    known.subscriber_id.as_deref().is_none_or(|wanted| subscriber == Some(wanted))
        && class("plan", &known.plan)
        && class("group", &known.group)
        && day("start", known.start)
        && day("end", known.end)
}
