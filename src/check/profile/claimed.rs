//! `profile.claimed`

use super::deviations;
use crate::check::outcome::Evidence;
use crate::check::said::{code, said};
use crate::check::{Check, Subject};
use crate::fhir::reference::split_canonical;

/// The check.
pub const CHECK: Check = Check {
    id: "profile.claimed",
    summary: "every resource of a profile conforms to it",
    why: "R4 profiling.html: a resource that claims a profile in meta.profile conforms to it; CARIN BB: what is returned as a claim of a kind conforms to the profile of that kind.",
    accepts: r#"{"about": {"type": "Observation", "value": "http://hl7.org/fhir/StructureDefinition/heartrate"}, "sample": {"resourceType": "Observation", "id": "1", "meta": {"profile": ["http://hl7.org/fhir/StructureDefinition/heartrate"]}, "status": "final", "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"}]}], "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]}, "subject": {"reference": "Patient/1"}, "effectiveDateTime": "2020-01-01", "valueQuantity": {"value": 60, "unit": "/min", "system": "http://unitsofmeasure.org", "code": "/min"}}}"#,
    rejects: r#"{"about": {"type": "Observation", "value": "http://hl7.org/fhir/StructureDefinition/heartrate"}, "sample": {"resourceType": "Observation", "id": "1", "meta": {"profile": ["http://hl7.org/fhir/StructureDefinition/heartrate"]}, "status": "final", "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"}]}], "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]}, "effectiveDateTime": "2020-01-01", "valueQuantity": {"value": 60, "unit": "/min", "system": "http://unitsofmeasure.org", "code": "/min"}}}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(profile) = subject.about.value.as_deref() else { return Evidence::nothing("no profile is named") };
    let resource_type = subject.resource_type();
    let verdicts = subject.verdicts.of(resource_type, subject.samples, subject.base);
    let is_this = |canonical: &str| split_canonical(canonical).0 == split_canonical(profile).0;
    let judged = verdicts.iter().filter(|verdict| verdict.profiles.iter().any(|judged| is_this(&judged.profile)));
    let judged: Vec<_> = judged.collect();
    if judged.is_empty() {
        let note = match verdicts.len() {
            0 => subject.samples.why_none(resource_type),
            some => said!("none of the {} harvested {} resources claims or fits this profile", some, code(resource_type)),
        };
        return Evidence::nothing(note);
    }
    let mut evidence = Evidence { examined: judged.len(), ..Evidence::default() };
    let findings = judged.iter().flat_map(|verdict| verdict.findings.iter().map(|finding| (verdict.resource.as_str(), finding)));
    deviations(findings.filter(|(_, finding)| finding.profile.as_deref().is_some_and(is_this)), &mut evidence);
    evidence
}
