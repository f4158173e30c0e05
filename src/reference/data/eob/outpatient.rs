//! Visits to a hospital without a stay.

use super::super::codes;
use super::super::money::Cents;
use super::super::party::{FAMILY_DOCTOR, HOSPITAL, HOSPITALIST};
use super::super::random::SplitMix64;
use super::super::stamp::after;
use super::adjudication::Line;
use super::supporting::{SupportingInfo, care_team, diagnoses};
use super::{Claim, Parts};
use crate::fhir::json::{Value, json};

/// Reason for the visit, service and revenue code.
const VISITS: [(&str, &str, &str); 3] = [("R07.9", "93005", "0730"), ("S93.401A", "73610", "0320"), ("R10.9", "74177", "0350")];

pub(super) fn parts(claim: &Claim, random: &mut SplitMix64) -> Parts {
    let (reason, service, revenue) = random.pick(VISITS);
    let end = after(claim.start, random.between(0, 1));
    let mut entries = vec![(reason, "principal"), (reason, "patientreasonforvisit")];
    if reason.starts_with('S') {
        entries.push(("W01.0XXA", "externalcauseofinjury"));
    }
    Parts {
        provider: HOSPITAL,
        care_team: team(claim),
        supporting_info: supporting_info(claim),
        diagnoses: diagnoses(claim.version, &entries),
        procedures: Vec::new(),
        lines: lines(claim, service, revenue, &end.to_string(), random),
        end,
    }
}

fn team(claim: &Claim) -> Vec<Value> {
    let mut people = vec![(HOSPITALIST, "attending", Some("207P00000X"))];
    if claim.full {
        people.push((FAMILY_DOCTOR, "referring", Some("207Q00000X")));
        // 1.1.0's EOB-careteam-qualification looks for the qualification of a Boolean, so it fails whoever performs.
        if claim.version.is_second_generation() {
            people.push((HOSPITAL, "rendering", Some("282N00000X")));
        }
    }
    care_team(claim.version, &people)
}

fn supporting_info(claim: &Claim) -> Vec<Value> {
    let mut info = SupportingInfo::new(claim);
    info.code("typeofbill", codes::TYPE_OF_BILL, "0131");
    if claim.full {
        info.code("pointoforigin", codes::POINT_OF_ORIGIN, "1");
        info.code("admtype", codes::ADMISSION_PRIORITY, "1");
        info.code("discharge-status", codes::DISCHARGE_STATUS, "01");
        info.provider_numbers(claim);
    }
    info.finish()
}

fn lines(claim: &Claim, service: &str, revenue: &str, end: &str, random: &mut SplitMix64) -> Vec<Line> {
    let visit = json!({
        "revenue": claim.version.concept(codes::REVENUE, "0450"),
        "productOrService": claim.version.concept(codes::CPT, "99283"),
        "modifier": [claim.version.concept(codes::CPT, "25")],
        "servicedDate": claim.start.to_string(),
        "quantity": { "value": 1 },
    });
    let test = json!({
        "revenue": claim.version.concept(codes::REVENUE, revenue),
        "productOrService": claim.version.concept(codes::CPT, service),
        "servicedDate": end,
        "quantity": { "value": 1 },
    });
    [visit, test]
        .into_iter()
        .enumerate()
        .map(|(place, body)| Line::new(body, 1, Cents(random.between(12_000, 180_000)), claim.denies(place, 2), random))
        .collect()
}
