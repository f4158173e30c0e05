//! Official examples with one thing wrong at a time: the rule that is broken must fire.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it does not expect")]

mod generate;
mod invariants;
#[path = "../validate/material.rs"]
#[expect(dead_code, reason = "shared with the tests of the validator")]
mod material;
mod mutant;
mod profiled;
mod shapes;
mod spots;

use std::collections::{BTreeMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use payerspec::fhir::json::{Value, parse};
use payerspec::validate::{Neighbours, Options, Validator};

use material::{catalogue, examples};
use spots::Types;

const PACKAGES: [(&str, &str); 7] = [
    ("hl7.fhir.us.carin-bb#1.1.0", "hl7.fhir.us.carin-bb-1.1.0.tgz"),
    ("hl7.fhir.us.carin-bb#2.0.0", "hl7.fhir.us.carin-bb-2.0.0.tgz"),
    ("hl7.fhir.us.carin-bb#2.1.0", "hl7.fhir.us.carin-bb-2.1.0-sushi.tgz"),
    ("hl7.fhir.us.carin-bb#2.2.0", "hl7.fhir.us.carin-bb-2.2.0-sushi.tgz"),
    ("hl7.fhir.us.core#3.1.1", "hl7.fhir.us.core-3.1.1.tgz"),
    ("hl7.fhir.us.core#6.1.0", "hl7.fhir.us.core-6.1.0.tgz"),
    ("hl7.fhir.us.core#7.0.0", "hl7.fhir.us.core-7.0.0.tgz"),
];

/// Mutants of one example at least, and at most: the whole of it would take minutes.
const LEAST: usize = 40;
const MOST: usize = 64;

/// What came of all mutants.
#[derive(Default)]
struct Outcome {
    mutants: usize,
    by_kind: BTreeMap<&'static str, usize>,
    rules: HashSet<String>,
    silent: Vec<String>,
    few: Vec<String>,
}

#[test]
fn every_mutant_of_every_official_example_breaks_its_rule() {
    let outcome = Mutex::new(Outcome::default());
    for (guide, archive) in PACKAGES {
        let validator = Validator::new(catalogue(guide), Options::default());
        let examples = examples(archive);
        let next = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
                scope.spawn(|| {
                    let catalogue = catalogue(guide);
                    let types = Types::new(&catalogue);
                    let mut neighbours = Neighbours::default();
                    examples.iter().for_each(|(_, example)| neighbours.add(example));
                    while let Some((file, example)) = examples.get(next.fetch_add(1, Ordering::Relaxed)) {
                        one(&format!("{guide} {file}"), example, &examples, &types, &validator, &neighbours, &outcome);
                    }
                });
            }
        });
    }
    let outcome = outcome.into_inner().unwrap();
    println!("{} mutants of {} kinds break {} rules", outcome.mutants, outcome.by_kind.len(), outcome.rules.len());
    for (kind, count) in &outcome.by_kind {
        println!("{count:6} {kind}");
    }
    assert!(outcome.few.is_empty(), "examples with fewer than {LEAST} mutants: {:#?}", outcome.few);
    assert!(outcome.silent.is_empty(), "{} of {} mutants do not break their rule:\n{}", outcome.silent.len(), outcome.mutants, outcome.silent.join("\n"));
}

#[expect(clippy::too_many_arguments, reason = "an example and all that judges it")]
fn one(
    name: &str,
    example: &Value,
    examples: &[(String, Value)],
    types: &Types<'_>,
    validator: &Validator,
    neighbours: &Neighbours<'_>,
    outcome: &Mutex<Outcome>,
) {
    let verdict = validator.validate(example, neighbours);
    let before: HashSet<(String, String)> = verdict.findings.iter().map(|found| (found.rule.to_string(), found.path.clone())).collect();
    let profiles: Vec<String> = verdict.profiles.iter().map(|judged| judged.profile.clone()).collect();
    let mutants = generate::choose(generate::mutants(types, example, &profiles, examples), MOST);
    let mut silent = Vec::new();
    for mutant in &mutants {
        let changed = mutant.apply(example);
        let found = validator.validate(&changed, neighbours).findings;
        let fires = found.iter().any(|found| found.rule == mutant.rule && !before.contains(&(found.rule.to_string(), found.path.clone())));
        if !fires {
            let rules: Vec<String> = found.iter().filter(|found| !before.contains(&(found.rule.to_string(), found.path.clone()))).map(|found| format!("{} at {}", found.rule, found.path)).collect();
            silent.push(format!("{} {} {} {name}: {}", mutant.kind, mutant.rule, mutant.place, rules.join(", ")));
        }
    }
    let mut outcome = outcome.lock().unwrap();
    outcome.mutants += mutants.len();
    if mutants.len() < LEAST {
        outcome.few.push(format!("{name}: {}", mutants.len()));
    }
    for mutant in &mutants {
        *outcome.by_kind.entry(mutant.kind).or_default() += 1;
        outcome.rules.insert(mutant.rule.clone());
    }
    outcome.silent.append(&mut silent);
}

#[test]
fn every_property_that_stands_twice_is_seen() {
    for (_, archive) in PACKAGES {
        for (file, example) in examples(archive) {
            let text = example.to_string();
            let doubled = format!("{{\"resourceType\":\"Basic\",{}", &text[1..]);
            let parsed = parse(doubled.as_bytes()).unwrap();
            assert_eq!(parsed.duplicate_keys.len(), 1, "{archive} {file}");
        }
    }
}
