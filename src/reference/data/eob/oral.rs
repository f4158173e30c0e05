//! Dentists' visits.

use super::super::codes;
use super::super::money::Cents;
use super::super::party::{DENTAL_CLINIC, DENTIST, SHELTER};
use super::super::random::SplitMix64;
use super::super::stamp::{after, merge, reference};
use super::super::version::CarinVersion;
use super::adjudication::Line;
use super::supporting::{SupportingInfo, care_team, diagnoses};
use super::{Claim, Decision, Parts};
use crate::fhir::json::{Value, json};

pub(super) fn parts(claim: &Claim, random: &mut SplitMix64) -> Parts {
    let mut info = SupportingInfo::new(claim);
    let mut extra_sites = Vec::new();
    if claim.full {
        let facility = if claim.decision == Decision::PartlyPaid { SHELTER } else { DENTAL_CLINIC };
        info.add("servicefacility", json!({ "valueReference": reference(facility) }));
        info.provider_numbers(claim);
        let months = json!({ "value": 18, "unit": "month", "system": codes::UNITS, "code": "mo" });
        info.add("orthodontics", json!({ "timingDate": after(claim.start, -30).to_string(), "valueQuantity": months }));
        info.add("prosthesis", json!({ "timingDate": after(claim.start, -400).to_string(), "valueBoolean": true }));
        info.code("missingtoothnumber", codes::TOOTH, "1");
        extra_sites.push(info.code("additionalbodysite", codes::TOOTH, "15"));
    }
    Parts {
        provider: DENTIST,
        care_team: care_team(claim.version, &[(DENTIST, "rendering", Some("1223G0001X"))]),
        supporting_info: info.finish(),
        diagnoses: diagnoses(claim.version, &[("K02.52", "principal")]),
        procedures: Vec::new(),
        lines: lines(claim, &extra_sites, random),
        end: claim.start,
    }
}

fn lines(claim: &Claim, extra_sites: &[usize], random: &mut SplitMix64) -> Vec<Line> {
    let surfaces = if claim.version == CarinVersion::V2_0_0 { codes::C4BB_SURFACE } else { codes::TOOTH_SURFACE };
    let mut filling = service(claim, "D2392");
    let place = json!({
        "bodySite": claim.version.concept(codes::TOOTH, "14"),
        "subSite": [claim.version.concept(surfaces, "M"), claim.version.concept(surfaces, "O")],
    });
    merge(&mut filling, place);
    if !extra_sites.is_empty() {
        merge(&mut filling, json!({ "informationSequence": extra_sites }));
    }
    let mut examination = service(claim, "D0120");
    if claim.full {
        merge(&mut examination, json!({ "modifier": [claim.version.concept(codes::CPT, "59")] }));
    }
    let mut bodies = vec![filling, examination];
    if random.chance(50) {
        bodies.push(service(claim, "D1110"));
    }
    let count = bodies.len();
    bodies
        .into_iter()
        .enumerate()
        .map(|(place, body)| Line::new(body, 1, Cents(random.between(4_500, 32_000)), claim.denies(place, count), random))
        .collect()
}

fn service(claim: &Claim, code: &str) -> Value {
    json!({
        "productOrService": claim.version.concept(codes::CDT, code),
        "servicedDate": claim.start.to_string(),
        "locationCodeableConcept": claim.version.concept(codes::PLACE_OF_SERVICE, "11"),
        "diagnosisSequence": [1],
        "quantity": { "value": 1 },
    })
}
