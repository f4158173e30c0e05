//! `access.no-member-data`

use super::shown;
use crate::check::compartment::Compartment;
use crate::check::exchange::{Exchange, Response};
use crate::check::outcome::Evidence;
use crate::check::said::{code, said};
use crate::check::{Check, Subject};
use crate::fhir::json::Value;
use crate::fhir::resource;

/// The shortest value that tells a member from others.
const SHORTEST: usize = 5;

/// The check.
pub const CHECK: Check = Check {
    id: "access.no-member-data",
    summary: "a refusal holds nothing of a member's record, neither as a resource nor in its words",
    why: "R4 security.html#http: an error must not tell what the caller may not know; 45 CFR 164.502 lets nobody else have it.",
    accepts: r#"{"sample": {"resourceType": "Patient", "id": "1", "birthDate": "1961-03-07"}, "steps": [{"request": "GET Patient/1", "as": "no-token", "status": 401, "body": {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "login"}]}}]}"#,
    rejects: r#"{"sample": {"resourceType": "Patient", "id": "1", "birthDate": "1961-03-07"}, "steps": [{"request": "GET Patient/1", "as": "no-token", "status": 403, "body": {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "forbidden", "diagnostics": "the record of a member born 1961-03-07 is not yours"}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let compartment = Compartment::of_patient(subject.catalogue);
    let telling = telling(subject);
    let mut evidence = Evidence::default();
    for exchange in subject.steps.last().into_iter().flatten() {
        let Some(response) = exchange.response() else { continue };
        evidence.examined += 1;
        let held = shown(exchange).into_iter().filter_map(|(_, found)| resource::type_of(found));
        for held in held.filter(|held| compartment.holds(held)) {
            evidence.deviation("body", "nothing of a member's record", said!("status {} with a {}", response.status, code(held)));
        }
        for (name, value) in telling.iter().filter(|(_, value)| !was_asked(exchange, value)) {
            if !evidence.findings.is_empty() || !says(response, value) {
                continue;
            }
            evidence.deviation("body", "no words of a member's record", said!("status {} with the member's {}", response.status, *name));
        }
    }
    evidence
}

/// What of the member's Patient nobody else has: names of its elements with their values.
fn telling(subject: &Subject<'_>) -> Vec<(&'static str, String)> {
    let patients = subject.samples.of("Patient").iter().filter(|patient| resource::id_of(patient) == subject.samples.patient.as_deref());
    let mut telling = Vec::new();
    let patients: Vec<_> =
        if subject.samples.patient.is_some() { patients.collect() } else { subject.samples.of("Patient").iter().collect() };
    for patient in patients {
        let mut add = |name: &'static str, value: Option<&Value>| {
            let value = value.and_then(Value::as_str).filter(|value| value.chars().count() >= SHORTEST);
            telling.extend(value.map(|value| (name, value.to_owned())));
        };
        add("birthDate", patient.get("birthDate").filter(|date| date.as_str().is_some_and(|date| date.len() == 10)));
        let items = |name: &str| patient.get(name).and_then(Value::as_array).into_iter().flatten();
        items("identifier").for_each(|identifier| add("identifier", identifier.get("value")));
        items("telecom").for_each(|telecom| add("telecom", telecom.get("value")));
        items("name").for_each(|name| add("name", name.get("family")));
    }
    telling
}

/// Whether the request itself names the value, which may then be said back to whoever sent it.
fn was_asked(exchange: &Exchange, value: &str) -> bool {
    let request = &exchange.request;
    request.path.contains(value) || request.query.iter().any(|(_, asked)| asked.contains(value))
}

/// Whether a text holds a value as a word of its own.
fn says(response: &Response, value: &str) -> bool {
    let text = String::from_utf8_lossy(&response.bytes);
    let is_word = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    text.match_indices(value).any(|(at, found)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + found.len()..).and_then(|after| after.chars().next());
        !is_word(before) && !is_word(after)
    })
}
