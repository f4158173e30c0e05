//! The compartment of a member: by which references a resource belongs to a Patient (R4 compartmentdefinition.html).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::criterion::Criterion;
use super::relation::local_target;
use crate::fhir::json::Value;
use crate::fhir::reference::Reference;
use crate::fhir::resource;
use crate::guide::Catalogue;
use crate::guide::facts;

/// Whose compartment it is.
const PATIENT: &str = "Patient";

/// The compartment of Patient, made ready to be asked of many resources.
pub struct Compartment {
    definition: Option<Arc<facts::Compartment>>,
    criteria: Mutex<HashMap<String, Arc<Vec<Criterion>>>>,
}

/// Where a resource stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// In the compartment of one of the members.
    Inside,
    /// In the compartment of another patient, and of none of the members.
    Outside {
        /// The element that says so, such as `Coverage.beneficiary`.
        path: String,
        /// The logical id of that patient.
        patient: String,
    },
    /// Of a type that belongs to no patient, or without a reference that tells.
    Open,
}

impl Compartment {
    /// R4's definition.
    pub fn of_patient(catalogue: &Catalogue) -> Self {
        Self { definition: catalogue.compartment(PATIENT), criteria: Mutex::default() }
    }

    /// Whether resources of a type can belong to a patient.
    pub fn holds(&self, resource_type: &str) -> bool {
        resource_type == PATIENT || self.definition.as_ref().is_some_and(|definition| definition.params.contains_key(resource_type))
    }

    /// Where a resource stands to these members, who are named by logical id, by the search parameters of a catalogue.
    pub fn standing(&self, catalogue: &Catalogue, resource: &Value, members: &[String], base: &str) -> Standing {
        let Some(resource_type) = resource::type_of(resource).filter(|resource_type| self.holds(resource_type)) else {
            return Standing::Open;
        };
        let is_member = |id: &str| members.iter().any(|member| member == id);
        let mut outside = None;
        if let Some(id) = resource::id_of(resource).filter(|_| resource_type == PATIENT) {
            if is_member(id) {
                return Standing::Inside;
            }
            outside = Some((format!("{PATIENT}.id"), id.to_owned()));
        }
        for criterion in self.criteria(catalogue, resource_type).iter() {
            for node in criterion.nodes(resource) {
                let Some(text) = node.get("reference").and_then(Value::as_str) else { continue };
                let target = Reference::parse(text).target();
                if target.is_some_and(|(named, id)| named == PATIENT && is_member(id)) {
                    return Standing::Inside;
                }
                // What lies on another server has ids of its own.
                if let Some((named, id)) = local_target(text, base)
                    && named == PATIENT
                    && outside.is_none()
                {
                    outside = Some((path_to(resource, node, resource_type).unwrap_or_else(|| resource_type.to_owned()), id));
                }
            }
        }
        outside.map_or(Standing::Open, |(path, patient)| Standing::Outside { path, patient })
    }

    /// The patients in whose compartments a resource is, by logical id, whatever server they are on.
    pub fn patients(&self, catalogue: &Catalogue, resource: &Value) -> Vec<String> {
        let resource_type = resource::type_of(resource).filter(|resource_type| self.holds(resource_type)).unwrap_or_default();
        let own = resource::id_of(resource).filter(|_| resource_type == PATIENT).map(str::to_owned);
        let criteria = self.criteria(catalogue, resource_type);
        let nodes = criteria.iter().flat_map(|criterion| criterion.nodes(resource));
        let named = nodes.filter_map(|node| {
            let (named, id) = Reference::parse(node.get("reference")?.as_str()?).target()?;
            (named == PATIENT).then(|| id.to_owned())
        });
        own.into_iter().chain(named).collect()
    }

    fn criteria(&self, catalogue: &Catalogue, resource_type: &str) -> Arc<Vec<Criterion>> {
        let mut known = self.criteria.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(criteria) = known.get(resource_type) {
            return Arc::clone(criteria);
        }
        let params = self.definition.as_ref().and_then(|definition| definition.params.get(resource_type));
        let made = params.into_iter().flatten().filter_map(|param| Criterion::new(catalogue, resource_type, param).ok());
        let criteria = Arc::new(made.collect::<Vec<_>>());
        known.insert(resource_type.to_owned(), Arc::clone(&criteria));
        criteria
    }
}

/// The names that lead from a resource to a node in it.
fn path_to(value: &Value, node: &Value, path: &str) -> Option<String> {
    if std::ptr::eq(value, node) {
        return Some(path.to_owned());
    }
    match value {
        Value::Object(fields) => fields.iter().find_map(|(name, child)| path_to(child, node, &format!("{path}.{name}"))),
        Value::Array(items) => items.iter().find_map(|item| path_to(item, node, path)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::fhir::json::json;
    use crate::guide::{GuideId, Sources};

    const BASE: &str = "https://payer.example/fhir";

    fn standing(resource: &Value) -> Standing {
        let catalogue = Catalogue::load(&[GuideId::core()], &Sources::default()).unwrap();
        Compartment::of_patient(&catalogue).standing(&catalogue, resource, &["1".to_owned(), "2".to_owned()], BASE)
    }

    fn outside(path: &str) -> Standing {
        Standing::Outside { path: path.to_owned(), patient: "9".to_owned() }
    }

    #[test]
    fn a_resource_stands_where_its_references_lead() {
        let to = |patient: &str| json!({ "reference": patient });
        let coverage = |beneficiary: &str, subscriber: &str| json!({ "resourceType": "Coverage", "id": "c", "beneficiary": to(beneficiary), "subscriber": to(subscriber) });
        assert_eq!(standing(&coverage("Patient/2", "Patient/9")), Standing::Inside);
        assert_eq!(standing(&coverage("Patient/9", "https://payer.example/fhir/Patient/1")), Standing::Inside);
        assert_eq!(standing(&coverage("Patient/9", "RelatedPerson/1")), outside("Coverage.beneficiary"));
        assert_eq!(standing(&coverage("https://elsewhere.example/Patient/9", "#contained")), Standing::Open);
        let claim = json!({ "resourceType": "ExplanationOfBenefit", "id": "e", "payee": { "party": to("Patient/9") } });
        assert_eq!(standing(&claim), outside("ExplanationOfBenefit.payee.party"));
        assert_eq!(standing(&json!({ "resourceType": "Patient", "id": "1" })), Standing::Inside);
        assert_eq!(standing(&json!({ "resourceType": "Patient", "id": "9" })), outside("Patient.id"));
        let merged = json!({ "resourceType": "Patient", "id": "9", "link": [{ "other": to("Patient/1"), "type": "replaces" }] });
        assert_eq!(standing(&merged), Standing::Inside);
        assert_eq!(
            standing(&json!({ "resourceType": "Observation", "id": "o", "subject": to("Patient/9") })),
            outside("Observation.subject")
        );
        assert_eq!(standing(&json!({ "resourceType": "Organization", "id": "o" })), Standing::Open);
    }
}
