//! Operations of types: `$lookup` and `$validate-code` by the codes that the record uses, `$expand` and `$validate-code` of one value set
//! (R4 codesystem-operations.html, valueset-operations.html), and US Core's `$docref`.

use bytes::Bytes;

use super::answer::Answer;
use super::bundle::{Bundle, Entry};
use super::error::Refusal;
use super::fault::Breach;
use super::read::{self, Address};
use super::search::query::Pair;
use super::state::{Access, State};
use crate::fhir::json::{Value, json};

/// By type, the operations and what defines them.
pub const OF_TYPE: [(&str, &str, &str); 5] = [
    ("CodeSystem", "lookup", "http://hl7.org/fhir/OperationDefinition/CodeSystem-lookup"),
    ("CodeSystem", "validate-code", "http://hl7.org/fhir/OperationDefinition/CodeSystem-validate-code"),
    ("DocumentReference", "docref", "http://hl7.org/fhir/us/core/OperationDefinition/docref"),
    ("ValueSet", "expand", "http://hl7.org/fhir/OperationDefinition/ValueSet-expand"),
    ("ValueSet", "validate-code", "http://hl7.org/fhir/OperationDefinition/ValueSet-validate-code"),
];

/// The value set that is known here, with its version.
const GENDERS: (&str, &str) = ("http://hl7.org/fhir/ValueSet/administrative-gender", "4.0.1");
const GENDER: &str = "http://hl7.org/fhir/administrative-gender";
const GENDER_CODES: [(&str, &str); 4] = [("male", "Male"), ("female", "Female"), ("other", "Other"), ("unknown", "Unknown")];

/// Whether this names an operation of the type.
pub fn is_offered(resource_type: &str, segment: &str) -> bool {
    OF_TYPE.iter().any(|(of, name, _)| *of == resource_type && segment.strip_prefix('$') == Some(name))
}

/// Answers an operation that [`is_offered`].
///
/// # Errors
/// 400 without an input that it needs, 404 for a code system or value set that is not known, and for documents as a read of the patient.
pub fn answer(state: &State, access: Access, base: &str, (resource_type, name): (&str, &str), pairs: &[Pair]) -> Result<Answer, Refusal> {
    let input = |wanted: &str| {
        let found = pairs.iter().find(|(name, value)| name == wanted && !value.is_empty()).map(|(_, value)| value.as_str());
        found.ok_or_else(|| Refusal::invalid(format!("{name} needs {wanted}")))
    };
    let answer = match (resource_type, name) {
        ("CodeSystem", "$lookup") => lookup(state, input("system")?, input("code")?)?,
        ("CodeSystem", _) => validated(state, display(state, input("url")?, input("code")?).is_some()),
        ("ValueSet", "$expand") => expansion(state, input("url")?)?,
        ("ValueSet", _) => {
            known(input("url")?)?;
            let (system, code) = (input("system")?, input("code")?);
            validated(state, system == GENDER && GENDER_CODES.iter().any(|(known, _)| *known == code))
        }
        _ => return documents(state, access, base, input("patient")?),
    };
    Ok(Answer::ok(Bytes::from(answer.to_string())))
}

fn lookup(state: &State, system: &str, code: &str) -> Result<Value, Refusal> {
    let display = display(state, system, code);
    let display = display.ok_or_else(|| Refusal::not_found(format!("the record does not use {code} of {system}")))?;
    let name = system.rsplit('/').next().unwrap_or(system);
    let mut parameters = vec![json!({ "name": "name", "valueString": name })];
    if !state.has(Breach::OperationLookupNoDisplay) {
        parameters.push(json!({ "name": "display", "valueString": display }));
    }
    Ok(json!({ "resourceType": "Parameters", "parameter": parameters }))
}

fn validated(state: &State, mut result: bool) -> Value {
    if state.has(Breach::OperationValidatesAnything) {
        result = true;
    }
    if state.has(Breach::OperationValidatesNothing) {
        result = false;
    }
    let result = if state.has(Breach::OperationNoResult) {
        json!({ "name": "message", "valueString": "validated" })
    } else {
        json!({ "name": "result", "valueBoolean": result })
    };
    json!({ "resourceType": "Parameters", "parameter": [result] })
}

fn known(url: &str) -> Result<(), Refusal> {
    let (stated, version) = url.split_once('|').map_or((url, None), |(url, version)| (url, Some(version)));
    if stated == GENDERS.0 && version.is_none_or(|version| version == GENDERS.1) {
        return Ok(());
    }
    Err(Refusal::not_found(format!("the value set {url} is not known here")))
}

/// System and code of the members of a value set that is known here.
pub fn value_set(url: &str) -> Option<&'static [(&'static str, &'static str)]> {
    const MEMBERS: [(&str, &str); 4] =
        [(GENDER, GENDER_CODES[0].0), (GENDER, GENDER_CODES[1].0), (GENDER, GENDER_CODES[2].0), (GENDER, GENDER_CODES[3].0)];
    known(url).is_ok().then_some(&MEMBERS)
}

fn expansion(state: &State, url: &str) -> Result<Value, Refusal> {
    known(url)?;
    let contains = |(code, display): (&str, &str)| json!({ "system": GENDER, "code": code, "display": display });
    let mut listed: Vec<Value> = GENDER_CODES.into_iter().map(contains).collect();
    if state.has(Breach::OperationExpansionDropsCode) {
        listed.pop();
    }
    if state.has(Breach::OperationExpansionAddsCode) {
        listed.push(contains(("robot", "Robot")));
    }
    let mut value_set = json!({ "resourceType": "ValueSet", "url": GENDERS.0, "version": GENDERS.1, "status": "active" });
    if !state.has(Breach::OperationExpansionAbsent) {
        value_set["expansion"] = json!({ "timestamp": "2026-11-01T00:00:00Z", "total": listed.len(), "contains": listed });
    }
    Ok(value_set)
}

/// How the record displays a code, or the code where it has no display; `None` where the record does not use it.
fn display(state: &State, system: &str, code: &str) -> Option<String> {
    let mut records = state.types().flat_map(|resource_type| state.visible(resource_type, Access::Everything));
    records.find_map(|record| display_in(&record.current.value, system, code))
}

fn display_in(value: &Value, system: &str, code: &str) -> Option<String> {
    match value {
        Value::Object(fields) => {
            let text = |name: &str| fields.get(name).and_then(Value::as_str);
            if text("system") == Some(system) && text("code") == Some(code) {
                return Some(text("display").unwrap_or(code).to_owned());
            }
            fields.values().find_map(|field| display_in(field, system, code))
        }
        Value::Array(items) => items.iter().find_map(|item| display_in(item, system, code)),
        _ => None,
    }
}

/// One document made for the occasion: it stands for the patient's whole record.
fn documents(state: &State, access: Access, base: &str, patient: &str) -> Result<Answer, Refusal> {
    let owner = read::find(state, access, Address { resource_type: "Patient", id: patient })?.current.id.clone();
    let subject = if state.has(Breach::OperationDocrefOtherPatient) { "someone-else" } else { owner.as_str() };
    let document = json!({
        "resourceType": "DocumentReference",
        "id": format!("record-of-{owner}"),
        "status": "current",
        "type": { "coding": [{ "system": "http://loinc.org", "code": "34133-9", "display": "Summary of episode note" }] },
        "subject": { "reference": format!("Patient/{subject}") },
        "content": [{ "attachment": { "contentType": "application/fhir+json", "url": format!("{base}/Patient/{owner}/$everything") } }],
    });
    let mut bundle = Bundle::searchset(Some(1));
    if state.has(Breach::OperationDocrefCollection) {
        bundle.kind = "collection";
    }
    let full_url = format!("{base}/DocumentReference/record-of-{owner}");
    bundle.entries.push(Entry { mode: Some("match"), ..Entry::of(Some(full_url), Bytes::from(document.to_string())) });
    Ok(Answer::ok(bundle.json()))
}
