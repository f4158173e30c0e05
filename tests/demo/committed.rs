//! The matrix as it is committed under `reports/`, and the templates of cases that no fault can make fail.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use payerspec::proof::Matrix;
use serde::Deserialize;
use serde_json::Value;

const RENEW: &str = "after a look at each, renew both files by: cargo run --release -- demo --fault-matrix --out reports";

/// A template that is excused.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Unfailed {
    template: String,
    because: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Excused {
    #[serde(default)]
    unfailed: Vec<Unfailed>,
}

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// In what the measured matrix differs from the committed one, to the last case.
pub fn differences(matrix: &Matrix) -> Vec<String> {
    let read = |path: &str| std::fs::read_to_string(repository(path)).unwrap();
    let (json, page) = (matrix.json().unwrap(), matrix.markdown());
    let (known, measured) = (outcomes(&read("reports/fault-matrix.json")), outcomes(&json));
    let lost = known.iter().filter(|(case, _)| !measured.contains_key(*case));
    let mut wrong: Vec<String> = lost.map(|((fault, case), _)| format!("{fault} is committed as caught by {case}, and is not")).collect();
    for ((fault, case), outcome) in &measured {
        match known.get(&(fault.clone(), case.clone())) {
            None => wrong.push(format!("{fault} is caught by {case}, which is not committed")),
            Some(committed) if committed != outcome => wrong.push(format!("{fault}: {case} ends in {outcome}, committed is {committed}")),
            Some(_) => {}
        }
    }
    if wrong.is_empty() && (json != read("reports/fault-matrix.json") || page != read("reports/fault-matrix.md")) {
        wrong.push("the committed matrix differs in its words or counts".to_owned());
    }
    if !wrong.is_empty() {
        wrong.push(RENEW.to_owned());
    }
    wrong
}

/// How each case ends that catches a fault, by fault and case.
fn outcomes(json: &str) -> BTreeMap<(String, String), String> {
    let matrix: Value = serde_json::from_str(json).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let rows = matrix["faults"].as_array().unwrap().iter();
    let cases = rows.flat_map(|row| row["cases"].as_array().unwrap().iter().map(move |case| (row, case)));
    cases.map(|(row, case)| ((text(&row["fault"]), text(&case["id"])), text(&case["outcome"]))).collect()
}

/// In what the templates that no fault fails differ from those that are excused in `tests/demo/unfailed.toml`.
pub fn unexcused(matrix: &Matrix) -> Vec<String> {
    let text = std::fs::read_to_string(repository("tests/demo/unfailed.toml")).unwrap();
    let Excused { unfailed } = toml::from_str(&text).unwrap();
    assert!(unfailed.iter().all(|excuse| !excuse.because.is_empty()));
    let excused: BTreeSet<&str> = unfailed.iter().map(|excuse| excuse.template.as_str()).collect();
    let found: BTreeSet<&str> = matrix.templates_without_fault.iter().map(String::as_str).collect();
    let missing = found.difference(&excused).map(|template| format!("no fault makes a case of {template} end badly"));
    missing.chain(excused.difference(&found).map(|template| format!("{template} is excused, and some fault fails it"))).collect()
}
