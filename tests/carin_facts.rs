//! The CARIN catalogues against tables that were drawn from the same guides by other means.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends by panicking")]

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use payerspec::fhir::capability::Expectation;
use payerspec::guide::profile::{Element, Profile};
use payerspec::guide::{Catalogue, GuideId, Sources};

const VERSIONS: &[&str] = &["1.1.0", "2.0.0", "2.1.0", "2.2.0"];
const CANONICAL: &str = "http://hl7.org/fhir/us/carin-bb";

type Row = HashMap<String, String>;

/// The rows of a table that are about embedded versions.
fn table(name: &str) -> Vec<Row> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/carin-facts")).join(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{} is needed by this test: {error}", path.display()));
    let mut lines = records(&text).into_iter();
    let header = lines.next().unwrap();
    let rows = lines.map(|line| header.iter().cloned().zip(line).collect::<Row>());
    let rows: Vec<Row> = rows.filter(|row| VERSIONS.contains(&row["ig_version"].as_str())).collect();
    assert!(rows.len() > 30, "{name} has only {} rows", rows.len());
    rows
}

/// Comma-separated values with quotes (RFC 4180).
fn records(text: &str) -> Vec<Vec<String>> {
    let (mut records, mut record, mut field, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => field.extend(letters.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(std::mem::take(&mut field)),
            '\n' if !quoted => {
                record.push(std::mem::take(&mut field));
                records.push(std::mem::take(&mut record));
            }
            '\r' if !quoted => {}
            letter => field.push(letter),
        }
    }
    records
}

/// The catalogue of each version.
fn catalogues() -> BTreeMap<&'static str, Catalogue> {
    let load = |version: &&'static str| {
        (*version, Catalogue::load(&[GuideId::new("hl7.fhir.us.carin-bb", *version)], &Sources::default()).unwrap())
    };
    VERSIONS.iter().map(load).collect()
}

fn profile(catalogues: &BTreeMap<&str, Catalogue>, row: &Row) -> Arc<Profile> {
    let canonical = format!("{CANONICAL}/StructureDefinition/{}", row["profile"]);
    catalogues[row["ig_version"].as_str()].profile(&canonical).unwrap_or_else(|| panic!("no {canonical} in {}", row["ig_version"]))
}

fn element<'a>(profile: &'a Profile, id: &str) -> &'a Element {
    profile.elements.iter().find(|element| element.id == id).unwrap_or_else(|| panic!("{} has no element {id}", profile.url))
}

fn cardinality(element: &Element) -> (String, String) {
    (element.min.to_string(), element.max.map_or_else(|| "*".to_owned(), |max| max.to_string()))
}

fn words(texts: &[String]) -> String {
    texts.join(" ")
}

#[test]
fn profiles_have_the_same_elements() {
    let catalogues = catalogues();
    let rows = table("profiles.csv");
    for (version, catalogue) in &catalogues {
        let names: Vec<&Row> = rows.iter().filter(|row| row["ig_version"] == *version).collect();
        let resources = catalogue.profiles().iter().filter(|entry| entry.type_name != "Extension").count();
        assert_eq!(resources, names.len(), "{version}");
    }
    for row in &rows {
        let profile = profile(&catalogues, row);
        assert_eq!(profile.type_name, row["resource"]);
        assert_eq!(profile.elements.len().to_string(), row["snapshot_elements"], "{row:?}");
        assert_eq!(profile.is_abstract, row["abstract"] == "True", "{row:?}");
        let must_support = profile.elements.iter().filter(|element| element.must_support).count();
        assert_eq!(must_support.to_string(), row["must_support_in_snapshot"], "{row:?}");
    }
}

#[test]
fn cardinality_and_must_support_are_the_same() {
    let catalogues = catalogues();
    for row in table("must-support.csv").iter().chain(&table("cardinality.csv")) {
        let profile = profile(&catalogues, row);
        let element = element(&profile, &row["element_id"]);
        assert_eq!(cardinality(element), (row["min"].clone(), row["max"].clone()), "{row:?}");
        if let Some(types) = row.get("types") {
            assert!(element.must_support, "{row:?}");
            let codes: Vec<String> = element.types.iter().map(|element_type| element_type.code.clone()).collect();
            // A content reference has no type of its own.
            assert!(words(&codes) == *types || codes.is_empty(), "{row:?}: {codes:?}");
        }
    }
}

#[test]
fn fixed_values_and_patterns_are_the_same() {
    let catalogues = catalogues();
    for row in table("fixed-and-pattern.csv") {
        let profile = profile(&catalogues, &row);
        let element = element(&profile, &row["element_id"]);
        let (value, type_name) = match row["kind"].strip_prefix("pattern") {
            Some(type_name) => (element.pattern.as_ref(), type_name),
            None => (element.fixed.as_ref(), row["kind"].strip_prefix("fixed").unwrap()),
        };
        let value = value.unwrap_or_else(|| panic!("{row:?}"));
        assert_eq!(value.type_name, type_name, "{row:?}");
        assert_eq!(value.value, serde_json::from_str::<payerspec::fhir::json::Value>(&row["value"]).unwrap(), "{row:?}");
    }
}

#[test]
fn slices_are_the_same() {
    let catalogues = catalogues();
    for row in table("slices.csv") {
        let profile = profile(&catalogues, &row);
        let slicing = element(&profile, &row["sliced_element"]).slicing.as_ref().unwrap_or_else(|| panic!("{row:?}"));
        let discriminators: Vec<String> = slicing.discriminators.iter().map(|one| format!("{}:{}", one.kind, one.path)).collect();
        assert_eq!((words(&discriminators), slicing.rules.clone()), (row["discriminator"].clone(), row["rules"].clone()), "{row:?}");
        let slice = element(&profile, &format!("{}:{}", row["sliced_element"], row["slice"]));
        assert_eq!(slice.slice_name.as_deref(), Some(row["slice"].as_str()));
        assert_eq!(cardinality(slice), (row["min"].clone(), row["max"].clone()), "{row:?}");
        assert_eq!(slice.must_support, row["must_support"] == "yes", "{row:?}");
    }
}

#[test]
fn invariants_are_the_same() {
    let catalogues = catalogues();
    for row in table("invariants.csv") {
        let profile = profile(&catalogues, &row);
        let constraint = profile.constraints_of(element(&profile, &row["element_id"])).find(|constraint| constraint.key == row["key"]);
        let constraint = constraint.unwrap_or_else(|| panic!("{row:?}"));
        assert_eq!(constraint.severity, row["severity"], "{row:?}");
        let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(one_line(constraint.expression.as_deref().unwrap_or_default()), one_line(&row["expression"]), "{row:?}");
    }
}

#[test]
fn bindings_are_the_same_and_decidable_when_the_packages_hold_the_codes() {
    let catalogues = catalogues();
    let mut decided = 0;
    for row in table("bindings.csv") {
        let profile = profile(&catalogues, &row);
        let binding = element(&profile, &row["element_id"]).binding.as_ref().unwrap_or_else(|| panic!("{row:?}"));
        assert_eq!(binding.strength, row["strength"], "{row:?}");
        assert_eq!(binding.value_set.as_deref().unwrap_or_default(), row["value_set"], "{row:?}");
        let value_set = catalogues[row["ig_version"].as_str()].value_set(&row["value_set"]);
        let decidable = value_set.is_some_and(|value_set| value_set.is_decidable());
        assert_eq!(decidable, row["expandable_from_packages"] == "yes", "{row:?}");
        decided += usize::from(decidable);
    }
    assert!(decided > 1000, "{decided}");
}

#[test]
fn the_guides_own_codes_are_the_same() {
    let catalogues = catalogues();
    for row in table("ig-codes.csv") {
        let system = catalogues[row["ig_version"].as_str()].code_system(&row["code_system"]).unwrap_or_else(|| panic!("{row:?}"));
        let concept = system.concept(&row["code"]).unwrap_or_else(|| panic!("{row:?}"));
        assert_eq!(concept.display.as_deref().unwrap_or_default(), row["display"], "{row:?}");
    }
}

#[test]
fn search_parameters_are_the_same() {
    let catalogues = catalogues();
    for row in table("search-parameters.csv") {
        for base in row["base"].split(' ') {
            let parameter =
                catalogues[row["ig_version"].as_str()].search_parameter(base, &row["code"]).unwrap_or_else(|| panic!("{row:?}"));
            assert_eq!(parameter.url, row["url"], "{row:?}");
            assert_eq!(parameter.kind, row["type"], "{row:?}");
            assert_eq!(parameter.expression.as_deref().unwrap_or_default(), row["expression"], "{row:?}");
            assert_eq!(words(&parameter.target), row["target"], "{row:?}");
            assert_eq!(words(&parameter.comparator), row["comparator"], "{row:?}");
            assert_eq!(words(&parameter.modifier), row["modifier"], "{row:?}");
        }
    }
}

#[test]
fn expectations_are_the_same() {
    let catalogues = catalogues();
    for row in table("capability-server.csv") {
        let expectations = catalogues[row["ig_version"].as_str()].expectations();
        let resource = &expectations[0].1.resources[&row["resource"]];
        let found = match row["kind"].as_str() {
            "resource" => resource.expectation,
            "interaction" => resource.interaction(&row["name"]).unwrap_or_else(|| panic!("{row:?}")).expectation,
            "searchParam" => resource.search_param(&row["name"]).unwrap_or_else(|| panic!("{row:?}")).expectation,
            // What a statement lists without an expectation of its own has the resource's.
            "searchInclude" => resource.include(&row["name"]).unwrap_or_else(|| panic!("{row:?}")).expectation.or(resource.expectation),
            "supportedProfile" => {
                let profile = resource.supported_profiles.iter().find(|profile| profile.value == row["definition"]);
                profile.unwrap_or_else(|| panic!("{row:?}")).expectation.or(resource.expectation)
            }
            kind => panic!("the table has a new kind of row: {kind}"),
        };
        let expected = match row["expectation"].as_str() {
            "SHALL" => Some(Expectation::Shall),
            "SHOULD" => Some(Expectation::Should),
            "MAY" => Some(Expectation::May),
            _ => None,
        };
        assert_eq!(found, expected, "{row:?}");
    }
}
