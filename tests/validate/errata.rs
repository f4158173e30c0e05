//! The guides' own mistakes: a warning for what they say, an error for what they mean.

use payerspec::fhir::json::{Value, json};
use payerspec::validate::{Alone, Options, Severity, Validator};

use super::material::{catalogue, examples, findings};

fn example(archive: &str, file: &str) -> Value {
    examples(archive).into_iter().find(|(name, _)| name == file).unwrap().1
}

/// Severities of the findings of a rule.
fn severities(guide: &str, literal: bool, resource: &Value, rule: &str) -> Vec<Severity> {
    let validator = Validator::new(catalogue(guide), Options { literal, ..Options::default() });
    let findings = findings(&validator, resource, &Alone);
    findings.iter().filter(|finding| finding.rule == rule).map(|finding| finding.severity).collect()
}

#[test]
fn a_coding_without_the_pinned_version_is_a_warning_and_another_version_an_error() {
    let guide = "hl7.fhir.us.carin-bb#2.2.0";
    let mut claim = example("hl7.fhir.us.carin-bb-2.2.0-sushi.tgz", "ExplanationOfBenefit-EOBInpatient1.json");
    claim.pointer_mut("/type/coding/0").unwrap().as_object_mut().unwrap().swap_remove("version");
    let of_type = |literal, claim: &Value| severities(guide, literal, claim, "pattern");
    assert_eq!(of_type(false, &claim), [Severity::Warning]);
    assert_eq!(of_type(true, &claim), [Severity::Error]);
    claim.pointer_mut("/type/coding/0").unwrap()["version"] = "9.9.9".into();
    assert!(of_type(false, &claim).contains(&Severity::Error));
}

#[test]
fn two_focal_insurances_are_an_error_though_the_invariant_holds_as_written() {
    let guide = "hl7.fhir.us.carin-bb#2.0.0";
    let mut claim = example("hl7.fhir.us.carin-bb-2.0.0.tgz", "ExplanationOfBenefit-EOBInpatient1.json");
    let first = claim["insurance"][0].clone();
    claim["insurance"].as_array_mut().unwrap().push(first);
    let rule = "invariant.EOB-insurance-focal";
    assert_eq!(severities(guide, false, &claim, rule), [Severity::Error, Severity::Error]);
    assert_eq!(severities(guide, true, &claim, rule), []);
}

#[test]
fn a_prescriber_who_is_a_person_passes_though_the_text_asks_for_an_organization() {
    let guide = "hl7.fhir.us.carin-bb#2.1.0";
    let mut claim = example("hl7.fhir.us.carin-bb-2.1.0-sushi.tgz", "ExplanationOfBenefit-EOBPharmacy1.json");
    let mut refer_to = |target: &str| {
        let role =
            json!({"coding": [{"system": "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBClaimCareTeamRole", "code": "prescribing"}]});
        claim["careTeam"] = json!([{"sequence": 1, "provider": {"reference": target}, "role": role}]);
        claim.clone()
    };
    let (person, role) = (refer_to("Practitioner/1"), refer_to("PractitionerRole/1"));
    let rule = "invariant.EOB-pharm-careTeam-practitioner";
    assert_eq!(severities(guide, false, &person, rule), [Severity::Warning]);
    assert_eq!(severities(guide, true, &person, rule), [Severity::Error]);
    assert_eq!(severities(guide, false, &role, rule), [Severity::Warning, Severity::Error]);
}
