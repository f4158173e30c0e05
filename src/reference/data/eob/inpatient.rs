//! Hospital stays.

use super::super::codes;
use super::super::money::Cents;
use super::super::party::{FAMILY_DOCTOR, HOSPITAL, HOSPITALIST, SURGEON};
use super::super::random::SplitMix64;
use super::super::stamp::{after, merge};
use super::super::version::CarinVersion;
use super::adjudication::Line;
use super::supporting::{SupportingInfo, care_team, diagnoses};
use super::{Claim, Parts};
use crate::fhir::json::{Value, json};

/// Diagnosis, procedure and group of a stay.
const STAYS: [(&str, &str, &str); 3] = [("M17.11", "0SRC0J9", "470"), ("K35.80", "0DTJ4ZZ", "343"), ("J18.9", "0BJ08ZZ", "195")];

pub(super) fn parts(claim: &Claim, random: &mut SplitMix64) -> Parts {
    let (diagnosis, procedure, group) = random.pick(STAYS);
    let nights = random.between(2, 6);
    let end = after(claim.start, nights);
    Parts {
        provider: HOSPITAL,
        care_team: team(claim),
        supporting_info: supporting_info(claim, group, &end.to_string()),
        diagnoses: stay_diagnoses(claim, diagnosis),
        procedures: procedures(claim, procedure),
        lines: lines(claim, nights, random),
        end,
    }
}

fn team(claim: &Claim) -> Vec<Value> {
    let mut people = vec![(HOSPITALIST, "attending", Some("208M00000X"))];
    if claim.full {
        people.extend([
            (SURGEON, "operating", Some("207X00000X")),
            (HOSPITAL, "rendering", Some("282N00000X")),
            (FAMILY_DOCTOR, "referring", None),
        ]);
    }
    care_team(claim.version, &people)
}

fn supporting_info(claim: &Claim, group: &str, end: &str) -> Vec<Value> {
    let mut info = SupportingInfo::new(claim);
    info.add("admissionperiod", json!({ "timingPeriod": { "start": claim.start.to_string(), "end": end } }));
    info.code("typeofbill", codes::TYPE_OF_BILL, "0111");
    info.code("pointoforigin", codes::POINT_OF_ORIGIN, "1");
    info.code("admtype", codes::ADMISSION_PRIORITY, "3");
    info.code("discharge-status", codes::DISCHARGE_STATUS, "01");
    info.group(group);
    if claim.full {
        info.provider_numbers(claim);
    }
    info.finish()
}

fn stay_diagnoses(claim: &Claim, principal: &str) -> Vec<Value> {
    let mut entries = diagnoses(claim.version, &[(principal, "principal"), ("I10", "other"), (principal, "admitting")]);
    let system = if claim.version.has_basis() { codes::PRESENT_ON_ADMISSION_CMS } else { codes::PRESENT_ON_ADMISSION_NUBC };
    if let Some(first) = entries.first_mut() {
        merge(first, json!({ "onAdmission": claim.version.concept(system, "Y") }));
    }
    entries
}

fn procedures(claim: &Claim, code: &str) -> Vec<Value> {
    vec![json!({
        "sequence": 1,
        "type": [claim.version.concept(codes::C4BB_PROCEDURE_TYPE, "principal")],
        "date": after(claim.start, 1).to_string(),
        "procedureCodeableConcept": claim.version.concept(codes::ICD10_PCS, code),
    })]
}

fn lines(claim: &Claim, nights: i64, random: &mut SplitMix64) -> Vec<Line> {
    let room = json!({
        "revenue": claim.version.concept(codes::REVENUE, "0120"),
        "productOrService": claim.version.concept(codes::DATA_ABSENT, "not-applicable"),
        "servicedPeriod": { "start": claim.start.to_string(), "end": after(claim.start, nights).to_string() },
        "quantity": { "value": nights },
    });
    let laboratory = json!({
        "revenue": claim.version.concept(codes::REVENUE, "0300"),
        "productOrService": claim.version.concept(codes::CPT, "80053"),
        "modifier": [claim.version.concept(codes::CPT, "91")],
        "servicedDate": claim.start.to_string(),
        "quantity": { "value": 1 },
    });
    let bodies = if claim.version == CarinVersion::V1_1_0 && !claim.full { vec![room] } else { vec![room, laboratory] };
    let count = bodies.len();
    bodies
        .into_iter()
        .enumerate()
        .map(|(place, body)| {
            let submitted = Cents(if place == 0 { nights * random.between(150_000, 320_000) } else { random.between(4_000, 30_000) });
            let units = if place == 0 { u32::try_from(nights).unwrap_or(1) } else { 1 };
            Line::new(body, units, submitted, claim.denies(place, count), random)
        })
        .collect()
}
