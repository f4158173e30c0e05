//! A member's medical and dental coverage.

use time::macros::date;

use super::codes;
use super::party::{DENTAL_PAYER, PAYER, named};
use super::patient::MemberKey;
use super::stamp::{merge, meta, reference};
use super::version::CarinVersion;
use crate::fhir::json::{Value, json};

const COVERAGE_CLASS: &str = "http://terminology.hl7.org/CodeSystem/coverage-class";
const COVERAGE_TYPE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
const RELATIONSHIP: &str = "http://terminology.hl7.org/CodeSystem/subscriber-relationship";

/// The medical coverage, held by the member, and the dental one, held by the spouse.
pub fn all(version: CarinVersion, member: &MemberKey) -> Vec<Value> {
    vec![medical(version, member), dental(version, member)]
}

fn medical(version: CarinVersion, member: &MemberKey) -> Value {
    let mut coverage = common(version, member, 2, "medical");
    let more = json!({
        "type": version.concept(COVERAGE_TYPE, "EHCPOL"),
        "policyHolder": reference(&member.patient()),
        "subscriber": reference(&member.patient()),
        "subscriberId": member.member_number(),
        "relationship": version.concept(RELATIONSHIP, "self"),
        "payor": [named(PAYER, "Wasatch Reference Health Plan")],
        "class": classes(version, ("G-4410", "Granary Works"), ("P-GOLD", "Gold plan")),
        "network": "Wasatch network",
    });
    merge(&mut coverage, more);
    coverage
}

fn dental(version: CarinVersion, member: &MemberKey) -> Value {
    let mut coverage = common(version, member, 3, "dental");
    let more = json!({
        "type": version.concept(COVERAGE_TYPE, "DENTPRG"),
        "policyHolder": reference(&member.related_person()),
        "subscriber": reference(&member.related_person()),
        "subscriberId": member.subscriber_number(),
        "dependent": "02",
        "relationship": version.concept(RELATIONSHIP, "spouse"),
        "payor": [named(DENTAL_PAYER, "Wasatch Reference Dental Plan")],
        "class": classes(version, ("G-7720", "Copper Street Co-operative"), ("P-DENTAL", "Dental plan")),
    });
    merge(&mut coverage, more);
    coverage
}

fn common(version: CarinVersion, member: &MemberKey, index: usize, kind: &str) -> Value {
    json!({
        "resourceType": "Coverage",
        "id": format!("{}-coverage-{kind}", member.patient_id()),
        "meta": meta(2, date!(2019-03-03), index, member.number, &[version.profile("Coverage")]),
        "identifier": [{
            "type": version.concept(codes::IDENTIFIER_TYPE, "MB"),
            "system": codes::MEMBER_IDENTIFIER,
            "value": member.member_number(),
        }],
        "status": "active",
        "beneficiary": reference(&member.patient()),
        "period": { "start": "2019-01-01" },
    })
}

fn classes(version: CarinVersion, group: (&str, &str), plan: (&str, &str)) -> Value {
    let class = |code, (value, name): (&str, &str)| json!({ "type": version.concept(COVERAGE_CLASS, code), "value": value, "name": name });
    json!([class("group", group), class("plan", plan)])
}
