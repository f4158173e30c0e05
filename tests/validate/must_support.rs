//! Must-support elements: all that the guides flag are looked for, and the reference payer's record has them but for those that cannot be.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use payerspec::fhir::json::Value;
use payerspec::reference::data::{CarinVersion, generate};
use payerspec::validate::{MustSupport, Neighbours, Observer, Presence};

use super::examples::PACKAGES;
use super::material::{catalogue, examples, shared};

const BASE: &str = "http://hl7.org/fhir/us/carin-bb/StructureDefinition/";

/// Version, profile, part of the element's id, and why no conformant record has it.
const ABSENT: [(&str, &str, &str, &str); 6] = [
    ("1.1.0", "-Inpatient-Institutional", ":denialreason", NO_AMOUNT),
    ("1.1.0", "-Inpatient-Institutional", ":allowedunits", NO_AMOUNT),
    ("1.1.0", "-Outpatient-Institutional", ":denialreason", NO_AMOUNT),
    ("1.1.0", "-Outpatient-Institutional", ":allowedunits", NO_AMOUNT),
    ("2.1.0", "-Pharmacy-Basis", ".total.amount", NO_MONEY),
    ("2.2.0", "-Pharmacy-Basis", ".total.amount", NO_MONEY),
];
const NO_AMOUNT: &str = "adjudication-has-amount-type-slice stands on each entry and asks for an amount's category";
const NO_MONEY: &str = "a Basis claim leaves money out, and `total` itself is not must-support there";

#[test]
fn every_flagged_element_of_every_profile_is_looked_for() {
    for (guide, _) in PACKAGES {
        let catalogue = catalogue(guide);
        let observer = Observer::new(catalogue.clone());
        let mut flagged = 0;
        for entry in catalogue.profiles().into_iter().filter(|entry| entry.derivation == "constraint" && entry.kind != "logical") {
            let profile = catalogue.profile(&entry.url).unwrap();
            let wanted: BTreeSet<&str> =
                profile.elements.iter().filter(|element| element.must_support).map(|element| element.id.as_str()).collect();
            let observed = observer.profile(&entry.url).unwrap_or_else(|| panic!("{guide} has no {}", entry.url));
            assert_eq!(observed.elements().iter().map(String::as_str).collect::<BTreeSet<_>>(), wanted, "{guide} {}", entry.url);
            flagged += wanted.len();
        }
        assert!(flagged > 250, "{guide} flags {flagged} elements");
    }
}

#[test]
fn the_reference_payer_has_all_but_the_known_ones() {
    let table = fs::read_to_string(shared("carin-facts/must-support.csv")).unwrap();
    for version in ["1.1.0", "2.0.0", "2.1.0", "2.2.0"] {
        let mut rows: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for row in table.lines().skip(1) {
            let columns: Vec<&str> = row.split(',').collect();
            if columns[0] == version {
                rows.entry(columns[1]).or_default().insert(columns[2]);
            }
        }
        assert!(rows.len() > 8, "{version}: {} profiles", rows.len());
        let observer = Observer::new(catalogue(&format!("hl7.fhir.us.carin-bb#{version}")));
        let world = generate(version.parse::<CarinVersion>().unwrap(), 3, 1);
        let resources: Vec<&Value> = world.shared.iter().chain(world.members.iter().flat_map(|member| &member.resources)).collect();
        let mut neighbours = Neighbours::default();
        resources.iter().for_each(|resource| neighbours.add(resource));
        let mut lacking = Vec::new();
        for (name, elements) in rows {
            let profile = observer.profile(&format!("{BASE}{name}")).unwrap();
            let is_of = |resource: &&Value| name == "C4BB-ExplanationOfBenefit" || claims(resource, name);
            let seen = seen(&profile, resources.iter().copied().filter(is_of), &neighbours);
            assert_eq!(seen.keys().map(String::as_str).collect::<BTreeSet<_>>(), elements, "{version} {name}");
            let absent = seen.into_iter().filter(|(_, seen)| !seen.contains(&Presence::Present));
            lacking.extend(absent.map(|(element, _)| (name.to_owned(), element)));
        }
        for (_, profile, part, reason) in ABSENT.into_iter().filter(|(of, ..)| *of == version) {
            let before = lacking.len();
            lacking.retain(|(name, element)| !(name.ends_with(profile) && element.contains(part)));
            assert!(lacking.len() < before, "{version} {profile} has {part}, although {reason}");
        }
        assert!(lacking.is_empty(), "{version}: {lacking:#?}");
    }
}

#[test]
fn official_examples_of_laboratory_results_have_a_value_or_a_reason() {
    for (guide, archive) in PACKAGES.into_iter().filter(|(guide, _)| guide.contains("us.core")) {
        let observer = Observer::new(catalogue(guide));
        let profile = observer.profile("http://hl7.org/fhir/us/core/StructureDefinition/us-core-observation-lab").unwrap();
        let examples: Vec<Value> = examples(archive).into_iter().map(|(_, example)| example).collect();
        let of_profile = examples.iter().filter(|example| claims(example, "us-core-observation-lab"));
        let seen = seen(&profile, of_profile, &Neighbours::default());
        let (code, value) = (&seen["Observation.code"], &seen["Observation.value[x]"]);
        assert!(code.len() > 5 && code.iter().all(|presence| *presence == Presence::Present), "{guide}: {code:?}");
        assert!(value.contains(&Presence::Present) && value.len() == code.len(), "{guide}: {value:?}");
    }
}

/// What the resources of the profile's type have of each of its elements.
fn seen<'r>(
    profile: &MustSupport<'_>,
    resources: impl Iterator<Item = &'r Value>,
    neighbours: &Neighbours<'_>,
) -> BTreeMap<String, Vec<Presence>> {
    let mut seen: BTreeMap<String, Vec<Presence>> = profile.elements().iter().map(|element| (element.clone(), Vec::new())).collect();
    for of in resources.filter_map(|resource| profile.of(resource, neighbours)) {
        profile.elements().iter().zip(of).for_each(|(element, presence)| seen.get_mut(element).unwrap().push(presence));
    }
    seen
}

fn claims(resource: &Value, profile: &str) -> bool {
    let claimed = resource.get("meta").and_then(|meta| meta.get("profile")).and_then(Value::as_array);
    let is_this = |claim: &str| claim.split('|').next().and_then(|url| url.rsplit('/').next()) == Some(profile);
    claimed.into_iter().flatten().filter_map(Value::as_str).any(is_this)
}
