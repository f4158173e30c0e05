//! A member's prior authorizations, which payers show from 2027 on: one that was granted, and one that was denied.

use time::macros::date;

use super::codes;
use super::party::{CLINIC, PAYER, named};
use super::patient::MemberKey;
use super::stamp::{after, merge, meta, reference};
use super::version::CarinVersion;
use crate::fhir::json::{Value, json};

const PDEX: &str = "http://hl7.org/fhir/us/davinci-pdex/StructureDefinition/";
const PROFILE: &str = "http://hl7.org/fhir/us/davinci-pdex/StructureDefinition/pdex-priorauthorization|2.0.0";
const ACTION: &str = "https://codesystem.x12.org/005010/306";
const REASON: &str = "https://codesystem.x12.org/external/886";
const ADJUDICATION: &str = "http://terminology.hl7.org/CodeSystem/adjudication";
/// Behind the places of all other resources of a member, so that no two times of change are equal.
const FIRST_PLACE: usize = 2000;

/// Both of them.
pub fn all(version: CarinVersion, member: &MemberKey) -> Vec<Value> {
    vec![granted(version, member), denied(version, member)]
}

fn granted(version: CarinVersion, member: &MemberKey) -> Value {
    let asked = date!(2025 - 09 - 08);
    let period = json!({ "start": after(asked, 7).to_string(), "end": after(asked, 97).to_string() });
    let mut request = common(version, member, 1, asked);
    let mut line = line(version, asked, "97110", review("A1", None));
    let dates = line.get_mut("extension").and_then(Value::as_array_mut);
    dates.into_iter().for_each(|dates| dates.push(json!({ "url": format!("{PDEX}extension-itemPreAuthPeriod"), "valuePeriod": period })));
    merge(&mut request, json!({ "preAuthRef": ["AUTH0001"], "preAuthRefPeriod": [period], "item": [line] }));
    request
}

fn denied(version: CarinVersion, member: &MemberKey) -> Value {
    let asked = date!(2025 - 10 - 06);
    let mut request = common(version, member, 2, asked);
    // The reason stands in the review: in PDex 2.0.0 the value set of all adjudication categories leaves out its own `denialreason`.
    let line = line(version, asked, "15830", review("A3", Some("37")));
    merge(&mut request, json!({ "item": [line] }));
    request
}

fn common(version: CarinVersion, member: &MemberKey, number: usize, asked: time::Date) -> Value {
    json!({
        "resourceType": "ExplanationOfBenefit",
        "id": format!("{}-authorization-{number:02}", member.patient_id()),
        "meta": meta(1, after(asked, 2), FIRST_PLACE + number, member.number, &[PROFILE.to_owned()]),
        "identifier": [{ "system": codes::CLAIM_IDENTIFIER, "value": format!("PA{:06}{number:04}", member.number) }],
        "status": "active",
        "type": version.concept(codes::CLAIM_TYPE, "professional"),
        "use": "preauthorization",
        "patient": reference(&member.patient()),
        "created": asked.to_string(),
        "insurer": named(PAYER, "Wasatch Reference Health Plan"),
        "provider": reference(CLINIC),
        "outcome": "complete",
        "insurance": [{ "focal": true, "coverage": reference(&member.medical_coverage()) }],
    })
}

fn line(version: CarinVersion, asked: time::Date, procedure: &str, action: Value) -> Value {
    json!({
        "extension": [{ "url": format!("{PDEX}extension-itemPreAuthIssueDate"), "valueDate": after(asked, 2).to_string() }],
        "sequence": 1,
        "productOrService": version.concept(codes::CPT, procedure),
        "adjudication": [{
            "extension": [action],
            "category": { "coding": [{ "system": ADJUDICATION, "code": "submitted" }] },
            "amount": { "value": 180, "currency": "USD" },
        }],
    })
}

/// What was decided, and why where it is no.
fn review(action: &str, reason: Option<&str>) -> Value {
    let code = json!({
        "url": format!("{PDEX}extension-reviewActionCode"),
        "valueCodeableConcept": { "coding": [{ "system": ACTION, "code": action }] },
    });
    let reason =
        reason.map(|reason| json!({ "url": "reasonCode", "valueCodeableConcept": { "coding": [{ "system": REASON, "code": reason }] } }));
    let parts: Vec<Value> = [Some(code), reason].into_iter().flatten().collect();
    json!({ "url": format!("{PDEX}extension-reviewAction"), "extension": parts })
}
