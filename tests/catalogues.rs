//! The embedded catalogues: what is committed is what the packages say, and what is embedded can be used.

#![expect(clippy::unwrap_used, reason = "a test ends by panicking")]

use std::fs;
use std::path::PathBuf;

use payerspec::fhir::capability::Expectation;
use payerspec::guide::package::{Given, open};
use payerspec::guide::terminology::Membership;
use payerspec::guide::{Catalogue, GuideId, Sources};

const COMPILED_FROM: &[&str] = &[
    "hl7.fhir.r4.core-4.0.1.tgz",
    "hl7.fhir.us.carin-bb-1.1.0.tgz",
    "hl7.fhir.us.carin-bb-2.0.0.tgz",
    "hl7.fhir.us.carin-bb-2.1.0-sushi.tgz",
    "hl7.fhir.us.carin-bb-2.2.0-sushi.tgz",
    "hl7.fhir.us.core-3.1.1.tgz",
    "hl7.fhir.us.core-6.1.0.tgz",
    "hl7.fhir.us.core-7.0.0.tgz",
];

fn shared(name: &str) -> PathBuf {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/packages")).join(name);
    assert!(path.exists(), "{} is missing: this test needs the reference packages beside the project", path.display());
    path
}

fn load(guides: &[&str]) -> Catalogue {
    let wanted: Vec<GuideId> = guides.iter().map(|guide| guide.parse().unwrap()).collect();
    Catalogue::load(&wanted, &Sources::default()).unwrap()
}

#[test]
fn committed_catalogues_are_what_the_packages_compile_to() {
    let mut expected = Vec::new();
    for name in COMPILED_FROM {
        let Given::Package(compiled) = open(&shared(name)).unwrap() else { panic!("{name} is no package") };
        let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/profiles")).join(&compiled.guide.id).join(&compiled.guide.version);
        for (file, content) in compiled.files().unwrap() {
            let committed = fs::read_to_string(folder.join(file)).unwrap_or_else(|error| panic!("{}/{file}: {error}", folder.display()));
            assert!(committed == content, "{}/{file} differs from {name}: run `payerspec packages compile`", folder.display());
        }
        expected.push(GuideId::new(compiled.guide.id, compiled.guide.version));
    }
    assert_eq!(Catalogue::embedded(), expected);
}

#[test]
fn a_catalogue_can_be_shared_between_threads() {
    let catalogue = load(&["hl7.fhir.us.carin-bb#2.0.0"]);
    let profiles = catalogue.profiles();
    std::thread::scope(|scope| {
        let read = || profiles.iter().filter(|entry| catalogue.profile(&entry.url).is_some()).count();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(read)).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), profiles.len());
        }
    });
}

#[test]
fn guides_come_in_the_order_given_and_with_what_they_build_on() {
    let catalogue = load(&["hl7.fhir.us.core#6.1.0", "hl7.fhir.us.carin-bb#2.0.0"]);
    let names: Vec<&str> = catalogue.guides().iter().map(|guide| guide.short_name.as_str()).collect();
    assert_eq!(names, ["us-core", "c4bb"]);
    assert!(catalogue.guides().iter().all(|guide| guide.embedded));
    let missing: Vec<String> = catalogue.missing().iter().map(|missing| missing.guide.to_string()).collect();
    assert!(missing.contains(&"us.nlm.vsac#0.7.0".to_owned()), "{missing:?}");
    assert!(!missing.iter().any(|id| id.starts_with("hl7.fhir.us.core#") || id.starts_with("hl7.fhir.r4.core#")), "{missing:?}");
}

#[test]
fn r4_is_there_whole() {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/profiles/hl7.fhir.r4.core/4.0.1"));
    let files = [("profiles", 655), ("search-parameters", 1400), ("value-sets", 1316), ("code-systems", 1062)];
    for (file, records) in files {
        let text = fs::read_to_string(folder.join(file).with_extension("ndjson")).unwrap();
        assert_eq!(text.lines().count(), records, "{file}");
        for telling in ["\"definition\":\"", "\"comment\":", "\"description\":", "\"mapping\":", "\"copyright\":", "<div"] {
            let words = telling != "\"definition\":\"" || file != "search-parameters";
            assert!(!words || !text.contains(telling), "{file} holds {telling}");
        }
    }
    let catalogue = load(&["hl7.fhir.r4.core#4.0.1"]);
    let profiles = catalogue.profiles().into_iter().map(|entry| catalogue.profile(&entry.url).unwrap());
    let elements: usize = profiles.filter(|profile| !profile.is_differential).map(|profile| profile.elements.len()).sum();
    assert_eq!(elements, 13_021);
}

#[test]
fn all_resource_types_of_r4_are_known() {
    let catalogue = load(&["hl7.fhir.r4.core#4.0.1"]);
    assert_eq!(catalogue.resource_types().len(), 146);
    assert!(catalogue.is_resource_type("ExplanationOfBenefit") && catalogue.is_resource_type("Bundle"));
    assert!(!catalogue.is_resource_type("DomainResource") && !catalogue.is_resource_type("HumanName"));
    assert!(catalogue.expectations().is_empty());
    for resource_type in catalogue.resource_types() {
        let profile = catalogue.type_definition(resource_type).unwrap_or_else(|| panic!("{resource_type} has no definition"));
        assert_eq!(profile.elements[0].path, *resource_type);
        assert!(catalogue.search_parameter(resource_type, "_lastUpdated").is_some(), "{resource_type}");
    }
}

#[test]
fn expectations_keep_their_strength() {
    for version in ["1.1.0", "2.0.0", "2.1.0", "2.2.0"] {
        let catalogue = load(&[&format!("hl7.fhir.us.carin-bb#{version}")]);
        let expectations = catalogue.expectations();
        assert_eq!(expectations.len(), 1, "{version}");
        let (guide, capability) = &expectations[0];
        assert_eq!(guide.short_name, "c4bb");
        let benefit = &capability.resources["ExplanationOfBenefit"];
        assert_eq!(benefit.search_param("patient").unwrap().expectation, Some(Expectation::Shall));
        let parameter = catalogue.search_parameter("ExplanationOfBenefit", "service-date").unwrap();
        assert!(parameter.url.contains("carin-bb"), "{}", parameter.url);
    }
    let us_core = load(&["hl7.fhir.us.core#3.1.1"]);
    assert_eq!(us_core.expectations().len(), 1, "the client's statement is not one of a server");
    let observation = &us_core.expectations()[0].1.resources["Observation"];
    let category = observation.combinations.iter().find(|stated| stated.value == ["patient", "category"]).unwrap();
    assert_eq!(category.expectation, Some(Expectation::Shall));
}

#[test]
fn the_nearest_definition_of_a_search_parameter_wins() {
    let plain = load(&["hl7.fhir.r4.core#4.0.1"]);
    assert_eq!(plain.search_parameter("Patient", "birthdate").unwrap().url, "http://hl7.org/fhir/SearchParameter/individual-birthdate");
    let us_core = load(&["hl7.fhir.us.core#3.1.1"]);
    let of_guide = us_core.search_parameter("Patient", "birthdate").unwrap();
    assert_eq!(of_guide.url, "http://hl7.org/fhir/us/core/SearchParameter/us-core-patient-birthdate");
    let all = us_core.search_parameters("Patient");
    assert_eq!(all.iter().filter(|parameter| parameter.code == "birthdate").count(), 1);
    assert!(all.iter().any(|parameter| parameter.code == "_id") && all.iter().any(|parameter| parameter.code == "link"));
    let composite = us_core.search_parameter("Observation", "code-value-quantity").unwrap();
    assert_eq!(composite.component.len(), 2);
    for component in &composite.component {
        assert!(us_core.search_parameter_by_url(&component.definition).is_some(), "{}", component.definition);
    }
    assert!(us_core.search_parameter("Patient", "no-such-code").is_none());

    let both = load(&["hl7.fhir.r4.core#4.0.1", "hl7.fhir.us.core#3.1.1"]);
    assert_eq!(both.guides()[0].short_name, "r4");
    assert_eq!(both.search_parameter("Patient", "birthdate").unwrap().url, of_guide.url, "R4 counts last even when it is wanted first");
}

#[test]
fn a_profile_is_found_by_version_and_without_it_the_nearest() {
    let catalogue = load(&["hl7.fhir.us.carin-bb#2.2.0"]);
    let url = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient";
    assert_eq!(catalogue.profile(&format!("{url}|6.1.0")).unwrap().version.as_deref(), Some("6.1.0"));
    assert_eq!(catalogue.profile(&format!("{url}|7.0.0")).unwrap().version.as_deref(), Some("7.0.0"));
    assert_eq!(catalogue.profile(url).unwrap().version.as_deref(), Some("7.0.0"));
    assert!(catalogue.profile(&format!("{url}|3.1.1")).is_none());
    let patient = catalogue.profile("http://hl7.org/fhir/us/carin-bb/StructureDefinition/C4BB-Patient").unwrap();
    assert!(catalogue.profile(patient.base.as_deref().unwrap()).is_some(), "{:?}", patient.base);
    assert_eq!(catalogue.profiles().len(), 16);
}

#[test]
fn a_profile_holds_the_facts_of_its_snapshot() {
    let catalogue = load(&["hl7.fhir.us.carin-bb#2.0.0"]);
    let patient = catalogue.profile("http://hl7.org/fhir/us/carin-bb/StructureDefinition/C4BB-Patient|2.0.0").unwrap();
    let element = |id: &str| patient.elements.iter().find(|element| element.id == id).unwrap_or_else(|| panic!("no element {id}"));
    let identifier = element("Patient.identifier");
    assert_eq!((identifier.min, identifier.max), (1, None));
    assert_eq!(identifier.slicing.as_ref().unwrap().discriminators[0].kind, "pattern");
    let member = element("Patient.identifier:memberid");
    assert_eq!((member.path.as_str(), member.slice_name.as_deref()), ("Patient.identifier", Some("memberid")));
    let pattern = element("Patient.identifier:memberid.type").pattern.as_ref().unwrap();
    assert_eq!(pattern.type_name, "CodeableConcept");
    assert_eq!(pattern.value["coding"][0]["code"], "MB");
    let keys: Vec<&str> = patient.constraints_of(element("Patient")).map(|constraint| constraint.key.as_str()).collect();
    assert!(keys.contains(&"dom-2"), "{keys:?}");
    assert!(patient.elements.iter().any(|element| element.must_support));
    let id = element("Patient.id");
    assert_eq!(id.types[0].code, "id");
}

#[test]
fn every_embedded_record_can_be_read_and_used() {
    for id in Catalogue::embedded() {
        let catalogue = Catalogue::load(std::slice::from_ref(&id), &Sources::default()).unwrap();
        let profiles = catalogue.profiles();
        assert!(!profiles.is_empty(), "{id}");
        for entry in profiles {
            let canonical = if entry.version.is_empty() { entry.url.clone() } else { format!("{}|{}", entry.url, entry.version) };
            let profile = catalogue.profile(&canonical).unwrap_or_else(|| panic!("{id}: {canonical}"));
            assert_eq!(profile.type_name, entry.type_name, "{canonical}");
            for element in &profile.elements {
                assert_eq!(profile.constraints_of(element).count(), element.constraints.len(), "{canonical} {}", element.id);
                if let Some(binding) = element.binding.as_ref().and_then(|binding| binding.value_set.as_ref()) {
                    catalogue.value_set(binding);
                }
            }
        }
        for resource_type in catalogue.resource_types() {
            assert!(!catalogue.search_parameters(resource_type).is_empty(), "{resource_type}");
        }
    }
}

#[test]
fn value_sets_are_worked_out_as_far_as_the_packages_decide() {
    let catalogue = load(&["hl7.fhir.us.carin-bb#2.0.0"]);
    let gender = catalogue.value_set("http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1").unwrap();
    assert!(gender.is_decidable());
    assert_eq!(gender.members().count(), 4);
    assert_eq!(gender.membership(None, "male"), Membership::Member);
    assert_eq!(gender.membership(Some("http://hl7.org/fhir/administrative-gender"), "man"), Membership::NotMember);

    let act_code = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
    let act = catalogue.value_set("http://terminology.hl7.org/ValueSet/v3-ActEncounterCode").unwrap();
    assert!(act.is_decidable(), "{act:?}");
    assert_eq!(act.membership(Some(act_code), "ACUTE"), Membership::Member);
    assert_eq!(act.membership(Some(act_code), "_ActBedStatus"), Membership::NotMember);

    let conditions = catalogue.value_set("http://hl7.org/fhir/ValueSet/condition-code").unwrap();
    assert!(!conditions.is_decidable());
    assert_eq!(conditions.membership(Some("http://snomed.info/sct"), "38341003"), Membership::Undecidable);
    assert_eq!(conditions.membership(Some("http://example.org"), "1"), Membership::NotMember);
    assert!(catalogue.value_set("http://example.org/no-such-value-set").is_none());

    let system = catalogue.code_system("http://terminology.hl7.org/CodeSystem/v2-0203").unwrap();
    assert!(system.is_complete());
    assert_eq!(system.concept("MB").unwrap().display.as_deref(), Some("Member Number"));

    // US Core writes the version into the system of an include.
    let us_core = load(&["hl7.fhir.us.core#7.0.0"]);
    let participants = us_core.value_set("http://hl7.org/fhir/us/core/ValueSet/us-core-provenance-participant-type").unwrap();
    let participant = "http://terminology.hl7.org/CodeSystem/provenance-participant-type";
    assert!(participants.is_decidable(), "{participants:?}");
    assert_eq!(participants.membership(Some(participant), "author"), Membership::Member);
}
