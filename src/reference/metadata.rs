//! The CapabilityStatement: what the payer really does, read off the same tables that do it (R4 capabilitystatement.html).

use std::collections::BTreeSet;

use super::data::CarinVersion;
use super::everything;
use super::fault::Breach;
use super::history;
use super::oauth::Dialect;
use super::operation;
use super::search::table::{self, Parameter};
use super::server::BASE_PATH;
use super::state::State;
use super::write;
use crate::fhir::json::{Value, json};

const COMBINATION: &str = "http://hl7.org/fhir/StructureDefinition/capabilitystatement-search-parameter-combination";
const PROFILES: &str = "http://hl7.org/fhir/us/carin-bb/StructureDefinition/";

/// The statement of this server at this base.
pub fn statement(state: &State, base: &str) -> Value {
    let mut statement = json!({
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-11-01",
        "publisher": "payerspec",
        "kind": "instance",
        "instantiates": ["http://hl7.org/fhir/us/carin-bb/CapabilityStatement/c4bb"],
        "software": { "name": "payerspec reference payer", "version": env!("CARGO_PKG_VERSION") },
        "implementation": { "description": "Synthetic members in memory", "url": base },
        "fhirVersion": "4.0.1",
        "format": formats(state),
        "implementationGuide": [format!("http://hl7.org/fhir/us/carin-bb/ImplementationGuide/hl7.fhir.us.carin-bb|{}", state.version)],
        "rest": [rest(state, base)],
    });
    if let Some(fields) = statement.as_object_mut() {
        if state.has(Breach::MetadataNoFhirVersion) {
            fields.swap_remove("fhirVersion");
        }
        if state.has(Breach::MetadataWrongVersion) {
            fields.insert("fhirVersion".to_owned(), json!("3.0.1"));
        }
        if state.has(Breach::MetadataNoKind) {
            fields.swap_remove("kind");
        }
        if state.has(Breach::MetadataNoJson) {
            fields.insert("format".to_owned(), json!(["application/fhir+xml", "xml"]));
        }
        if state.has(Breach::MetadataNoInstantiates) {
            fields.swap_remove("instantiates");
        }
        if state.has(Breach::MetadataNoRest) {
            fields.swap_remove("rest");
        }
    }
    statement
}

/// The formats of answers: where both headers must be JSON types, nobody can ask for XML.
fn formats(state: &State) -> &'static [&'static str] {
    match &state.office {
        Some(office) if office.dialect == Dialect::Utah => &["application/fhir+json", "json"],
        _ => &["application/fhir+json", "application/fhir+xml", "json", "xml"],
    }
}

fn rest(state: &State, base: &str) -> Value {
    let declared = state.types().filter(|name| *name != "Coverage" || !state.has(Breach::MetadataOmitsType));
    let mut resources: Vec<_> = declared.map(|resource_type| resource(state, resource_type)).collect();
    let held: BTreeSet<&str> = state.types().collect();
    let others: BTreeSet<&str> =
        operation::OF_TYPE.iter().map(|(resource_type, ..)| *resource_type).filter(|name| !held.contains(name)).collect();
    resources.extend(others.into_iter().map(|name| json!({ "type": name, "operation": operations(name) })));
    if state.has(Breach::MetadataTypeTwice) {
        resources.push(resource(state, "Coverage"));
    }
    let mut rest = json!({ "mode": "server", "security": { "cors": true } });
    if state.bearer {
        let service =
            json!({ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/restful-security-service", "code": "OAuth" }] });
        let description = "One bearer token a member. No token or an unknown one: 401. Another member's resource: 403.";
        rest["security"] = json!({ "cors": true, "service": [service], "description": description });
        if let Some(office) = &state.office {
            let origin = base.strip_suffix(BASE_PATH).unwrap_or(base);
            let system = "http://terminology.hl7.org/CodeSystem/restful-security-service";
            let code = if office.dialect == Dialect::Smart { "SMART-on-FHIR" } else { "OAuth" };
            rest["security"]["service"] = json!([{ "coding": [{ "system": system, "code": code }] }]);
            let endpoints = office.endpoints(origin);
            let token = if state.has(Breach::OauthUrisDisagree) {
                format!("{origin}/auth/former")
            } else if state.has(Breach::TlsOtherName) {
                endpoints.token.replace("127.0.0.1", "localhost")
            } else {
                endpoints.token
            };
            rest["security"]["extension"] = json!([{
                "url": "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris",
                "extension": [
                    { "url": "authorize", "valueUri": endpoints.authorization },
                    { "url": "token", "valueUri": token },
                ],
            }]);
        }
    }
    rest["resource"] = json!(resources);
    let writes = state.writable.then_some("transaction");
    let interactions = ["search-system", "history-system", "batch"].into_iter().chain(writes);
    rest["interaction"] = interactions.map(|code| json!({ "code": code })).collect();
    rest
}

fn resource(state: &State, resource_type: &str) -> Value {
    let mut declared = json!({ "type": resource_type });
    let profiles = profiles(state, resource_type);
    if !profiles.is_empty() {
        declared["supportedProfile"] = json!(profiles);
    }
    let interactions = ["read", "vread", "history-instance", "search-type"].into_iter();
    let interactions = interactions
        .filter(|code| (*code, resource_type) != ("read", "ExplanationOfBenefit") || !state.has(Breach::MetadataOmitsInteraction));
    let writes: &[&str] = if write::takes(state, resource_type) { &["create", "update", "patch", "delete"] } else { &[] };
    let of_type = history::OF_TYPE.contains(&resource_type).then_some("history-type");
    let interactions = interactions.chain(of_type).chain(writes.iter().copied());
    declared["interaction"] = interactions.map(|code| json!({ "code": code })).collect();
    declared["versioning"] = json!("versioned");
    if !writes.is_empty() {
        declared["versioning"] = json!("versioned-update");
        declared["updateCreate"] = json!(true);
        declared["conditionalCreate"] = json!(true);
        declared["conditionalUpdate"] = json!(true);
        declared["conditionalDelete"] = json!("single");
    }
    let operations = operations(resource_type);
    if !operations.is_empty() {
        declared["operation"] = json!(operations);
    }
    if let Some(codes) = table::combination(resource_type) {
        let parts: Vec<_> = codes.iter().map(|code| json!({ "url": "required", "valueString": code })).collect();
        declared["extension"] = json!([{ "url": COMBINATION, "extension": parts }]);
    }
    declared["readHistory"] = json!(true);
    declared["conditionalRead"] = json!("full-support");
    declared["referencePolicy"] = json!(["resolves"]);
    let includes = includes(state, resource_type);
    if !includes.is_empty() {
        declared["searchInclude"] = json!(includes);
    }
    let reverse: Vec<_> = table::reverse_includes(resource_type).iter().map(|(source, code)| format!("{source}:{code}")).collect();
    if !reverse.is_empty() {
        declared["searchRevInclude"] = json!(reverse);
    }
    let parameters = table::parameters(resource_type, state.version).into_iter();
    let parameters = parameters.filter(|parameter| parameter.code != "service-date" || !state.has(Breach::MetadataOmitsSearchParam));
    let parameters = parameters.filter(|parameter| parameter.code != "beneficiary" || !state.has(Breach::MetadataHidesSearchParam));
    let twice = table::parameter("Patient", "_id", state.version).filter(|_| state.has(Breach::MetadataSearchParamTwice));
    declared["searchParam"] = parameters.chain(twice).map(parameter).collect();
    declared
}

fn operations(resource_type: &str) -> Vec<Value> {
    let of_type = operation::OF_TYPE.iter().filter(|(of, ..)| *of == resource_type).map(|(_, name, definition)| (*name, *definition));
    let of_patient = (resource_type == "Patient").then_some(("everything", everything::DEFINITION));
    of_type.chain(of_patient).map(|(name, definition)| json!({ "name": name, "definition": definition })).collect()
}

fn parameter(parameter: &Parameter) -> Value {
    json!({ "name": parameter.code, "definition": parameter.definition, "type": parameter.kind.word() })
}

fn includes(state: &State, resource_type: &str) -> Vec<String> {
    let codes = table::includes(resource_type);
    let star = (!codes.is_empty()).then_some("*");
    let all = codes.iter().map(|include| include.code).chain(star);
    // The star stands for every include, so it has to go as well.
    let omits = state.has(Breach::MetadataOmitsInclude);
    all.filter(|code| !omits || !["coverage", "*"].contains(code)).map(|code| format!("{resource_type}:{code}")).collect()
}

/// The guide's profiles of a type, and whatever else the resources claim.
fn profiles(state: &State, resource_type: &str) -> BTreeSet<String> {
    let guide = guide_profiles(resource_type, state.version).iter().map(|name| format!("{PROFILES}{name}"));
    let everything = state.visible(resource_type, super::state::Access::Everything);
    let claimed =
        everything.flat_map(|record| record.current.value.pointer("/meta/profile").and_then(Value::as_array).into_iter().flatten());
    let claimed = claimed.filter_map(Value::as_str).map(|profile| profile.split('|').next().unwrap_or(profile).to_owned());
    let all = guide.chain(claimed);
    all.filter(|profile| !profile.ends_with("-Pharmacy") || !state.has(Breach::MetadataOmitsProfile)).collect()
}

fn guide_profiles(resource_type: &str, version: CarinVersion) -> &'static [&'static str] {
    match resource_type {
        "ExplanationOfBenefit" if version.is_second_generation() => &[
            "C4BB-ExplanationOfBenefit",
            "C4BB-ExplanationOfBenefit-Inpatient-Institutional",
            "C4BB-ExplanationOfBenefit-Outpatient-Institutional",
            "C4BB-ExplanationOfBenefit-Pharmacy",
            "C4BB-ExplanationOfBenefit-Professional-NonClinician",
            "C4BB-ExplanationOfBenefit-Oral",
        ],
        "ExplanationOfBenefit" => &[
            "C4BB-ExplanationOfBenefit",
            "C4BB-ExplanationOfBenefit-Inpatient-Institutional",
            "C4BB-ExplanationOfBenefit-Outpatient-Institutional",
            "C4BB-ExplanationOfBenefit-Pharmacy",
            "C4BB-ExplanationOfBenefit-Professional-NonClinician",
        ],
        "Coverage" => &["C4BB-Coverage"],
        "Organization" => &["C4BB-Organization"],
        "Patient" => &["C4BB-Patient"],
        "Practitioner" => &["C4BB-Practitioner"],
        "RelatedPerson" if version.is_second_generation() => &["C4BB-RelatedPerson"],
        _ => &[],
    }
}
