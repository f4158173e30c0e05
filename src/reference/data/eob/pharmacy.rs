//! Drugs that a pharmacy dispensed.

use super::super::codes;
use super::super::money::Cents;
use super::super::party::{CLINIC, FAMILY_DOCTOR, PHARMACY};
use super::super::random::SplitMix64;
use super::super::version::CarinVersion;
use super::adjudication::Line;
use super::supporting::{SupportingInfo, care_team};
use super::{Claim, Parts, Variety};
use crate::fhir::json::{Value, json};

/// Eleven digits, brand or generic, quantity, unit.
const DRUGS: [(&str, &str, i64, &str); 4] =
    [("00071015523", "1", 30, "EA"), ("00093104801", "2", 60, "EA"), ("00173068220", "1", 18, "GM"), ("00591040501", "2", 90, "EA")];
const INGREDIENTS: [(&str, i64); 2] = [("38779052408", 20), ("51927110300", 40)];

pub(super) fn parts(claim: &Claim, random: &mut SplitMix64) -> Parts {
    let drug = random.pick(DRUGS);
    // 2.1.0 asks, against its own words, that the prescriber be an Organization.
    let prescriber = if claim.version == CarinVersion::V2_1_0 { CLINIC } else { FAMILY_DOCTOR };
    let mut people = vec![(prescriber, "prescribing", None)];
    if claim.full {
        people.push((prescriber, "primary", None));
    }
    Parts {
        provider: PHARMACY,
        care_team: care_team(claim.version, &people),
        supporting_info: supporting_info(claim, drug.1, random),
        diagnoses: Vec::new(),
        procedures: Vec::new(),
        lines: lines(claim, drug, random),
        end: claim.start,
    }
}

fn supporting_info(claim: &Claim, brand: &str, random: &mut SplitMix64) -> Vec<Value> {
    let mut info = SupportingInfo::new(claim);
    let count = |value: i64| json!({ "valueQuantity": { "value": value } });
    info.add("dayssupply", count(random.pick([30, 60, 90])));
    info.code("dawcode", codes::NCPDP_DISPENSE_AS_WRITTEN, "0");
    info.add("refillnum", count(random.between(0, 3)));
    if claim.version.is_second_generation() {
        info.add("refillsauthorized", count(3));
    }
    info.code("brandgenericindicator", codes::NCPDP_BRAND_GENERIC, brand);
    info.code("rxorigincode", codes::NCPDP_ORIGIN, "3");
    info.code("compoundcode", codes::NCPDP_COMPOUND, if claim.variety == Variety::Compound { "2" } else { "1" });
    info.finish()
}

fn lines(claim: &Claim, (code, _, quantity, unit): (&str, &str, i64, &str), random: &mut SplitMix64) -> Vec<Line> {
    let version = claim.version;
    let body = if claim.variety == Variety::Compound {
        let details: Vec<Value> = INGREDIENTS
            .iter()
            .enumerate()
            .map(|(place, (ingredient, grams))| {
                json!({
                    "sequence": place + 1,
                    "productOrService": version.concept(codes::NDC, ingredient),
                    "quantity": { "value": grams, "unit": "GM" },
                })
            })
            .collect();
        json!({
            "productOrService": version.concept(codes::C4BB_COMPOUND, "compound"),
            "servicedDate": claim.start.to_string(),
            "quantity": { "value": 60, "unit": "GM" },
            "detail": details,
        })
    } else {
        json!({
            "productOrService": version.concept(codes::NDC, code),
            "servicedDate": claim.start.to_string(),
            "quantity": { "value": quantity, "unit": unit },
        })
    };
    vec![Line::new(body, 1, Cents(random.between(900, 42_000)), claim.denies(0, 1), random)]
}
