//! Every official example broken in every way that it offers: the rule that the break is about fires each time.

use std::collections::{BTreeMap, HashSet};
use std::sync::Mutex;
use std::{fs, path::PathBuf, thread};

use payerspec::guide::Catalogue;
use payerspec::validate::{Finding, Neighbours, Options, Validator};

use super::examples::PACKAGES;
use super::material::{catalogue, examples};
use super::mutators::{self, Mutant};

/// The least number of mutants of one example.
const LEAST: usize = 40;

fn identity(finding: &Finding) -> (String, String, String) {
    (finding.rule.to_string(), finding.path.clone(), format!("{} {}", finding.actual, finding.message))
}

fn fires(mutant: &Mutant, before: &HashSet<(String, String, String)>, after: &[Finding]) -> bool {
    let is_new = |finding: &&Finding| !before.contains(&identity(finding));
    let is_wanted = |finding: &Finding| match mutant.rule.strip_suffix('.') {
        Some(family) => finding.rule.starts_with(family),
        None => finding.rule == mutant.rule,
    };
    after.iter().filter(is_new).any(is_wanted)
}

#[test]
fn every_mutant_of_every_official_example_is_found_by_its_rule() {
    let folder = std::env::var_os("PAYERSPEC_WRITE_MUTANTS").map(PathBuf::from);
    let silent = Mutex::new(Vec::new());
    let few = Mutex::new(Vec::new());
    let counts: Mutex<BTreeMap<&'static str, usize>> = Mutex::default();
    for (guide, archive) in PACKAGES {
        let catalogue = catalogue(guide);
        let validator = Validator::new(catalogue.clone(), Options::default());
        let examples = examples(archive);
        let mut neighbours = Neighbours::default();
        for (_, example) in &examples {
            neighbours.add(example);
        }
        let judge = |part: &[(String, payerspec::fhir::json::Value)]| {
            for (file, example) in part {
                let verdict = validator.validate(example, &neighbours);
                let before = verdict.findings.iter().map(identity).collect();
                let mutants = mutators::of(example, &catalogue, &verdict);
                if mutants.len() < LEAST {
                    few.lock().unwrap().push(format!("{guide} {file}: {}", mutants.len()));
                }
                for mutant in &mutants {
                    let after = validator.validate(&mutant.resource, &neighbours).findings;
                    *counts.lock().unwrap().entry(mutant.rule).or_default() += 1;
                    if !fires(mutant, &before, &after) {
                        silent.lock().unwrap().push(format!("{guide} {file}: {} does not make {} fire", mutant.name, mutant.rule));
                    }
                }
                if let Some(folder) = folder.as_ref().filter(|_| guide.contains("carin-bb#2.0.0")) {
                    write(folder, file, &mutants, &catalogue);
                }
            }
        };
        let half = examples.len().div_ceil(2);
        thread::scope(|scope| {
            for part in examples.chunks(half) {
                scope.spawn(|| judge(part));
            }
        });
    }
    let counts = counts.into_inner().unwrap();
    println!("{} mutants: {counts:#?}", counts.values().sum::<usize>());
    let (silent, few) = (silent.into_inner().unwrap(), few.into_inner().unwrap());
    assert!(few.is_empty(), "examples with fewer than {LEAST} mutants: {few:#?}");
    assert!(silent.is_empty(), "{} mutants of {} pass:\n{}", silent.len(), counts.values().sum::<usize>(), silent.join("\n"));
}

/// Writes mutants for another validator: one file each, named by example, number and rule.
fn write(folder: &PathBuf, file: &str, mutants: &[Mutant], _catalogue: &Catalogue) {
    fs::create_dir_all(folder).unwrap();
    for (number, mutant) in mutants.iter().enumerate() {
        let name = format!("{}-{number:03}-{}.json", file.trim_end_matches(".json"), mutant.rule.trim_end_matches('.'));
        fs::write(folder.join(name), mutant.resource.to_string()).unwrap();
    }
}
