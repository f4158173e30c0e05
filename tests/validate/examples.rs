//! All official examples: no error, or a row that says why the example itself is wrong.

use serde::Deserialize;

use payerspec::validate::{Neighbours, Options, Validator};

use super::material::{catalogue, errors, examples, findings};

pub const PACKAGES: [(&str, &str); 7] = [
    ("hl7.fhir.us.carin-bb#1.1.0", "hl7.fhir.us.carin-bb-1.1.0.tgz"),
    ("hl7.fhir.us.carin-bb#2.0.0", "hl7.fhir.us.carin-bb-2.0.0.tgz"),
    ("hl7.fhir.us.carin-bb#2.1.0", "hl7.fhir.us.carin-bb-2.1.0-sushi.tgz"),
    ("hl7.fhir.us.carin-bb#2.2.0", "hl7.fhir.us.carin-bb-2.2.0-sushi.tgz"),
    ("hl7.fhir.us.core#3.1.1", "hl7.fhir.us.core-3.1.1.tgz"),
    ("hl7.fhir.us.core#6.1.0", "hl7.fhir.us.core-6.1.0.tgz"),
    ("hl7.fhir.us.core#7.0.0", "hl7.fhir.us.core-7.0.0.tgz"),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    example: Vec<Row>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    package: String,
    file: String,
    rule: String,
    path: String,
    why: String,
}

#[test]
fn official_examples_have_no_error_but_the_known_ones() {
    let table: Table = toml::from_str(include_str!("wrong_examples.toml")).unwrap();
    let mut unused: Vec<&Row> = table.example.iter().collect();
    let mut unexpected = Vec::new();
    for (guide, archive) in PACKAGES {
        let validator = Validator::new(catalogue(guide), Options::default());
        let examples = examples(archive);
        assert!(examples.len() > 20, "{archive} has {} examples", examples.len());
        let mut neighbours = Neighbours::default();
        for (_, example) in &examples {
            neighbours.add(example);
        }
        for (file, example) in &examples {
            for error in errors(findings(&validator, example, &neighbours)) {
                let is_this = |row: &Row| row.package == guide && row.file == *file && row.rule == error.rule && row.path == error.path;
                match table.example.iter().any(is_this) {
                    true => unused.retain(|row| !is_this(row)),
                    false => unexpected.push(format!(
                        "{guide} {file}: {} at {}: expected {}, got {}",
                        error.rule, error.path, error.expected, error.actual
                    )),
                }
            }
        }
    }
    assert!(table.example.iter().all(|row| row.why.len() > 20), "every row says why the example is wrong");
    assert!(unexpected.is_empty(), "{} errors that no row explains:\n{}", unexpected.len(), unexpected.join("\n"));
    assert!(unused.is_empty(), "rows that no longer apply: {unused:#?}");
}
