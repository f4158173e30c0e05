//! A member and the person related to them.

use time::macros::date;

use super::codes;
use super::party::{FAMILY_DOCTOR, address};
use super::stamp::{after, merge, meta, reference};
use super::version::CarinVersion;
use crate::fhir::json::{Value, json};

/// The names under which one member's resources are found.
#[derive(Clone, Debug)]
pub struct MemberKey {
    /// From 1.
    pub number: usize,
}

impl MemberKey {
    /// The key of the member with this number.
    pub fn new(number: usize) -> Self {
        Self { number }
    }

    /// The Patient's id.
    pub fn patient_id(&self) -> String {
        format!("member-{}", self.number)
    }

    /// Relative URL of the Patient.
    pub fn patient(&self) -> String {
        format!("Patient/{}", self.patient_id())
    }

    /// Relative URL of the RelatedPerson, through whom the member has dental coverage.
    pub fn related_person(&self) -> String {
        format!("RelatedPerson/{}-spouse", self.patient_id())
    }

    /// Relative URL of the medical Coverage.
    pub fn medical_coverage(&self) -> String {
        format!("Coverage/{}-coverage-medical", self.patient_id())
    }

    /// Relative URL of the dental Coverage.
    pub fn dental_coverage(&self) -> String {
        format!("Coverage/{}-coverage-dental", self.patient_id())
    }

    /// The member number that the payer gave.
    pub fn member_number(&self) -> String {
        format!("M{:06}", self.number)
    }

    /// The number of the spouse, the subscriber of the dental plan.
    pub fn subscriber_number(&self) -> String {
        format!("S{:06}", self.number)
    }
}

const FAMILY_NAMES: [&str; 6] = ["Ashdown", "Núñez", "Carmody", "Dunmore", "Ellsworth", "Farrow"];
const GIVEN_NAMES: [(&str, &str); 4] = [("Alma", "female"), ("José", "male"), ("Clara", "female"), ("Dario", "male")];

fn family_name(member: &MemberKey) -> &'static str {
    FAMILY_NAMES[member.number % FAMILY_NAMES.len()]
}

/// The Patient.
pub fn patient(version: CarinVersion, member: &MemberKey) -> Value {
    let (given, gender) = GIVEN_NAMES[member.number % GIVEN_NAMES.len()];
    let years = i64::try_from(member.number % 40).unwrap_or(0);
    let mut home = address(&format!("{} Juniper Lane", 10 + member.number), "84105");
    merge(&mut home, json!({ "use": "home", "type": "physical", "district": "Salt Lake", "period": { "start": "2015-06-01" } }));
    let mut patient = json!({
        "resourceType": "Patient",
        "id": member.patient_id(),
        "meta": meta(2, date!(2019-03-01), 0, member.number, &[version.profile("Patient")]),
        "extension": demographics(gender),
        "identifier": [
            {
                "type": version.concept(codes::IDENTIFIER_TYPE, "MB"),
                "system": codes::MEMBER_IDENTIFIER,
                "value": member.member_number(),
            },
            {
                "type": version.concept(codes::C4BB_IDENTIFIER_TYPE, "um"),
                "system": codes::UNIQUE_MEMBER_IDENTIFIER,
                "value": format!("U{:08}", member.number),
            },
        ],
        "active": true,
        "name": [{ "use": "official", "family": family_name(member), "given": [given, "R."] }],
        "telecom": [
            { "system": "phone", "value": format!("801-555-{:04}", 1000 + member.number % 9000), "use": "home" },
            { "system": "email", "value": format!("{}@mail.test", member.patient_id()), "use": "home" },
        ],
        "gender": gender,
        "birthDate": after(date!(1951-04-12), years * 400).to_string(),
        "address": [home],
        "communication": [{ "language": { "coding": [{ "system": "urn:ietf:bcp:47", "code": "en-US" }] }, "preferred": true }],
        "generalPractitioner": [reference(FAMILY_DOCTOR)],
    });
    // Every third member has died, so that the record holds that element too.
    if member.number.is_multiple_of(3) {
        merge(&mut patient, json!({ "deceasedDateTime": "2025-11-30" }));
    }
    patient
}

fn demographics(gender: &str) -> Value {
    let category = |code: &str, display: &str| {
        json!([
            {
                "url": "ombCategory",
                "valueCoding": { "system": "urn:oid:2.16.840.1.113883.6.238", "code": code, "display": display },
            },
            { "url": "text", "valueString": display },
        ])
    };
    json!([
        {
            "url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race",
            "extension": category("2106-3", "White"),
        },
        {
            "url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-ethnicity",
            "extension": category("2186-5", "Not Hispanic or Latino"),
        },
        {
            "url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex",
            "valueCode": if gender == "female" { "F" } else { "M" },
        },
    ])
}

/// The member's spouse; 1.1.0 has no profile for it.
pub fn related_person(version: CarinVersion, member: &MemberKey) -> Value {
    let profiles: Vec<String> = version.is_second_generation().then(|| version.profile("RelatedPerson")).into_iter().collect();
    json!({
        "resourceType": "RelatedPerson",
        "id": format!("{}-spouse", member.patient_id()),
        "meta": meta(1, date!(2019-03-02), 1, member.number, &profiles),
        "identifier": [{
            "type": version.concept(codes::IDENTIFIER_TYPE, "MB"),
            "system": codes::MEMBER_IDENTIFIER,
            "value": member.subscriber_number(),
        }],
        "active": true,
        "patient": reference(&member.patient()),
        "relationship": [version.concept("http://terminology.hl7.org/CodeSystem/v3-RoleCode", "SPS")],
        "name": [{ "use": "official", "family": family_name(member), "given": ["Robin"] }],
        "gender": "other",
        "birthDate": "1953-11",
        "telecom": [{ "system": "phone", "value": format!("801-555-{:04}", 1000 + member.number % 9000), "use": "home" }],
        "address": [address(&format!("{} Juniper Lane", 10 + member.number), "84105")],
    })
}
