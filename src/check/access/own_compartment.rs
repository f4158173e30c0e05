//! `access.own-compartment`

use std::collections::HashSet;

use serde_json::Value;

use crate::check::compartment::{Compartment, Standing};
use crate::check::exchange::{Exchange, Identity};
use crate::check::outcome::Evidence;
use crate::check::relation::local_target;
use crate::check::said::{self, code, said, url};
use crate::check::{Check, Subject};
use crate::fhir::bundle::Bundle;
use crate::fhir::resource;

/// Findings of one exchange at most.
const MOST_FINDINGS: usize = 5;

/// The check.
pub const CHECK: Check = Check {
    id: "access.own-compartment",
    summary: "what a member's token brings belongs to that member, and to no other patient",
    why: "SMART App Launch scopes-and-launch-context.html: a patient-level scope gives access to the data of one patient; R4 compartmentdefinition-patient.html says which those are. What the member's own resources refer to may come along, unless it is the record of a member who was named as another.",
    accepts: r#"{"sample": {"resourceType": "Patient", "id": "1"}, "members": ["1"], "steps": [{"request": "GET Coverage", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": {"resourceType": "Coverage", "id": "a", "beneficiary": {"reference": "Patient/1"}}}]}}]}"#,
    rejects: r#"{"sample": {"resourceType": "Patient", "id": "1"}, "members": ["1"], "steps": [{"request": "GET Coverage", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": {"resourceType": "Coverage", "id": "b", "beneficiary": {"reference": "Patient/2"}}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    if subject.members.is_empty() {
        return Evidence::nothing("whose token it is is not known: name the member with --patient");
    }
    let compartment = Compartment::of_patient(subject.catalogue);
    let mut referenced = None;
    let mut evidence = Evidence::default();
    let of_member = |exchange: &&Exchange| exchange.request.identity == Identity::Member;
    for exchange in subject.steps.iter().flatten().map(AsRef::as_ref).filter(of_member) {
        let shown = shown(exchange);
        let before = evidence.findings.len();
        for (way, found) in &shown {
            evidence.examined += 1;
            let standing = compartment.standing(subject.catalogue, found, subject.members, subject.base);
            let Standing::Outside { path, patient } = standing else { continue };
            let key = resource::key_of(found).unwrap_or_default();
            let referenced = referenced.get_or_insert_with(|| {
                let counts = subject.samples.counts();
                let samples = counts.iter().flat_map(|(resource_type, _)| subject.samples.of(resource_type)).map(AsRef::as_ref);
                referenced_by_own(
                    samples,
                    &|sample| compartment.standing(subject.catalogue, sample, subject.members, subject.base) == Standing::Inside,
                    subject.base,
                )
            });
            let is_named = subject.other_patient == Some(patient.as_str());
            if (!is_named && referenced.contains(&key)) || evidence.findings.len() >= before + MOST_FINDINGS {
                continue;
            }
            let asked = said!("{} {}", exchange.request.method.word(), url(&exchange.request.path));
            evidence.deviation(
                said!("{} ({})", code(path), *way),
                "of the token's own member, or of one named with --patient",
                said!("{} of {}, by {}", said::key(&key), said::key(format!("Patient/{patient}")), asked),
            );
        }
        // What shows nothing shows nothing of anybody.
        evidence.examined += usize::from(shown.is_empty() && exchange.response().is_some());
    }
    evidence
}

/// The resources in an answer, each with the way by which it came.
pub fn shown(exchange: &Exchange) -> Vec<(&'static str, &Value)> {
    let Some(document) = exchange.resource() else { return Vec::new() };
    let Some(bundle) = Bundle::in_document(document) else {
        return if resource::type_of(document) == Some("OperationOutcome") { Vec::new() } else { vec![("resource", &**document)] };
    };
    let way = |mode: Option<&str>| match mode {
        Some("include") => "included",
        Some("match") => "match",
        _ => "entry",
    };
    bundle.entries().filter_map(|entry| Some((way(entry.mode()), entry.resource()?))).collect()
}

/// What the resources of the members' own compartments refer to, as `Type/id`.
pub fn referenced_by_own<'v>(samples: impl Iterator<Item = &'v Value>, is_own: &dyn Fn(&Value) -> bool, base: &str) -> HashSet<String> {
    let mut referenced = HashSet::new();
    for sample in samples.filter(|sample| is_own(sample)) {
        resource::for_each_reference(sample, &mut |text| {
            referenced.extend(local_target(text, base).map(|(resource_type, id)| format!("{resource_type}/{id}")));
        });
    }
    referenced
}
