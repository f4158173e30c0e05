//! A violation of each invariant, written by hand.

use payerspec::fhir::json::Value;
use payerspec::guide::profile::Profile;
use serde_json::{Value as Json, json};

use super::mutant::{Edit, Mutant};
use super::spots::Types;

/// What a violation may refer to.
struct Context<'a, 'c> {
    types: &'a Types<'c>,
    others: &'a [(String, Value)],
}

impl Context<'_, '_> {
    /// A reference to an example of a type.
    fn reference(&self, type_name: &str) -> Json {
        let found = self.others.iter().find(|(_, other)| other["resourceType"] == type_name);
        let id = found.and_then(|(_, other)| other["id"].as_str()).unwrap_or("some");
        json!({"reference": format!("{type_name}/{id}")})
    }
}

/// A violation of every invariant of a profile that one is written for.
pub fn of_profile(types: &Types<'_>, resource: &Value, profile: &Profile, others: &[(String, Value)], out: &mut Vec<Mutant>) {
    let context = Context { types, others };
    for constraint in &profile.constraints {
        if constraint.expression.is_none() {
            continue;
        }
        let mut changed = resource.clone();
        let done = if constraint.key.ends_with("meta-profile-version") {
            strip_version(&mut changed)
        } else if let Some(done) = carin(&constraint.key, &mut changed, &context) {
            Some(done)
        } else {
            core(&constraint.key, &profile.type_name, &mut changed)
        };
        if done.is_some() && changed != *resource {
            let rule = format!("invariant.{}", constraint.key);
            out.push(Mutant::new("invariant", rule, format!("{}#{}", profile.type_name, constraint.key), Edit::Whole(changed)));
        }
    }
}

fn strip_version(resource: &mut Json) -> Option<()> {
    for claim in resource["meta"]["profile"].as_array_mut()? {
        let url = claim.as_str()?.split('|').next()?.to_owned();
        *claim = json!(url);
    }
    Some(())
}

fn drop(resource: &mut Json, names: &[&str]) {
    if let Some(fields) = resource.as_object_mut() {
        fields.retain(|name, _| !names.iter().any(|gone| name == gone || name.strip_prefix('_') == Some(gone)));
    }
}

/// Takes out every type of a choice.
fn drop_choice(resource: &mut Json, stem: &str) {
    if let Some(fields) = resource.as_object_mut() {
        fields.retain(|name, _| !name.trim_start_matches('_').strip_prefix(stem).is_some_and(|rest| rest.starts_with(char::is_uppercase)));
    }
}

fn concept(system: &str, code: &str) -> Json {
    json!({"coding": [{"system": system, "code": code}]})
}

fn push(resource: &mut Json, name: &str, value: Json) {
    match resource[name].as_array_mut() {
        Some(items) => items.push(value),
        None => resource[name] = json!([value]),
    }
}

const ROLES: &str = "http://terminology.hl7.org/CodeSystem/claimcareteamrole";
const CARIN_ROLES: &str = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBClaimCareTeamRole";
const INFORMATION: &str = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBSupportingInfoType";
const ABSENT: &str = "http://terminology.hl7.org/CodeSystem/data-absent-reason";
const TEETH: &str = "http://terminology.hl7.org/CodeSystem/ADAUniversalToothDesignationSystem";
const NUBC: &str = "https://www.nubc.org/CodeSystem";

fn team(resource: &mut Json, role: (&str, &str), provider: Json) {
    resource["careTeam"] = json!([{"sequence": 1, "provider": provider, "role": concept(role.0, role.1)}]);
}

/// Invariants of CARIN. `None` when none of that key is written here.
fn carin(key: &str, resource: &mut Json, context: &Context<'_, '_>) -> Option<()> {
    match key {
        "uncontained-requires-lastUpdated" => drop(&mut resource["meta"], &["lastUpdated"]),
        "Practitioner-identifier" => {
            resource["identifier"] = json!([{"system": "http://example.org/staff", "value": "1"}]);
        }
        "EOB-insurance-focal" => {
            let mut second = resource["insurance"].get(0)?.clone();
            second["focal"] = json!(true);
            resource["insurance"] = json!([second.clone(), second]);
        }
        "EOB-payee-other-type-requires-party" => {
            resource["payee"] = json!({"type": concept("http://terminology.hl7.org/CodeSystem/payeetype", "other")});
        }
        "EOB-institutional-item-or-header-adjudication" => {
            drop(resource, &["adjudication"]);
            resource["item"].as_array_mut()?.iter_mut().for_each(|item| drop(item, &["adjudication"]));
        }
        "adjudication-has-amount-type-slice" => {
            let denied = json!([{"category": concept("http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBAdjudicationDiscriminator", "denialreason")}]);
            drop(resource, &["adjudication"]);
            for item in resource["item"].as_array_mut()? {
                item["adjudication"] = denied.clone();
            }
        }
        "EOB-inst-careTeam-practitioner" => team(resource, (CARIN_ROLES, "attending"), context.reference("Organization")),
        "EOB-prof-careTeam-practitioner" => team(resource, (CARIN_ROLES, "referring"), context.reference("Organization")),
        "EOB-inst-careTeam-organization" | "EOB-pharm-careTeam-organization" => {
            let performs = if is_first_version(resource) { (ROLES, "performing") } else { (CARIN_ROLES, "rendering") };
            team(resource, performs, context.reference("Practitioner"));
        }
        "EOB-prof-careTeam-organization" => team(resource, (CARIN_ROLES, "site"), context.reference("Practitioner")),
        "EOB-pharm-careTeam-practitioner" => team(resource, (CARIN_ROLES, "prescribing"), context.reference("Patient")),
        "EOB-inst-pointoforigin" => {
            let admitted = concept(&format!("{NUBC}/PriorityTypeOfAdmitOrVisit"), "1");
            let born = concept(&format!("{NUBC}/PointOfOriginNewborn"), "5");
            resource["supportingInfo"] = json!([
                {"sequence": 1, "category": concept(INFORMATION, "admtype"), "code": admitted},
                {"sequence": 2, "category": concept(INFORMATION, "pointoforigin"), "code": born},
            ]);
        }
        "EOB-out-inst-item-productorservice" | "EOB-vision-item-productorservice" => {
            resource["item"].get_mut(0)?["productOrService"] = concept(ABSENT, "not-applicable");
        }
        "EOB-prof-all-transportation-supportinginfo-linked-to-line" => {
            let services = context.types.catalogue().value_set("http://hl7.org/fhir/us/carin-bb/ValueSet/C4BBTransportationServiceCategories")?;
            let (system, code) = services.members().next()?;
            push(resource, "supportingInfo", json!({"sequence": 998, "category": concept(system, code), "valueString": "x"}));
        }
        "Oral-EOB-supportinginfo-additionalbodysite-requires-line-item" => {
            push(resource, "supportingInfo", json!({"sequence": 998, "category": concept(INFORMATION, "additionalbodysite"), "code": concept(TEETH, "3")}));
        }
        "Oral-line-item-with-linked-additionalbody-site-requires-bodysite" => {
            push(resource, "supportingInfo", json!({"sequence": 998, "category": concept(INFORMATION, "additionalbodysite"), "code": concept(TEETH, "3")}));
            let item = resource["item"].get_mut(0)?;
            drop(item, &["bodySite"]);
            push(item, "informationSequence", json!(998));
        }
        "Oral-EOB-surface-subsite-requires-tooth-number" => {
            let item = resource["item"].get_mut(0)?;
            drop(item, &["bodySite", "informationSequence"]);
            item["subSite"] = json!([{"text": "mesial"}]);
        }
        _ => return None,
    }
    Some(())
}

fn is_first_version(resource: &Json) -> bool {
    let claims = resource["meta"]["profile"].as_array().cloned().unwrap_or_default();
    claims.iter().filter_map(Json::as_str).any(|claim| claim.ends_with("|1.1.0") || !claim.contains('|'))
}

/// Invariants of R4 and US Core. `None` when none of that key is written here.
fn core(key: &str, type_name: &str, resource: &mut Json) -> Option<()> {
    match (type_name, key) {
        ("Organization", "org-1") => drop(resource, &["identifier", "name"]),
        ("Organization", "org-2") => resource["address"] = json!([{"use": "home", "city": "Boston"}]),
        ("Organization", "org-3") => resource["telecom"] = json!([{"use": "home", "system": "phone", "value": "555-0100"}]),
        ("Patient", "pat-1") => resource["contact"] = json!([{"gender": "female"}]),
        ("Patient", "us-core-8" | "us-core-6") => resource["name"] = json!([{"text": "Only Text"}]),
        ("RelatedPerson", _) if key == "us-core-14" || key.ends_with("name-or-relationship") => drop(resource, &["name", "relationship"]),
        ("Coverage", "us-core-15") => drop(resource, &["identifier", "subscriberId"]),
        ("Organization" | "Practitioner", "us-core-16") => resource["identifier"] = npi("12345"),
        ("Organization" | "Practitioner", "us-core-17") => resource["identifier"] = npi("1234567890"),
        ("Observation", _) => observation(key, resource)?,
        ("Condition", "con-1") => resource["stage"] = json!([{"type": {"text": "clinical"}}]),
        ("Condition", "con-2") => resource["evidence"] = json!([{"id": "e"}]),
        ("Condition", "con-4") => {
            resource["clinicalStatus"] = concept("http://terminology.hl7.org/CodeSystem/condition-clinical", "active");
            resource["abatementDateTime"] = json!("2020-01-01");
        }
        ("Condition", "con-5") => {
            resource["clinicalStatus"] = concept("http://terminology.hl7.org/CodeSystem/condition-clinical", "active");
            resource["verificationStatus"] = concept("http://terminology.hl7.org/CodeSystem/condition-ver-status", "entered-in-error");
        }
        ("AllergyIntolerance", "ait-1") => drop(resource, &["clinicalStatus"]),
        ("AllergyIntolerance", "ait-2") => {
            resource["verificationStatus"] = concept("http://terminology.hl7.org/CodeSystem/allergyintolerance-verification", "entered-in-error");
        }
        ("Goal", "gol-1") => resource["target"] = json!([{"detailString": "x"}]),
        ("Immunization", "imm-1") => resource["education"] = json!([{"publicationDate": "2020-01-01"}]),
        ("MedicationDispense", "mdd-1") => {
            resource["whenPrepared"] = json!("2021-01-02T00:00:00Z");
            resource["whenHandedOver"] = json!("2021-01-01T00:00:00Z");
        }
        ("MedicationDispense", "us-core-20") => {
            resource["status"] = json!("completed");
            drop(resource, &["whenHandedOver"]);
        }
        ("MedicationRequest", "us-core-21") => {
            resource["intent"] = json!("order");
            drop(resource, &["requester"]);
        }
        ("Procedure", "us-core-7") => {
            resource["status"] = json!("completed");
            drop_choice(resource, "performed");
        }
        ("DiagnosticReport", "us-core-8" | "us-core-10") => {
            resource["status"] = json!("final");
            drop_choice(resource, "effective");
        }
        ("DiagnosticReport", "us-core-9") => {
            resource["status"] = json!("final");
            drop(resource, &["issued"]);
        }
        ("DocumentReference", "us-core-6") => drop(&mut resource["content"].get_mut(0)?["attachment"], &["url", "data"]),
        ("QuestionnaireResponse", "qrs-1") => {
            resource["item"] = json!([{"linkId": "1", "answer": [{"valueBoolean": true}], "item": [{"linkId": "2"}]}]);
        }
        ("CarePlan", "cpl-3") => {
            resource["activity"] = json!([{"detail": {"status": "completed"}, "reference": {"display": "x"}}]);
        }
        ("ServiceRequest", "prr-1") => {
            drop(resource, &["code"]);
            resource["orderDetail"] = json!([{"text": "x"}]);
        }
        ("Provenance", "provenance-1") => {
            resource["agent"] = json!([{"who": {"reference": "Practitioner/any"}}]);
        }
        _ => return None,
    }
    Some(())
}

fn npi(value: &str) -> Json {
    json!([{"system": "http://hl7.org/fhir/sid/us-npi", "value": value}])
}

fn observation(key: &str, resource: &mut Json) -> Option<()> {
    match key {
        "obs-3" => resource["referenceRange"] = json!([{"type": {"text": "normal"}}]),
        "obs-6" => {
            drop_choice(resource, "value");
            resource["valueString"] = json!("x");
            resource["dataAbsentReason"] = concept(ABSENT, "unknown");
        }
        "obs-7" => {
            let code = resource["code"].clone();
            code["coding"].get(0)?;
            drop_choice(resource, "value");
            drop(resource, &["dataAbsentReason"]);
            resource["valueString"] = json!("x");
            resource["component"] = json!([{"code": code, "valueString": "y"}]);
        }
        "us-core-2" | "vs-2" => {
            drop_choice(resource, "value");
            drop(resource, &["dataAbsentReason", "component", "hasMember"]);
        }
        "us-core-3" => {
            drop_choice(resource, "value");
            resource["valueQuantity"] = json!({"value": 1, "unit": "x", "system": "http://example.org/units", "code": "x"});
        }
        "us-core-1" | "vs-1" => {
            drop_choice(resource, "effective");
            resource["effectiveDateTime"] = json!("2020");
        }
        "vs-3" => {
            let component = resource["component"].get_mut(0)?;
            drop_choice(component, "value");
            drop(component, &["dataAbsentReason"]);
        }
        _ => return None,
    }
    Some(())
}
