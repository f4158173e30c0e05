//! `operation.since`

use std::collections::HashSet;

use crate::check::criterion::Criterion;
use crate::check::outcome::Evidence;
use crate::check::said::{self, said};
use crate::check::{Check, Subject};
use crate::fhir::bundle::Bundle;
use crate::fhir::date::Interval;
use crate::fhir::json::Value;
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "operation.since",
    summary: "$everything with _since brings what was changed since then, and nothing older of the patient",
    why: "R4 patient-operation-everything.html: _since asks for the resources that were updated after that instant, so that a client can ask for what has changed only. What supports the record, and the patient, may come with it.",
    accepts: r#"{"steps": [{"request": "GET Patient/1/$everything", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": {"resourceType": "Coverage", "id": "1", "meta": {"lastUpdated": "2024-01-01T00:00:00Z"}}}, {"resource": {"resourceType": "Coverage", "id": "2", "meta": {"lastUpdated": "2024-03-01T00:00:00Z"}}}]}}, {"request": "GET Patient/1/$everything?_since=2024-02-01T00:00:00Z", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": {"resourceType": "Coverage", "id": "2", "meta": {"lastUpdated": "2024-03-01T00:00:00Z"}}}]}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient/1/$everything", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": {"resourceType": "Coverage", "id": "1", "meta": {"lastUpdated": "2024-01-01T00:00:00Z"}}}]}}, {"request": "GET Patient/1/$everything?_since=2024-02-01T00:00:00Z", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": {"resourceType": "Coverage", "id": "1", "meta": {"lastUpdated": "2024-01-01T00:00:00Z"}}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let query = subject.exchange().map(|exchange| exchange.request.query.as_slice()).unwrap_or_default();
    let since = query.iter().find(|(name, _)| name == "_since").and_then(|(_, since)| Interval::parse(since));
    let (Some(since), [whole, .., _]) = (since, subject.steps) else { return Evidence::nothing("there was no instant to ask by") };
    if subject.response().is_none_or(|response| response.status != 200) {
        return Evidence::nothing("$everything with _since was refused");
    }
    let whole: Vec<Bundle<'_>> =
        whole.iter().filter_map(|exchange| exchange.resource()).filter_map(|document| Bundle::in_document(document)).collect();
    let narrowed = subject.pages();
    let is_whole = narrowed.last().is_some_and(|last| last.link("next").is_none() || narrowed.len() < subject.page_limit);
    let mut evidence = Evidence::default();
    let mut shown = HashSet::new();
    for (key, at) in changes(subject, &narrowed) {
        evidence.examined += 1;
        if at.high < since.low {
            evidence.deviation("Bundle.entry", "what was changed since then", said!("{}, which is older", said::key(&key)));
        }
        shown.insert(key);
    }
    for (key, at) in changes(subject, &whole).into_iter().filter(|_| is_whole) {
        evidence.examined += 1;
        // At the very instant it may be either way.
        if at.low > since.high && !shown.contains(&key) {
            evidence.deviation("Bundle.entry of all pages", said!("{}, which was changed since then", said::key(key)), "on no page");
        }
    }
    if evidence.examined == 0 {
        evidence.note = Some("$everything brought nothing that says when it was changed".into());
    }
    evidence
}

/// What the pages hold of the patient, the patient apart, with when each was changed. Types that do not say whose they are support the
/// record.
fn changes(subject: &Subject<'_>, pages: &[Bundle<'_>]) -> Vec<(String, Interval)> {
    let of_patient = |held: &Value| {
        let resource_type = resource::type_of(held).unwrap_or_default();
        resource_type != "Patient" && Criterion::new(subject.catalogue, resource_type, "patient").is_ok()
    };
    let changed = |held: &Value| {
        let at = held.pointer("/meta/lastUpdated").and_then(Value::as_str).and_then(Interval::parse)?;
        Some((resource::key_of(held)?, at))
    };
    let held = pages.iter().flat_map(|page| page.entries().collect::<Vec<_>>());
    held.filter_map(|entry| entry.resource()).filter(|held| of_patient(held)).filter_map(changed).collect()
}
