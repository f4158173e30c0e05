//! The official validator's own cases: the same answer to "has it an error?".

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Deserialize;

use payerspec::fhir::json::{Value, parse};
use payerspec::fhir::xml;
use payerspec::guide::{Catalogue, GuideId, Sources};
use payerspec::validate::{Neighbours, Options, Validator};

use super::material::{errors, findings, shared};

/// One case, as the material describes it.
#[derive(Deserialize)]
struct Case {
    name: String,
    file: String,
    supporting: Vec<String>,
    profiles: Vec<String>,
    base_errors: Vec<Expected>,
    profile: Option<String>,
    #[serde(default)]
    profile_supporting: Vec<String>,
    #[serde(default)]
    profile_errors: Vec<Expected>,
}

#[derive(Debug, Deserialize)]
struct Expected {
    expression: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    disagreement: Vec<Row>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    /// Name of the case, with ` with profile` for its run against a profile.
    case: String,
    why: String,
}

fn file(name: &str) -> PathBuf {
    shared("validator-cases/files").join(name)
}

fn resource(name: &str) -> Value {
    let text = fs::read(file(name)).unwrap();
    parse(&text).map_or_else(|_| xml::to_json(&text).unwrap(), |parsed| parsed.value)
}

/// Whether there are errors, and which.
fn judge(case: &Case, definitions: &[String], profile: Option<&str>) -> Vec<String> {
    let text = fs::read(file(&case.file)).unwrap();
    let parsed = match parse(&text) {
        Ok(parsed) => parsed,
        Err(error) => return vec![error.to_string()],
    };
    if let Some(duplicate) = parsed.duplicate_keys.first() {
        return vec![format!("{} twice", duplicate.path)];
    }
    let sources = Sources { packages: definitions.iter().map(|name| file(name)).collect(), ..Sources::default() };
    let catalogue = Catalogue::load(&[GuideId::core()], &sources).unwrap();
    let profiles = profile.into_iter().map(|name| resource(name)["url"].as_str().unwrap().to_owned()).collect();
    let validator = Validator::new(Arc::new(catalogue), Options { profiles, ..Options::default() });
    let found = errors(findings(&validator, &parsed.value, &Neighbours::in_bundle(&parsed.value)));
    found.into_iter().map(|error| format!("{} at {}", error.rule, error.path)).collect()
}

#[test]
fn the_official_cases_get_the_same_answer_in_more_than_nine_of_ten() {
    let cases: Vec<Case> = serde_json::from_slice(&fs::read(shared("validator-cases/cases.json")).unwrap()).unwrap();
    let table: Table = toml::from_str(include_str!("disagreements.toml")).unwrap();
    let mut runs = 0;
    let mut disagreements = Vec::new();
    for case in &cases {
        let mut definitions: Vec<String> = case.supporting.iter().chain(&case.profiles).cloned().collect();
        let mut one = |name: String, expected: &[Expected], found: Vec<String>| {
            runs += 1;
            if expected.is_empty() != found.is_empty() {
                let expected: Vec<&str> = expected.iter().map(|error| error.expression.as_str()).collect();
                disagreements.push((name, format!("official: {expected:?}; here: {found:?}")));
            }
        };
        one(case.name.clone(), &case.base_errors, judge(case, &definitions, None));
        if let Some(profile) = &case.profile {
            definitions.extend(case.profile_supporting.iter().cloned().chain([profile.clone()]));
            one(format!("{} with profile", case.name), &case.profile_errors, judge(case, &definitions, Some(profile)));
        }
    }
    let agreeing = runs - disagreements.len();
    println!("the official validator and this one agree on {agreeing} of {runs} cases");
    let unknown: Vec<_> = disagreements.iter().filter(|(name, _)| !table.disagreement.iter().any(|row| row.case == *name)).collect();
    assert!(unknown.is_empty(), "disagreements that no row explains: {unknown:#?}");
    let stale: Vec<&Row> = table.disagreement.iter().filter(|row| !disagreements.iter().any(|(name, _)| *name == row.case)).collect();
    assert!(stale.is_empty(), "rows that no longer apply: {stale:#?}");
    assert!(table.disagreement.iter().all(|row| row.why.len() > 20));
    assert!(agreeing * 10 > runs * 9, "only {agreeing} of {runs} agree");
}
