//! What must hold of a generated record in every version.

mod must_support;

use std::collections::{BTreeMap, BTreeSet};

use super::{CarinVersion, World, generate};
use crate::fhir::json::Value;

fn resources(world: &World) -> Vec<&Value> {
    world.shared.iter().chain(world.members.iter().flat_map(|member| &member.resources)).collect()
}

fn name(resource: &Value) -> String {
    format!("{}/{}", resource["resourceType"].as_str().unwrap(), resource["id"].as_str().unwrap())
}

fn claims(world: &World) -> impl Iterator<Item = &Value> {
    world.members.iter().flat_map(|member| &member.resources).filter(|resource| is_of(resource, "claim"))
}

fn is_of(resource: &Value, used_as: &str) -> bool {
    resource["resourceType"] == "ExplanationOfBenefit" && resource["use"] == used_as
}

fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("reference") {
                found.push(reference);
            }
            fields.values().for_each(|field| references(field, found));
        }
        Value::Array(entries) => entries.iter().for_each(|entry| references(entry, found)),
        _ => {}
    }
}

fn cents(value: &Value) -> i64 {
    let text = value.to_string();
    let (dollars, cents) = text.split_once('.').unwrap_or_else(|| panic!("{text} has no two places"));
    assert_eq!(cents.len(), 2, "{text}");
    dollars.parse::<i64>().unwrap() * 100 + cents.parse::<i64>().unwrap()
}

/// Amounts by category code, summed.
fn amounts<'a>(entries: impl Iterator<Item = &'a Value>) -> BTreeMap<&'a str, i64> {
    let mut sums = BTreeMap::new();
    for entry in entries.filter(|entry| entry.get("amount").is_some()) {
        let code = entry["category"]["coding"][0]["code"].as_str().unwrap();
        *sums.entry(code).or_insert(0) += cents(&entry["amount"]["value"]);
    }
    sums
}

fn entries<'a>(resource: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> {
    resource.get(field).and_then(Value::as_array).into_iter().flatten()
}

#[test]
fn same_seed_gives_the_same_record_and_another_seed_another() {
    for version in CarinVersion::ALL {
        assert_eq!(generate(version, 3, 1), generate(version, 3, 1));
        assert_ne!(generate(version, 3, 1), generate(version, 3, 2));
    }
}

#[test]
fn a_members_record_does_not_depend_on_how_many_there_are() {
    let (few, many) = (generate(CarinVersion::V2_0_0, 1, 5), generate(CarinVersion::V2_0_0, 4, 5));
    assert_eq!(few.members[0], many.members[0]);
    assert_eq!(few.shared, many.shared);
}

#[test]
fn every_member_has_a_patient_coverages_a_related_person_and_12_to_60_claims_of_all_kinds() {
    for version in CarinVersion::ALL {
        for seed in 0..4 {
            for member in generate(version, 3, seed).members {
                let count = |kind: &str| member.resources.iter().filter(|resource| resource["resourceType"] == kind).count();
                assert_eq!((count("Patient"), count("Coverage"), count("RelatedPerson")), (1, 2, 1));
                assert_eq!((count("Observation"), count("RiskAssessment")), (12, 4));
                let used_as = |wanted: &str| member.resources.iter().filter(|resource| is_of(resource, wanted)).count();
                assert!((12..=60).contains(&used_as("claim")), "{version} {seed} {}", used_as("claim"));
                assert_eq!(used_as("preauthorization"), 2);
                assert_eq!(member.resources[0]["id"], member.patient_id.as_str());
                let types: BTreeSet<&str> =
                    member.resources.iter().filter_map(|resource| resource["type"]["coding"][0]["code"].as_str()).collect();
                let expected: &[&str] = if version == CarinVersion::V1_1_0 {
                    &["institutional", "pharmacy", "professional"]
                } else {
                    &["institutional", "oral", "pharmacy", "professional", "vision"]
                };
                assert!(expected.iter().all(|kind| types.contains(kind)), "{version}: {types:?}");
            }
        }
    }
}

#[test]
fn ids_and_times_of_change_are_unique_and_well_formed() {
    for version in CarinVersion::ALL {
        let world = generate(version, 5, 9);
        let (mut names, mut changes) = (BTreeSet::new(), BTreeSet::new());
        for resource in resources(&world) {
            let id = resource["id"].as_str().unwrap();
            assert!(id.len() <= 64 && id.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-'), "{id}");
            assert!(names.insert(name(resource)), "{} twice", name(resource));
            let changed = resource["meta"]["lastUpdated"].as_str().unwrap();
            assert!(changes.insert(changed), "{changed} twice");
            assert!(resource["meta"]["versionId"].is_string());
        }
    }
}

#[test]
fn every_reference_leads_to_the_member_itself_or_to_what_is_shared() {
    for version in CarinVersion::ALL {
        let world = generate(version, 3, 1);
        let shared: BTreeSet<String> = world.shared.iter().map(name).collect();
        for member in &world.members {
            let own: BTreeSet<String> = member.resources.iter().map(name).collect();
            let mut found = Vec::new();
            member.resources.iter().for_each(|resource| references(resource, &mut found));
            assert!(found.len() > 100);
            for reference in found {
                let reference = reference.split("/_history/").next().unwrap_or_default();
                assert!(own.contains(reference) || shared.contains(reference), "{reference} leads nowhere");
            }
        }
    }
}

#[test]
fn profiles_carry_the_version() {
    for version in CarinVersion::ALL {
        let world = generate(version, 1, 1);
        for resource in resources(&world) {
            let profile = resource["meta"]["profile"][0].as_str();
            let kind = resource["resourceType"].as_str().unwrap();
            if is_of(resource, "preauthorization") {
                assert!(profile.is_some_and(|profile| profile.ends_with("/pdex-priorauthorization|2.0.0")), "{profile:?}");
            } else if version == CarinVersion::V1_1_0 && kind == "RelatedPerson" {
                assert_eq!(profile, None);
            } else if matches!(kind, "Observation" | "RiskAssessment" | "SearchParameter") {
                assert!(profile.is_none_or(|profile| profile.starts_with("http://hl7.org/fhir/us/core/")), "{profile:?}");
            } else {
                assert!(profile.is_some_and(|profile| profile.ends_with(&format!("|{version}"))), "{profile:?}");
            }
        }
        let has_basis = claims(&world).any(|claim| claim["meta"]["profile"][0].as_str().unwrap().contains("-Basis|"));
        assert_eq!(has_basis, version >= CarinVersion::V2_1_0);
    }
}

#[test]
fn totals_are_the_sums_of_lines_and_account_for_what_was_submitted() {
    for version in CarinVersion::ALL {
        for claim in claims(&generate(version, 3, 4)) {
            if claim["meta"]["profile"][0].as_str().unwrap().contains("-Basis|") {
                assert!(claim.get("total").is_none());
                continue;
            }
            let mut totals = amounts(entries(claim, "total"));
            totals.retain(|code, _| *code != "innetwork" && *code != "outofnetwork");
            let lines = amounts(entries(claim, "item").flat_map(|item| entries(item, "adjudication")));
            let header = amounts(entries(claim, "adjudication"));
            assert_eq!(totals, if lines.is_empty() { header } else { lines }, "{}", name(claim));
            let of = |code: &str| totals.get(code).copied().unwrap_or(0);
            let paid = of("paidtoprovider") + of("paidtopatient");
            assert_eq!(of("submitted"), of("discount") + of("noncovered") + of("memberliability") + paid, "{}", name(claim));
            assert_eq!(of("memberliability"), of("deductible") + of("copay") + of("coinsurance"), "{}", name(claim));
            assert_eq!(of("eligible"), of("memberliability") + paid, "{}", name(claim));
            assert_eq!(cents(&claim["payment"]["amount"]["value"]), paid, "{}", name(claim));
        }
    }
}

#[test]
fn a_cancelled_claim_and_its_replacement_name_each_other() {
    for version in CarinVersion::ALL {
        let world = generate(version, 2, 3);
        let by_number: BTreeMap<&str, &Value> =
            claims(&world).map(|claim| (claim["identifier"][0]["value"].as_str().unwrap(), claim)).collect();
        assert_eq!(by_number.len(), claims(&world).count());
        let mut pairs = 0;
        for (number, claim) in &by_number {
            let related = &claim["related"][0];
            if claim["status"] == "cancelled" {
                assert_eq!(related["relationship"]["coding"][0]["code"], "replacedby");
                let replacement = by_number[related["reference"]["value"].as_str().unwrap()];
                assert_eq!(replacement["related"][0]["relationship"]["coding"][0]["code"], "prior");
                assert_eq!(replacement["related"][0]["reference"]["value"], *number);
                assert_eq!(replacement["status"], "active");
                pairs += 1;
            }
        }
        assert!(pairs >= 8, "{version}: {pairs}");
    }
}

#[test]
fn every_search_selects_some_claims_and_not_all() {
    for version in CarinVersion::ALL {
        for member in generate(version, 3, 1).members {
            let claims: Vec<&Value> = member.resources.iter().filter(|resource| is_of(resource, "claim")).collect();
            let split = |holds: &dyn Fn(&Value) -> bool| {
                let count = claims.iter().filter(|claim| holds(claim)).count();
                assert!(count > 0 && count < claims.len(), "{version}: {count} of {}", claims.len());
            };
            split(&|claim| claim["item"][0]["servicedDate"].as_str().is_some_and(|day| day < "2022-06-01"));
            split(&|claim| claim["billablePeriod"]["start"].as_str().is_some_and(|day| day < "2022-06-01"));
            split(&|claim| claim["meta"]["lastUpdated"].as_str().is_some_and(|time| time < "2022-06-01"));
            split(&|claim| claim["status"] == "cancelled");
            split(&|claim| claim["provider"]["reference"].as_str().unwrap().starts_with("Practitioner/"));
            split(&|claim| claim.get("payee").is_some());
            let without_period = claims.iter().any(|claim| claim.get("billablePeriod").is_none());
            assert_eq!(without_period, version == CarinVersion::V1_1_0);
        }
    }
}
