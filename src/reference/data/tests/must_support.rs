//! Every must-support element occurs in the record, but for those that cannot.

use std::collections::BTreeSet;
use std::fs;

use super::super::{CarinVersion, World, generate};
use super::resources;
use crate::fhir::json::Value;

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/carin-facts/must-support.csv");

/// Version, what the row holds, and why no conformant record can have it.
const ABSENT: [(CarinVersion, &str, &str); 4] = [
    (
        CarinVersion::V1_1_0,
        "-Institutional ExplanationOfBenefit.*adjudication:denialreason",
        "adjudication-has-amount-type-slice stands on each entry and asks for an amount's category",
    ),
    (
        CarinVersion::V1_1_0,
        "-Institutional ExplanationOfBenefit.*adjudication:allowedunits",
        "adjudication-has-amount-type-slice stands on each entry and asks for an amount's category",
    ),
    (CarinVersion::V2_1_0, "Pharmacy-Basis ExplanationOfBenefit*.total.amount", BASIS_HAS_NO_MONEY),
    (CarinVersion::V2_2_0, "Pharmacy-Basis ExplanationOfBenefit*.total.amount", BASIS_HAS_NO_MONEY),
];

const BASIS_HAS_NO_MONEY: &str = "a Basis claim leaves money out, and `total` itself is not must-support there";

/// A step of an element id: field and, behind the colon, slice.
fn steps(element: &str) -> Vec<(String, Option<String>)> {
    element
        .split('.')
        .skip(1)
        .map(|step| match step.split_once(':') {
            Some((field, slice)) => (field.to_owned(), Some(slice.to_owned())),
            None => (step.to_owned(), None),
        })
        .collect()
}

fn occurs(value: &Value, steps: &[(String, Option<String>)]) -> bool {
    let Some(((field, slice), rest)) = steps.split_first() else { return true };
    let Value::Object(fields) = value else { return false };
    let values: Vec<&Value> = match field.strip_suffix("[x]") {
        Some(stem) => fields
            .iter()
            .filter(|(name, _)| match slice {
                Some(slice) => *name == slice,
                None => name.strip_prefix(stem).is_some_and(|rest| rest.starts_with(char::is_uppercase)),
            })
            .map(|(_, value)| value)
            .collect(),
        None => fields.get(field).into_iter().collect(),
    };
    let slice = slice.as_deref().filter(|_| !field.ends_with("[x]"));
    values
        .into_iter()
        .flat_map(|value| value.as_array().map_or_else(|| vec![value], |entries| entries.iter().collect()))
        .any(|entry| slice.is_none_or(|slice| in_slice(entry, slice)) && occurs(entry, rest))
}

/// Slices are told apart by the code of their category or type; names of slices are these codes but for case and the few below.
fn in_slice(entry: &Value, slice: &str) -> bool {
    const AMOUNTS: [&str; 11] = [
        "submitted",
        "copay",
        "eligible",
        "deductible",
        "benefit",
        "coinsurance",
        "noncovered",
        "paidtoprovider",
        "paidtopatient",
        "memberliability",
        "discount",
    ];
    // What a slice of the profiles is told apart by: an entry's category, an identifier's or class's type, an extension's URL.
    let told_by = ["category", "type", "url"].into_iter().find_map(|field| entry.get(field));
    let text = told_by.map(|told_by| told_by.to_string().to_lowercase()).unwrap_or_default();
    let has = |code: &str| text.contains(&format!("\"code\":\"{}\"", code.to_lowercase()));
    match slice {
        "adjudicationamounttype" => AMOUNTS.iter().any(|code| has(code)),
        "benefitpaymentstatus" => has("benefitpaymentstatus") || has("innetwork") || has("outofnetwork"),
        "uniqueclaimid" => has("uc"),
        "memberid" => has("mb"),
        "uniquememberid" => has("um"),
        "NAIC" | "naiccode" => has("naiccode"),
        "race" | "ethnicity" | "birthsex" => text.contains(&format!("us-core-{slice}")),
        "supportedProfile" => true,
        other => has(other),
    }
}

fn claims_profile(resource: &Value, profile: &str, version: CarinVersion) -> bool {
    let claimed = resource["meta"]["profile"][0].as_str().unwrap_or_default();
    claimed.ends_with(&format!("/{profile}|{version}"))
        || profile == "C4BB-ExplanationOfBenefit" && resource["resourceType"] == "ExplanationOfBenefit"
}

fn absent(world: &World, version: CarinVersion) -> BTreeSet<String> {
    let table = fs::read_to_string(TABLE).unwrap_or_else(|error| panic!("{TABLE}: {error}; the facts belong beside the worktree"));
    let mut absent = BTreeSet::new();
    let mut rows = 0;
    for row in table.lines().skip(1) {
        let columns: Vec<&str> = row.split(',').collect();
        if columns[0] != version.text() {
            continue;
        }
        rows += 1;
        let path = steps(columns[2]);
        let found = resources(world).into_iter().filter(|resource| claims_profile(resource, columns[1], version));
        if !found.into_iter().any(|resource| occurs(resource, &path)) {
            absent.insert(format!("{} {}", columns[1], columns[2]));
        }
    }
    assert!(rows > 400, "only {rows} rows for {version} in {TABLE}");
    absent
}

#[test]
fn must_support_elements_occur() {
    for version in CarinVersion::ALL {
        let mut absent = absent(&generate(version, 3, 1), version);
        for (_, pattern, reason) in ABSENT.into_iter().filter(|(of, ..)| *of == version) {
            let (before, after) = pattern.split_once('*').unwrap();
            let count = absent.len();
            absent.retain(|row| !(row.contains(before) && row.contains(after)));
            assert!(absent.len() < count, "{pattern} occurs in {version}, although {reason}: take it off the list");
        }
        assert!(absent.is_empty(), "{version}: {absent:#?}");
    }
}
