//! Writes what both validators judge: the reference payer's record, the official examples and 500 mutants of them, one file a resource.
//!
//! Usage: `oracle-material FOLDER`. Below it one folder a CARIN version, with the folders `payer`, `examples`, `core` and `mutants`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a tool of the gate stops at what it does not expect")]

#[path = "../../tests/validate/material.rs"]
#[expect(dead_code, reason = "shared with the tests of the validator")]
mod material;
#[path = "../../tests/validate/mutators.rs"]
mod mutators;
#[path = "../../tests/validate/places.rs"]
mod places;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use payerspec::fhir::json::Value;
use payerspec::reference::data::{CarinVersion, generate};
use payerspec::validate::{Neighbours, Options, Severity, Validator};

type Set = (&'static str, &'static str, Option<(&'static str, &'static str)>);

/// A CARIN version, its package, and the US Core version judged beside it with its package.
const SETS: [Set; 4] = [
    ("1.1.0", "hl7.fhir.us.carin-bb-1.1.0.tgz", None),
    ("2.0.0", "hl7.fhir.us.carin-bb-2.0.0.tgz", Some(("3.1.1", "hl7.fhir.us.core-3.1.1.tgz"))),
    ("2.1.0", "hl7.fhir.us.carin-bb-2.1.0-sushi.tgz", Some(("6.1.0", "hl7.fhir.us.core-6.1.0.tgz"))),
    ("2.2.0", "hl7.fhir.us.carin-bb-2.2.0-sushi.tgz", Some(("7.0.0", "hl7.fhir.us.core-7.0.0.tgz"))),
];

/// Members of the reference payer, and the seed of its record.
const MEMBERS: usize = 3;
const SEED: u64 = 1;

/// Mutants of the examples of CARIN 2.0.0, and of US Core 6.1.0.
const CARIN_MUTANTS: usize = 350;
const CORE_MUTANTS: usize = 150;

fn main() {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap());
    for (version, archive, core) in SETS {
        let below = folder.join(version);
        let world = generate(version.parse::<CarinVersion>().unwrap(), MEMBERS, SEED);
        for resource in world.shared.iter().chain(world.members.iter().flat_map(|member| &member.resources)) {
            let name = format!("{}-{}.json", resource["resourceType"].as_str().unwrap(), resource["id"].as_str().unwrap());
            write(&below.join("payer"), &name, resource);
        }
        let examples = material::examples(archive);
        examples.iter().for_each(|(name, example)| write(&below.join("examples"), name, example));
        if version == "2.0.0" {
            mutants(&below.join("mutants"), &format!("hl7.fhir.us.carin-bb#{version}"), &examples, CARIN_MUTANTS);
        }
        let Some((core, archive)) = core else { continue };
        let examples = material::examples(archive);
        examples.iter().for_each(|(name, example)| write(&below.join("core"), name, example));
        if core == "6.1.0" {
            mutants(&below.join("core-mutants"), &format!("hl7.fhir.us.core#{core}"), &examples, CORE_MUTANTS);
        }
    }
}

fn write(folder: &Path, name: &str, resource: &Value) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join(name), resource.to_string()).unwrap();
}

/// Mutants of every rule in turn, each time of another example, so that few rules do not crowd the others out.
fn mutants(folder: &Path, guide: &str, examples: &[(String, Value)], most: usize) {
    let catalogue = material::catalogue(guide);
    let validator = Validator::new(catalogue.clone(), Options::default());
    let mut neighbours = Neighbours::default();
    examples.iter().for_each(|(_, example)| neighbours.add(example));
    let mut by_break: BTreeMap<(String, &str), Vec<(String, Value)>> = BTreeMap::new();
    for (file, example) in examples {
        let verdict = validator.validate(example, &neighbours);
        // A break shows only where nothing is wrong before it.
        if verdict.findings.iter().any(|finding| finding.severity == Severity::Error) {
            continue;
        }
        for mutant in mutators::of(example, &catalogue, &verdict) {
            let what = mutant.name.split(" at ").next().unwrap().to_owned();
            let file = file.trim_end_matches(".json").to_owned();
            by_break.entry((what, mutant.rule)).or_default().push((file, mutant.resource));
        }
    }
    let mut written = 0;
    for turn in 0.. {
        for (number, ((_, rule), mutants)) in by_break.iter().enumerate() {
            if turn >= mutants.len() || written == most {
                continue;
            }
            // A step that is prime to most lengths spreads the turns over the examples.
            let (file, mutant) = &mutants[(turn * 7919 + number * 31) % mutants.len()];
            write(folder, &format!("{}-{number:03}-{turn}-{file}.json", rule.trim_end_matches('.')), mutant);
            written += 1;
        }
        if written == most || turn > most {
            break;
        }
    }
    assert_eq!(written, most, "{guide} has too few mutants");
}
