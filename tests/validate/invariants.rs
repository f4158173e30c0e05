//! Each invariant of CARIN Blue Button 2.0.0 broken once, and slicing where the examples offer no place to break it.

use payerspec::fhir::json::Value;
use payerspec::fhir::json::json;
use payerspec::validate::{Neighbours, Options, Validator, Verdict};

use super::material::{catalogue, examples};

struct Guide {
    validator: Validator,
    examples: Vec<(String, Value)>,
}

impl Guide {
    fn new(guide: &str, archive: &str) -> Self {
        Self { validator: Validator::new(catalogue(guide), Options::default()), examples: examples(archive) }
    }

    fn carin_2_0_0() -> Self {
        Self::new("hl7.fhir.us.carin-bb#2.0.0", "hl7.fhir.us.carin-bb-2.0.0.tgz")
    }

    fn example(&self, name: &str) -> Value {
        let file = format!("{name}.json");
        let found = self.examples.iter().find(|(known, _)| *known == file);
        assert!(found.is_some(), "there is no example {file}");
        found.unwrap().1.clone()
    }

    fn judge(&self, resource: &Value) -> Verdict {
        let mut neighbours = Neighbours::default();
        for (_, example) in &self.examples {
            neighbours.add(example);
        }
        self.validator.validate(resource, &neighbours)
    }

    /// Whether a rule fires after a change and not before.
    #[track_caller]
    fn fires(&self, name: &str, rule: &str, change: impl FnOnce(&mut Value)) {
        let mut resource = self.example(name);
        let count = |resource: &Value| self.judge(resource).findings.iter().filter(|finding| finding.rule == rule).count();
        let before = count(&resource);
        change(&mut resource);
        let after = count(&resource);
        assert!(after > before, "{name}: {rule} fires {after} times, {before} before: {:#?}", self.judge(&resource).findings);
    }
}

fn role(code: &str, provider: &str) -> Value {
    let system = if matches!(code, "primary" | "supervisor") {
        "http://terminology.hl7.org/CodeSystem/claimcareteamrole"
    } else {
        "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBClaimCareTeamRole"
    };
    json!({"sequence": 9, "provider": {"reference": provider}, "role": {"coding": [{"system": system, "code": code}]}})
}

fn info(sequence: u32, category: &str, code: Value) -> Value {
    let system = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBSupportingInfoType";
    json!({"sequence": sequence, "category": {"coding": [{"system": system, "code": category}]}, "code": {"coding": [code]}})
}

fn push(value: &mut Value, item: Value) {
    match value {
        Value::Array(items) => items.push(item),
        other => *other = json!([item]),
    }
}

#[test]
fn institutional_invariants_fire() {
    let guide = Guide::carin_2_0_0();
    let inpatient = "ExplanationOfBenefit-EOBInpatient1";
    guide.fires(inpatient, "invariant.EOB-institutional-item-or-header-adjudication", |claim| {
        claim.pointer_mut("/item/0").unwrap()["adjudication"] = claim["adjudication"].clone();
    });
    guide.fires(inpatient, "invariant.adjudication-has-amount-type-slice", |claim| {
        claim.pointer_mut("/item/0").unwrap()["adjudication"] = json!([claim["adjudication"][0].clone()]);
    });
    guide.fires(inpatient, "invariant.EOB-payee-other-type-requires-party", |claim| {
        claim["payee"] = json!({"type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/payeetype", "code": "other"}]}});
    });
    guide.fires(inpatient, "invariant.EOB-institutional-inpatient-meta-profile-version", |claim| {
        *claim.pointer_mut("/meta/profile/0").unwrap() =
            json!("http://hl7.org/fhir/us/carin-bb/StructureDefinition/C4BB-ExplanationOfBenefit-Inpatient-Institutional");
    });
    guide.fires(inpatient, "invariant.EOB-inst-careTeam-practitioner", |claim| {
        push(&mut claim["careTeam"], role("attending", "Organization/x"))
    });
    guide.fires(inpatient, "invariant.EOB-inst-careTeam-organization", |claim| {
        push(&mut claim["careTeam"], role("rendering", "Practitioner/x"))
    });
    guide.fires(inpatient, "invariant.EOB-inst-pointoforigin", |claim| {
        for info in claim["supportingInfo"].as_array_mut().unwrap() {
            if info["code"]["coding"][0]["system"].as_str().is_some_and(|system| system.ends_with("PriorityTypeOfAdmitOrVisit")) {
                info.pointer_mut("/code/coding/0").unwrap()["code"] = json!("4");
            }
        }
    });
    guide.fires("ExplanationOfBenefit-EOBOutpatient1", "invariant.undecided", |claim| {
        let mut member = role("rendering", "Organization/x");
        member["qualification"] = json!({"coding": [{"system": "http://nucc.org/provider-taxonomy", "code": "207R00000X"}]});
        push(&mut claim["careTeam"], member);
    });
}

#[test]
fn pharmacy_professional_and_oral_invariants_fire() {
    let guide = Guide::carin_2_0_0();
    let pharmacy = "ExplanationOfBenefit-EOBPharmacy1";
    guide.fires(pharmacy, "invariant.EOB-pharm-careTeam-practitioner", |claim| {
        push(&mut claim["careTeam"], role("prescribing", "PractitionerRole/x"))
    });
    guide.fires(pharmacy, "invariant.EOB-pharm-careTeam-organization", |claim| {
        push(&mut claim["careTeam"], role("rendering", "Practitioner/x"))
    });
    let professional = "ExplanationOfBenefit-EOBProfessional1";
    guide.fires(professional, "invariant.EOB-prof-careTeam-practitioner", |claim| {
        push(&mut claim["careTeam"], role("referring", "Organization/x"))
    });
    guide.fires(professional, "invariant.EOB-vision-item-productorservice", |claim| {
        claim.pointer_mut("/item/0").unwrap()["productOrService"] =
            json!({"coding": [{"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "not-applicable"}]});
    });
    guide.fires(professional, "invariant.EOB-prof-all-transportation-supportinginfo-linked-to-line", |claim| {
        push(
            &mut claim["supportingInfo"],
            info(77, "ambulancetransportreason", json!({"system": "https://x12.org/codes/ambulance-transport-reason-codes", "code": "A"})),
        );
    });
    let oral = "ExplanationOfBenefit-EOBOral1";
    let tooth = || json!({"system": "http://terminology.hl7.org/CodeSystem/ADAUniversalToothDesignationSystem", "code": "1"});
    guide.fires(oral, "invariant.Oral-EOB-supportinginfo-additionalbodysite-requires-line-item", |claim| {
        push(&mut claim["supportingInfo"], info(77, "additionalbodysite", tooth()));
    });
    guide.fires(oral, "invariant.Oral-line-item-with-linked-additionalbody-site-requires-bodysite", |claim| {
        push(&mut claim["supportingInfo"], info(77, "additionalbodysite", tooth()));
        claim.pointer_mut("/item/0").unwrap()["informationSequence"] = json!([77]);
        claim.pointer_mut("/item/0").unwrap().as_object_mut().unwrap().swap_remove("bodySite");
    });
    guide.fires(oral, "invariant.Oral-EOB-surface-subsite-requires-tooth-number", |claim| {
        claim.pointer_mut("/item/0").unwrap().as_object_mut().unwrap().swap_remove("bodySite");
        claim.pointer_mut("/item/0").unwrap()["subSite"] =
            json!([{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/FDI-surface", "code": "M"}]}]);
    });
}

#[test]
fn invariants_of_the_other_profiles_fire() {
    let guide = Guide::carin_2_0_0();
    guide.fires("Organization-Payer1", "invariant.uncontained-requires-lastUpdated", |payer| {
        payer["meta"].as_object_mut().unwrap().swap_remove("lastUpdated");
    });
    guide.fires("Practitioner-Practitioner1", "invariant.Practitioner-identifier", |person| {
        person["identifier"] = json!([{"system": "urn:oid:1.2.3", "value": "1"}]);
    });
    guide.fires("RelatedPerson-RelatedPerson1", "invariant.relatedperson-name-or-relationship", |person| {
        person.as_object_mut().unwrap().swap_remove("name");
        person.as_object_mut().unwrap().swap_remove("relationship");
    });
    for (name, key) in [("Patient-Patient1", "patient"), ("Coverage-Coverage1", "coverage"), ("Organization-Payer1", "organization")] {
        guide.fires(name, &format!("invariant.{key}-meta-profile-version"), |resource| {
            let unversioned = resource["meta"]["profile"][0].as_str().unwrap().split('|').next().unwrap().to_owned();
            *resource.pointer_mut("/meta/profile/0").unwrap() = json!(unversioned);
        });
    }
    guide.fires("Patient-Patient1", "invariant.pat-1", |patient| patient["contact"] = json!([{"gender": "male"}]));
    guide.fires("Patient-Patient1", "invariant.us-core-8", |patient| patient["name"] = json!([{"use": "official", "text": "x"}]));
}

#[test]
fn slices_are_told_apart_and_counted() {
    let guide = Guide::carin_2_0_0();
    let inpatient = "ExplanationOfBenefit-EOBInpatient1";
    guide.fires(inpatient, "slicing.max", |claim| {
        let received =
            claim["supportingInfo"].as_array().unwrap().iter().find(|info| info.to_string().contains("clmrecvddate")).unwrap().clone();
        push(&mut claim["supportingInfo"], received);
    });
    guide.fires(inpatient, "slicing.min", |claim| claim.pointer_mut("/identifier/0/type/coding/0").unwrap()["code"] = json!("um"));
    // A slice that a required value set tells apart.
    guide.fires(inpatient, "slicing.min", |claim| {
        claim["total"] = json!([{"category": {"coding": [{"system": "http://example.org/other", "code": "x"}]}, "amount": {"value": 1, "currency": "USD"}}]);
    });
    guide.fires(inpatient, "cardinality.min", |claim| {
        let typeofbill =
            claim["supportingInfo"].as_array_mut().unwrap().iter_mut().find(|info| info.to_string().contains("typeofbill")).unwrap();
        typeofbill.as_object_mut().unwrap().swap_remove("code");
    });
    let first = Guide::new("hl7.fhir.us.carin-bb#1.1.0", "hl7.fhir.us.carin-bb-1.1.0.tgz");
    first.fires("ExplanationOfBenefit-EOBInpatient1", "slicing.closed", |claim| {
        push(&mut claim["adjudication"], json!({"category": {"coding": [{"system": "http://example.org/other", "code": "x"}]}, "amount": {"value": 1, "currency": "USD"}}));
    });
}

#[test]
fn a_claim_without_profile_is_judged_by_the_one_that_its_type_selects() {
    let guide = Guide::carin_2_0_0();
    let mut claim = guide.example("ExplanationOfBenefit-EOBInpatient1");
    claim["meta"] = json!({"lastUpdated": "2020-01-01T00:00:00Z"});
    let verdict = guide.judge(&claim);
    let chosen: Vec<(&str, &str)> = verdict.profiles.iter().map(|judged| (judged.profile.as_str(), judged.because.as_str())).collect();
    let inpatient = "http://hl7.org/fhir/us/carin-bb/StructureDefinition/C4BB-ExplanationOfBenefit-Inpatient-Institutional|2.0.0";
    assert_eq!(chosen, [(inpatient, "its type and subType fit")]);
    claim["subType"] = json!({"text": "neither"});
    let verdict = guide.judge(&claim);
    assert!(verdict.profiles.is_empty() && verdict.findings.iter().any(|finding| finding.rule == "profile.no-fit"), "{verdict:#?}");
}

#[test]
fn only_the_claimed_profile_counts() {
    let guide = Guide::carin_2_0_0();
    for (name, resource) in &guide.examples {
        if resource["resourceType"] == "ExplanationOfBenefit" {
            assert_eq!(guide.judge(resource).profiles.len(), 1, "{name}");
        }
    }
}
