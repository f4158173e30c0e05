//! The published material beside the project.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use payerspec::fhir::json::{Value, parse};
use payerspec::guide::{Catalogue, GuideId, Sources};
use payerspec::validate::{Finding, Neighbours, Severity, Surroundings, Validator};

/// Conformance resources, which the packages' examples are about.
const DEFINITIONS: [&str; 9] = [
    "StructureDefinition",
    "ValueSet",
    "CodeSystem",
    "SearchParameter",
    "ImplementationGuide",
    "CapabilityStatement",
    "ConceptMap",
    "OperationDefinition",
    "NamingSystem",
];

/// A path beside the project.
pub fn shared(name: &str) -> PathBuf {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")).join(name);
    assert!(path.exists(), "{} is missing: this test needs the reference material beside the project", path.display());
    path
}

/// The catalogue of one guide.
pub fn catalogue(guide: &str) -> Arc<Catalogue> {
    Arc::new(Catalogue::load(&[guide.parse::<GuideId>().unwrap()], &Sources::default()).unwrap())
}

/// Every example in a package, with its file name.
pub fn examples(archive: &str) -> Vec<(String, Value)> {
    let file = File::open(shared("packages").join(archive)).unwrap();
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
    let mut found = Vec::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().display().to_string();
        // What the publisher's tools left beside the examples is not meant as one.
        if path.contains("/other/") {
            continue;
        }
        let name = entry.path().unwrap().file_name().unwrap().to_string_lossy().into_owned();
        if !name.ends_with(".json") || name.starts_with('.') || name == "package.json" {
            continue;
        }
        let mut text = Vec::new();
        entry.read_to_end(&mut text).unwrap();
        let Ok(parsed) = parse(&text) else { continue };
        let kind = parsed.value.get("resourceType").and_then(Value::as_str).unwrap_or_default();
        if !kind.is_empty() && !DEFINITIONS.contains(&kind) {
            found.push((name, parsed.value));
        }
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found
}

/// What is found in a resource, and in the entries of a Bundle.
pub fn findings(validator: &Validator, resource: &Value, surroundings: &dyn Surroundings) -> Vec<Finding> {
    let mut findings = validator.validate(resource, surroundings).findings;
    if resource.get("resourceType").and_then(Value::as_str) == Some("Bundle") {
        let neighbours = Neighbours::in_bundle(resource);
        for entry in resource.get("entry").and_then(Value::as_array).into_iter().flatten().filter_map(|entry| entry.get("resource")) {
            findings.extend(validator.validate(entry, &neighbours).findings);
        }
    }
    findings
}

/// The errors among findings.
pub fn errors(findings: Vec<Finding>) -> Vec<Finding> {
    findings.into_iter().filter(|finding| finding.severity == Severity::Error).collect()
}
