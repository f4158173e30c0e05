//! Whose record the run's credentials open: what an answer may show to the members, and what is theirs alone.

use std::collections::HashSet;

use super::compartment::{Compartment, Standing};
use super::relation::local_target;
use super::samples::Samples;
use crate::fhir::json::Value;
use crate::fhir::resource;
use crate::guide::Catalogue;

/// What is known of who may see what.
pub struct Rights {
    compartment: Compartment,
    members: Vec<String>,
    other_patient: Option<String>,
    base: String,
    /// Where the harvested resources are that are known to be the members' own: most answers bring the very same ones.
    own: HashSet<usize>,
    /// What the members' own resources refer to, as `Type/id`.
    referenced: HashSet<String>,
}

impl Rights {
    /// The rights of members, by logical id, whose records were harvested; `records` live as long as what is asked about.
    pub fn new<'s>(
        catalogue: &Catalogue,
        records: impl IntoIterator<Item = &'s Samples>,
        members: Vec<String>,
        other_patient: Option<String>,
        base: &str,
    ) -> Self {
        let compartment = Compartment::of_patient(catalogue);
        let (own, referenced) = (HashSet::new(), HashSet::new());
        let mut rights = Self { compartment, members, other_patient, base: base.to_owned(), own, referenced };
        for samples in records.into_iter().filter(|_| !rights.members.is_empty()).collect::<Vec<_>>() {
            for (resource_type, _) in samples.counts() {
                for sample in samples.of(&resource_type) {
                    if rights.standing(catalogue, sample) == Standing::Inside {
                        rights.own.insert(address(sample));
                        resource::for_each_reference(sample, &mut |text| {
                            let target = local_target(text, base);
                            rights.referenced.extend(target.map(|(resource_type, id)| format!("{resource_type}/{id}")));
                        });
                    }
                }
            }
        }
        rights
    }

    /// The members whom the credentials cover, as far as they are known.
    pub fn members(&self) -> &[String] {
        &self.members
    }

    /// Where a resource stands to the members.
    pub fn standing(&self, catalogue: &Catalogue, resource: &Value) -> Standing {
        if self.own.contains(&address(resource)) {
            return Standing::Inside;
        }
        self.compartment.standing(catalogue, resource, &self.members, &self.base)
    }

    /// Whether a resource of another patient may come along all the same: the members' own refer to it, and it is not of the patient who
    /// was named as one whom the credentials must not reach.
    pub fn may_come_along(&self, resource: &Value, patient: &str) -> bool {
        self.other_patient.as_deref() != Some(patient) && resource::key_of(resource).is_some_and(|key| self.referenced.contains(&key))
    }

    /// Whether a resource is the members' alone, so that another patient must not see it: it is in no compartment of the other patient, or,
    /// where nobody was named, of anybody else. A Coverage may be that of its beneficiary, its subscriber and its policy holder at once.
    pub fn is_closed_to_others(&self, catalogue: &Catalogue, resource: &Value) -> bool {
        let patients = self.compartment.patients(catalogue, resource);
        let is_member = |patient: &String| self.members.contains(patient);
        let is_shared = match &self.other_patient {
            Some(other) => patients.contains(other),
            None => !patients.iter().all(is_member),
        };
        patients.iter().any(is_member) && !is_shared
    }
}

/// Where a value is. One that is held all the time is at its address alone.
fn address(value: &Value) -> usize {
    std::ptr::from_ref(value).addr()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::fhir::json::json;
    use crate::guide::{GuideId, Sources};

    fn coverage(beneficiary: &str, subscriber: &str) -> Value {
        let to = |patient: &str| json!({ "reference": patient });
        json!({ "resourceType": "Coverage", "id": "c", "beneficiary": to(beneficiary), "subscriber": to(subscriber) })
    }

    #[test]
    fn a_family_shares_a_coverage() {
        let catalogue = Catalogue::load(&[GuideId::core()], &Sources::default()).unwrap();
        let closed = |other: Option<&str>, resource: &Value| {
            let (members, base) = (vec!["1".to_owned(), "2".to_owned()], "https://payer.example/fhir");
            Rights::new(&catalogue, [], members, other.map(str::to_owned), base).is_closed_to_others(&catalogue, resource)
        };
        for (beneficiary, subscriber, to_nine, to_anybody) in [
            ("Patient/1", "Patient/2", true, true),
            ("Patient/1", "Patient/9", false, false),
            ("Patient/9", "Patient/1", false, false),
            ("Patient/1", "Patient/8", true, false),
            ("Patient/8", "Patient/9", false, false),
            ("Patient/1", "RelatedPerson/9", true, true),
        ] {
            let coverage = coverage(beneficiary, subscriber);
            assert_eq!((closed(Some("9"), &coverage), closed(None, &coverage)), (to_nine, to_anybody), "{coverage}");
        }
        assert!(closed(Some("9"), &json!({ "resourceType": "Patient", "id": "1" })));
        assert!(!closed(None, &json!({ "resourceType": "Organization", "id": "1" })));
    }

    #[test]
    fn what_any_of_the_members_refers_to_may_come_along() {
        let catalogue = Catalogue::load(&[GuideId::core()], &Sources::default()).unwrap();
        let mut records = [Samples::default(), Samples::default()];
        for (record, (member, of)) in records.iter_mut().zip([("1", "Patient/7"), ("2", "Patient/8")]) {
            record.add(Arc::new(coverage(&format!("Patient/{member}"), of)));
        }
        let members = vec!["1".to_owned(), "2".to_owned()];
        let rights = Rights::new(&catalogue, &records, members, Some("8".to_owned()), "https://payer.example/fhir");
        let may = |patient: &str| rights.may_come_along(&json!({ "resourceType": "Patient", "id": patient }), patient);
        assert!(may("7") && !may("8") && !may("9"));
    }
}
