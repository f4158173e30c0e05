//! `facts.must-support`

use super::is_whole_enough;
use crate::check::outcome::Evidence;
use crate::check::said::{Said, code, said};
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "facts.must-support",
    summary: "every must-support element of a profile is seen in the record, or the payer says that it holds no data for it",
    why: "CARIN BB Conformance Requirements, must support: a payer can fill every must-support element for which it holds data. Whether it does, only its facts say: without them what is never seen settles nothing.",
    accepts: r#"{"about": {"type": "Observation", "value": "http://hl7.org/fhir/StructureDefinition/heartrate"}, "facts": {"must-support": ["*"], "must-support-not": ["heartrate#Observation.component*", "*dataAbsentReason"]}, "sample": {"resourceType": "Observation", "id": "1", "meta": {"profile": ["http://hl7.org/fhir/StructureDefinition/heartrate"]}, "status": "final", "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"}]}], "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]}, "subject": {"reference": "Patient/1"}, "effectiveDateTime": "2026-01-01", "valueQuantity": {"value": 60, "unit": "/min", "system": "http://unitsofmeasure.org", "code": "/min"}}}"#,
    rejects: r#"{"scope": ["patient", "1"], "about": {"type": "Observation", "value": "http://hl7.org/fhir/StructureDefinition/heartrate"}, "facts": {"must-support": ["Observation.value[x]"]}, "sample": {"resourceType": "Observation", "id": "1", "meta": {"profile": ["http://hl7.org/fhir/StructureDefinition/heartrate"]}, "status": "final", "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"}]}], "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]}, "subject": {"reference": "Patient/1"}, "effectiveDateTime": "2026-01-01"}}"#,
    run,
};

/// Elements told of, where nothing settles whether they are held.
const MOST_TOLD: usize = 5;

fn run(subject: &Subject<'_>) -> Evidence {
    let canonical = subject.about.value.as_deref().unwrap_or_default();
    let support = subject.counts.support(subject.records, subject.base, subject.resource_type(), canonical);
    let Some(support) = support.filter(|support| support.resources > 0) else {
        return Evidence::nothing(said!("no harvested {} is of this profile", code(subject.resource_type())));
    };
    let profile = support.profile.rsplit('/').next().unwrap_or_default();
    let mut evidence = Evidence { note: Some("the profile has no must-support element".into()), ..Evidence::default() };
    let is_whole = is_whole_enough(subject, subject.resource_type());
    let (mut unsettled, mut unharvested) = (Vec::new(), 0_usize);
    for element in &support.elements {
        match (element.present > 0, subject.declared.facts.holds(profile, &element.element)) {
            (true, _) => evidence.examined += 1,
            (false, Some(true)) if !is_whole => unharvested += 1,
            (false, Some(true)) => {
                evidence.examined += 1;
                let actual = said!("it is in none of {} resources", support.resources);
                evidence.deviation(code(&element.element), "a value, which the payer says that it holds", actual);
            }
            (false, Some(false)) => {}
            (false, None) => unsettled.push(&element.element),
        }
    }
    if (unsettled.is_empty() && unharvested == 0) || !evidence.findings.is_empty() {
        return evidence;
    }
    if unsettled.is_empty() {
        return Evidence::nothing(said!("{} elements that the payer holds are never seen, and not everything was harvested", unharvested));
    }
    let told = Said::joined(unsettled.iter().take(MOST_TOLD).map(code), ", ");
    Evidence::nothing(said!(
        "{} of {} elements are never seen ({}): whether the payer holds them, must-support in [facts] would say",
        unsettled.len(),
        support.elements.len(),
        told
    ))
}
