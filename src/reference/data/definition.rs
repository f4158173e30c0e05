//! The payer's own definitions of search parameters: R4's, with what this payer makes of modifiers, comparators and chains.

use time::macros::date;

use super::HOME;
use super::stamp::{after, merge, meta};
use crate::fhir::json::{Value, json};

/// All SearchParameters that the payer publishes.
pub fn all() -> Vec<Value> {
    let text = json!({ "type": "string", "modifier": ["missing", "exact", "contains"] });
    let reference = json!({ "type": "reference", "modifier": ["missing", "type", "identifier"] });
    let compared =
        |kind: &str| json!({ "type": kind, "modifier": ["missing"], "comparator": ["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"] });
    let drafts = [
        ("patient-name", "PatientName", "Patient", "name", "Patient.name", "Patient-name", text.clone(), json!({})),
        ("practitioner-name", "PractitionerName", "Practitioner", "name", "Practitioner.name", "Practitioner-name", text, json!({})),
        (
            "patient-identifier",
            "PatientIdentifier",
            "Patient",
            "identifier",
            "Patient.identifier",
            "Patient-identifier",
            json!({ "type": "token", "modifier": ["missing", "not", "text", "ofType"] }),
            json!({}),
        ),
        (
            "observation-code",
            "ObservationCode",
            "Observation",
            "code",
            "Observation.code",
            "clinical-code",
            json!({ "type": "token", "modifier": ["missing", "not", "text"] }),
            json!({}),
        ),
        (
            "observation-performer",
            "ObservationPerformer",
            "Observation",
            "performer",
            "Observation.performer",
            "Observation-performer",
            reference,
            json!({
                "target": ["Practitioner", "Organization", "CareTeam", "Patient", "PractitionerRole", "RelatedPerson"],
                "chain": ["name", "identifier"],
            }),
        ),
        (
            "observation-value-quantity",
            "ObservationValueQuantity",
            "Observation",
            "value-quantity",
            "(Observation.value as Quantity) | (Observation.value as SampledData)",
            "Observation-value-quantity",
            compared("quantity"),
            json!({}),
        ),
        (
            "risk-probability",
            "RiskProbability",
            "RiskAssessment",
            "probability",
            "RiskAssessment.prediction.probability",
            "RiskAssessment-probability",
            compared("number"),
            json!({}),
        ),
        (
            "resource-source",
            "ResourceSource",
            "Resource",
            "_source",
            "Resource.meta.source",
            "Resource-source",
            json!({ "type": "uri", "modifier": ["missing", "above", "below"] }),
            json!({}),
        ),
    ];
    drafts
        .into_iter()
        .enumerate()
        .map(|(at, (id, name, base, code, expression, derived, kind, more))| {
            let days = i64::try_from(at).unwrap_or(0).saturating_mul(3);
            let mut parameter = json!({
                "resourceType": "SearchParameter",
                "id": id,
                "meta": meta(1, after(date!(2018-05-01), days), at, 0, &[]),
                "url": format!("{HOME}/SearchParameter/{id}"),
                "name": name,
                "derivedFrom": format!("http://hl7.org/fhir/SearchParameter/{derived}"),
                "status": "active",
                "description": format!("{base} by {code}, as this payer offers it."),
                "code": code,
                "base": [base],
                "expression": expression,
                "multipleOr": true,
                "multipleAnd": true,
            });
            merge(&mut parameter, kind);
            merge(&mut parameter, more);
            parameter
        })
        .collect()
}
