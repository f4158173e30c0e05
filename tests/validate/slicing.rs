//! Slicing as a profile may ask for it: every kind of discriminator, order, openness, and slices of slices.

use std::fs;
use std::sync::Arc;

use payerspec::fhir::json::Value;
use payerspec::fhir::json::json;
use payerspec::guide::{Catalogue, GuideId, Sources};
use payerspec::validate::{Alone, Options, Validator};

const URL: &str = "http://payer.example/StructureDefinition/made-up";

/// Rules of the errors of a resource under a profile whose differential has these elements.
fn rules(resource: &Value, elements: &Value) -> Vec<String> {
    let name = resource["resourceType"].as_str().unwrap();
    let definition = json!({
        "resourceType": "StructureDefinition", "url": URL, "name": "MadeUp", "status": "active", "kind": "resource", "abstract": false,
        "type": name, "baseDefinition": format!("http://hl7.org/fhir/StructureDefinition/{name}"), "derivation": "constraint",
        "differential": {"element": elements},
    });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("profile.json");
    fs::write(&file, definition.to_string()).unwrap();
    let sources = Sources { packages: vec![file], ..Sources::default() };
    let catalogue = Arc::new(Catalogue::load(&[GuideId::core()], &sources).unwrap());
    let validator = Validator::new(catalogue, Options { profiles: vec![URL.to_owned()], ..Options::default() });
    let verdict = validator.validate(resource, &Alone);
    assert_eq!(verdict.profiles.len(), 1, "{verdict:#?}");
    let errors = verdict.findings.iter().filter(|finding| finding.severity == payerspec::validate::Severity::Error);
    errors.map(|finding| format!("{} {}", finding.rule, finding.path)).collect()
}

fn patient(identifiers: &Value) -> Value {
    json!({"resourceType": "Patient", "id": "1", "identifier": identifiers})
}

fn identifier(system: &str) -> Value {
    json!({"system": system, "value": "1"})
}

/// Identifiers sliced by system into `a` (1..1) and `b` (0..1).
fn by_system(openness: &str, ordered: bool) -> Value {
    let slice = |name: &str, min: u32| {
        json!([
            {"id": format!("Patient.identifier:{name}"), "path": "Patient.identifier", "sliceName": name, "min": min, "max": "1"},
            {"id": format!("Patient.identifier:{name}.system"), "path": "Patient.identifier.system", "min": 1, "fixedUri": format!("urn:{name}")},
        ])
    };
    let sliced = json!({"id": "Patient.identifier", "path": "Patient.identifier",
        "slicing": {"discriminator": [{"type": "value", "path": "system"}], "rules": openness, "ordered": ordered}});
    let mut elements = vec![sliced];
    elements.extend(slice("a", 1).as_array().unwrap().iter().cloned());
    elements.extend(slice("b", 0).as_array().unwrap().iter().cloned());
    Value::Array(elements)
}

#[test]
fn slices_are_counted_and_closed_slicing_lets_nothing_else_in() {
    let (a, b, other) = (identifier("urn:a"), identifier("urn:b"), identifier("urn:other"));
    assert_eq!(rules(&patient(&json!([a, b, other])), &by_system("open", false)), [] as [&str; 0]);
    assert_eq!(rules(&patient(&json!([b])), &by_system("open", false)), ["slicing.min Patient.identifier"]);
    assert_eq!(rules(&patient(&json!([a, a])), &by_system("open", false)), ["slicing.max Patient.identifier"]);
    assert_eq!(rules(&patient(&json!([a, other])), &by_system("closed", false)), ["slicing.closed Patient.identifier[1]"]);
}

#[test]
fn order_and_the_open_end_are_kept() {
    let (a, b, other) = (identifier("urn:a"), identifier("urn:b"), identifier("urn:other"));
    assert_eq!(rules(&patient(&json!([a, b])), &by_system("open", true)), [] as [&str; 0]);
    assert_eq!(rules(&patient(&json!([b, a])), &by_system("open", true)), ["slicing.order Patient.identifier[1]"]);
    assert_eq!(rules(&patient(&json!([a, other])), &by_system("openAtEnd", false)), [] as [&str; 0]);
    assert_eq!(rules(&patient(&json!([other, a])), &by_system("openAtEnd", false)), ["slicing.open-at-end Patient.identifier[0]"]);
}

#[test]
fn a_slice_is_sliced_again() {
    let elements = json!([
        {"id": "Patient.identifier", "path": "Patient.identifier", "slicing": {"discriminator": [{"type": "value", "path": "system"}], "rules": "open"}},
        {"id": "Patient.identifier:a", "path": "Patient.identifier", "sliceName": "a",
         "slicing": {"discriminator": [{"type": "value", "path": "use"}], "rules": "closed"}},
        {"id": "Patient.identifier:a.system", "path": "Patient.identifier.system", "min": 1, "fixedUri": "urn:a"},
        {"id": "Patient.identifier:a/official", "path": "Patient.identifier", "sliceName": "a/official", "min": 1, "max": "1"},
        {"id": "Patient.identifier:a/official.use", "path": "Patient.identifier.use", "min": 1, "fixedCode": "official"},
    ]);
    let of_use = |kind: &str| json!({"system": "urn:a", "use": kind, "value": "1"});
    assert_eq!(rules(&patient(&json!([of_use("official"), identifier("urn:b")])), &elements), [] as [&str; 0]);
    let found = rules(&patient(&json!([of_use("usual")])), &elements);
    assert_eq!(found, ["slicing.min Patient.identifier", "slicing.closed Patient.identifier[0]"]);
}

#[test]
fn slices_differ_by_presence_type_and_extension() {
    let by_presence = json!([
        {"id": "Patient.identifier", "path": "Patient.identifier", "slicing": {"discriminator": [{"type": "exists", "path": "period"}], "rules": "closed"}},
        {"id": "Patient.identifier:dated", "path": "Patient.identifier", "sliceName": "dated", "max": "1"},
        {"id": "Patient.identifier:dated.period", "path": "Patient.identifier.period", "min": 1},
    ]);
    assert_eq!(rules(&patient(&json!([{"period": {"start": "2020"}}])), &by_presence), [] as [&str; 0]);
    assert_eq!(rules(&patient(&json!([{"value": "1"}])), &by_presence), ["slicing.closed Patient.identifier[0]"]);

    let observation = |value: Value| {
        let mut observation = json!({"resourceType": "Observation", "id": "1", "status": "final", "code": {"text": "x"}});
        observation.as_object_mut().unwrap().extend(value.as_object().unwrap().clone());
        observation
    };
    let by_type = json!([
        {"id": "Observation.value[x]", "path": "Observation.value[x]", "slicing": {"discriminator": [{"type": "type", "path": "$this"}], "rules": "closed"}},
        {"id": "Observation.value[x]:valueQuantity", "path": "Observation.value[x]", "sliceName": "valueQuantity", "type": [{"code": "Quantity"}]},
        {"id": "Observation.value[x]:valueQuantity.unit", "path": "Observation.value[x].unit", "min": 1},
    ]);
    assert_eq!(rules(&observation(json!({"valueQuantity": {"value": 1, "unit": "kg"}})), &by_type), [] as [&str; 0]);
    assert_eq!(rules(&observation(json!({"valueQuantity": {"value": 1}})), &by_type), ["cardinality.min Observation.value.unit"]);
    assert_eq!(rules(&observation(json!({"valueString": "x"})), &by_type), ["slicing.closed Observation.value"]);

    let by_extension = json!([
        {"id": "Patient.identifier", "path": "Patient.identifier",
         "slicing": {"discriminator": [{"type": "value", "path": "extension('urn:kind').value"}], "rules": "open"}},
        {"id": "Patient.identifier:card", "path": "Patient.identifier", "sliceName": "card", "min": 1},
        {"id": "Patient.identifier:card.extension", "path": "Patient.identifier.extension", "slicing": {"discriminator": [{"type": "value", "path": "url"}], "rules": "open"}},
        {"id": "Patient.identifier:card.extension:kind", "path": "Patient.identifier.extension", "sliceName": "kind", "min": 1},
        {"id": "Patient.identifier:card.extension:kind.url", "path": "Patient.identifier.extension.url", "fixedUri": "urn:kind"},
        {"id": "Patient.identifier:card.extension:kind.value[x]", "path": "Patient.identifier.extension.value[x]", "min": 1, "fixedString": "card"},
    ]);
    let with = |kind: &str| patient(&json!([{"extension": [{"url": "urn:kind", "valueString": kind}], "value": "1"}]));
    assert_eq!(rules(&with("card"), &by_extension), [] as [&str; 0]);
    assert_eq!(rules(&with("other"), &by_extension), ["slicing.min Patient.identifier"]);
}

#[test]
fn slices_differ_by_what_a_reference_leads_to() {
    let elements = json!([
        {"id": "Observation.performer", "path": "Observation.performer",
         "slicing": {"discriminator": [{"type": "type", "path": "resolve()"}], "rules": "open"}},
        {"id": "Observation.performer:person", "path": "Observation.performer", "sliceName": "person", "min": 1,
         "type": [{"code": "Reference", "targetProfile": ["http://hl7.org/fhir/StructureDefinition/Practitioner"]}]},
    ]);
    let observation = |kind: &str| {
        json!({"resourceType": "Observation", "id": "1", "status": "final", "code": {"text": "x"}, "performer": [{"reference": "#p"}],
            "contained": [{"resourceType": kind, "id": "p", "name": if kind == "Practitioner" { json!([{"text": "x"}]) } else { json!("x") }}]})
    };
    assert_eq!(rules(&observation("Practitioner"), &elements), [] as [&str; 0]);
    assert_eq!(rules(&observation("Organization"), &elements), ["slicing.min Observation.performer"]);
}
