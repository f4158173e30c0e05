//! Breaks in the data that the payer serves, made before anything is served.

use serde_json::{Value, json};

use super::data::World;
use super::fault::{Breach, Faults};

/// Breaks the record as the faults say.
pub fn tamper(world: &mut World, faults: &Faults) {
    let World { members, shared } = world;
    for resource in shared.iter_mut().chain(members.iter_mut().flat_map(|member| &mut member.resources)) {
        let kind = resource.get("resourceType").and_then(Value::as_str).unwrap_or_default();
        if faults.has(Breach::DataUnknownElement) && kind == "Practitioner" {
            set(resource, "shoeSize", json!(43));
        } else if faults.has(Breach::DataUnknownCode) && kind == "Patient" {
            set(resource, "gender", json!("unheard-of"));
        } else if faults.has(Breach::DataUntypedClaimNumber) && is_claim(resource, "pharmacy") {
            for identifier in resource.get_mut("identifier").and_then(Value::as_array_mut).into_iter().flatten() {
                identifier.as_object_mut().map(|fields| fields.remove("type"));
            }
        } else if faults.has(Breach::DataTwoFocalInsurances)
            && is_claim(resource, "professional")
            && let Some(insurances) = resource.get_mut("insurance").and_then(Value::as_array_mut)
        {
            insurances.extend(insurances.first().cloned());
        }
    }
}

fn set(resource: &mut Value, name: &str, value: Value) {
    if let Some(fields) = resource.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
}

fn is_claim(resource: &Value, kind: &str) -> bool {
    let codings = resource.get("type").and_then(|kind| kind.get("coding")).and_then(Value::as_array);
    let is_kind = |coding: &Value| coding.get("code").and_then(Value::as_str) == Some(kind);
    resource.get("resourceType").and_then(Value::as_str) == Some("ExplanationOfBenefit")
        && codings.is_some_and(|codings| codings.iter().any(is_kind))
}
