//! Physicians' visits, eye examinations and ambulance rides.

use super::super::codes;
use super::super::money::Cents;
use super::super::party::{AMBULANCE, ANNEX, CLINIC, FAMILY_DOCTOR, HOSPITALIST, OPTOMETRIST, SHELTER};
use super::super::random::SplitMix64;
use super::super::stamp::{merge, reference};
use super::super::version::CarinVersion;
use super::adjudication::Line;
use super::supporting::{SupportingInfo, care_team, diagnoses};
use super::{Claim, Decision, Parts, Variety};
use crate::fhir::json::{Value, json};

/// Diagnosis, visit and test.
const VISITS: [(&str, &str, &str); 3] = [("E11.9", "99214", "83036"), ("I10", "99213", "80053"), ("Z00.00", "99396", "80061")];

pub(super) fn parts(claim: &Claim, random: &mut SplitMix64) -> Parts {
    match claim.variety {
        Variety::Transport => transport(claim, random),
        Variety::Vision => vision(claim, random),
        _ => visit(claim, random),
    }
}

fn visit(claim: &Claim, random: &mut SplitMix64) -> Parts {
    let (diagnosis, visit, test) = random.pick(VISITS);
    let mut people = vec![(FAMILY_DOCTOR, "rendering", Some("207Q00000X"))];
    if claim.full {
        people.extend([(HOSPITALIST, "referring", Some("207R00000X")), (FAMILY_DOCTOR, "primary", Some("207Q00000X"))]);
    }
    let mut info = info(claim);
    if claim.full {
        let facility = match claim.decision {
            Decision::PartlyPaid => ANNEX,
            // No dentist sees people there: oral claims came later.
            _ if !claim.version.is_second_generation() => SHELTER,
            _ => CLINIC,
        };
        info.add("servicefacility", json!({ "valueReference": reference(facility) }));
        info.provider_numbers(claim);
    }
    let mut first = service(claim, codes::CPT, visit, "11");
    merge(&mut first, json!({ "modifier": [claim.version.concept(codes::CPT, "25")] }));
    let bodies = vec![first, service(claim, codes::CPT, test, "11")];
    Parts {
        provider: if claim.full { CLINIC } else { FAMILY_DOCTOR },
        care_team: care_team(claim.version, &people),
        supporting_info: info.finish(),
        diagnoses: diagnoses(claim.version, &[(diagnosis, "principal"), ("E78.5", "secondary")]),
        procedures: Vec::new(),
        lines: price(claim, bodies, 2_500, 24_000, random),
        end: claim.start,
    }
}

fn vision(claim: &Claim, random: &mut SplitMix64) -> Parts {
    Parts {
        provider: OPTOMETRIST,
        care_team: care_team(claim.version, &[(OPTOMETRIST, "rendering", Some("152W00000X"))]),
        supporting_info: info(claim).finish(),
        diagnoses: diagnoses(claim.version, &[("H52.13", "principal")]),
        procedures: Vec::new(),
        lines: price(claim, vec![service(claim, codes::CPT, "92014", "11")], 8_000, 18_000, random),
        end: claim.start,
    }
}

fn transport(claim: &Claim, random: &mut SplitMix64) -> Parts {
    let mut info = info(claim);
    let miles = random.between(4, 35);
    let quantity =
        |value: i64, unit: &str| json!({ "valueQuantity": { "value": value, "unit": unit, "system": codes::UNITS, "code": unit } });
    let reason = claim.version.coding(codes::AMBULANCE_REASON, "A");
    // Every one of these has to be pointed at by a line.
    let linked = vec![
        info.add("patientweight", quantity(random.between(110, 240), "[lb_av]")),
        info.add("ambulancetransportreason", json!({ "reason": reason })),
        info.add("transportationdistance", quantity(miles, "[mi_i]")),
        info.add("roudtrippurpose", json!({ "valueString": "Taken to the hospital and, after treatment, home again" })),
        info.add("stretcherpurpose", json!({ "valueString": "Could not sit upright" })),
        info.add("pickuplocation", json!({ "valueString": "10 Juniper Lane, Salt Lake City, UT 84105" })),
        info.add("dropofflocation", json!({ "valueString": "100 Granary Road, Salt Lake City, UT 84103" })),
    ];
    let mut ride = service(claim, codes::HCPCS, "A0429", "41");
    merge(&mut ride, json!({ "informationSequence": linked }));
    let mut mileage = service(claim, codes::HCPCS, "A0425", "41");
    merge(&mut mileage, json!({ "quantity": { "value": miles } }));
    Parts {
        provider: AMBULANCE,
        care_team: care_team(claim.version, &[(FAMILY_DOCTOR, "referring", Some("207Q00000X"))]),
        supporting_info: info.finish(),
        diagnoses: diagnoses(claim.version, &[("S72.001A", "principal")]),
        procedures: Vec::new(),
        lines: price(claim, vec![ride, mileage], 9_000, 90_000, random),
        end: claim.start,
    }
}

fn info(claim: &Claim) -> SupportingInfo {
    let mut info = SupportingInfo::new(claim);
    if claim.version == CarinVersion::V1_1_0 {
        info.code("performingnetworkcontractingstatus", codes::C4BB_STATUS, claim.contract_code());
    }
    info
}

fn service(claim: &Claim, system: &str, code: &str, place: &str) -> Value {
    json!({
        "productOrService": claim.version.concept(system, code),
        "servicedDate": claim.start.to_string(),
        "locationCodeableConcept": claim.version.concept(codes::PLACE_OF_SERVICE, place),
        "diagnosisSequence": [1],
        "quantity": { "value": 1 },
    })
}

fn price(claim: &Claim, bodies: Vec<Value>, low: i64, high: i64, random: &mut SplitMix64) -> Vec<Line> {
    let count = bodies.len();
    bodies
        .into_iter()
        .enumerate()
        .map(|(place, body)| Line::new(body, 1, Cents(random.between(low, high)), claim.denies(place, count), random))
        .collect()
}
