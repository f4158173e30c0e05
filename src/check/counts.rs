//! What is counted over all records: checks ask for it and reports tell it, and it is counted once.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use super::cpcds::CpcdsCount;
use super::samples::Samples;
use super::support::Support;
use super::verdicts::Verdicts;
use crate::guide::cpcds::CpcdsElement;

/// The counts so far. They are of one harvest, which must be the same in every call.
#[derive(Debug, Default)]
pub struct Counts {
    /// By resource type and canonical URL.
    support: Counted<(String, String), Support>,
    /// By number, name, profile and every place.
    cpcds: Counted<Vec<String>, CpcdsCount>,
}

/// Nothing where there is nothing to count.
type Counted<K, V> = Mutex<HashMap<K, Option<Arc<V>>>>;

impl Counts {
    /// See [`Support::of`].
    pub fn support(&self, records: &[(Samples, Verdicts)], base: &str, resource_type: &str, canonical: &str) -> Option<Arc<Support>> {
        let key = (resource_type.to_owned(), canonical.to_owned());
        once(&self.support, key, || Support::of(records, base, resource_type, canonical))
    }

    /// See [`CpcdsCount::of`].
    pub fn cpcds(&self, places: &[&CpcdsElement], records: &[(Samples, Verdicts)], base: &str) -> Option<Arc<CpcdsCount>> {
        let one = places.first()?;
        let named = [&one.map_id, &one.name, &one.profile].into_iter().cloned();
        let key = named.chain(places.iter().map(|place| place.expression.clone())).collect();
        once(&self.cpcds, key, || CpcdsCount::of(places, records, base))
    }
}

/// Others may count on meanwhile: at worst each counts the same.
fn once<K: Eq + Hash, V>(counted: &Counted<K, V>, key: K, count: impl FnOnce() -> Option<V>) -> Option<Arc<V>> {
    if let Some(known) = counted.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return known.clone();
    }
    let count = count().map(Arc::new);
    counted.lock().unwrap_or_else(PoisonError::into_inner).insert(key, count.clone());
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fhir::json::json;
    use crate::guide::{Catalogue, Sources};

    #[test]
    fn what_was_counted_stays_and_is_what_it_would_be() {
        let catalogue = Arc::new(Catalogue::load(&["hl7.fhir.us.carin-bb#2.0.0".parse().unwrap()], &Sources::default()).unwrap());
        let canonical = "http://hl7.org/fhir/us/carin-bb/StructureDefinition/C4BB-Patient";
        let mut samples = Samples::default();
        samples.add(Arc::new(json!({"resourceType": "Patient", "id": "1", "meta": {"profile": [canonical]}, "birthDate": "1970-01-01"})));
        let records = [(samples, Verdicts::new(catalogue))];
        let (counts, base) = (Counts::default(), "https://payer.example/fhir");
        let first = counts.support(&records, base, "Patient", canonical).unwrap();
        assert!(Arc::ptr_eq(&first, &counts.support(&records, base, "Patient", canonical).unwrap()));
        assert_eq!(*first, Support::of(&records, base, "Patient", canonical).unwrap());
        assert!(counts.support(&records, base, "Patient", "urn:unknown").is_none());
        let by_profile =
            |profile: &str| crate::guide::cpcds::elements().iter().filter(|place| place.profile == profile).collect::<Vec<_>>();
        let (patient, coverage) = (by_profile("C4BB-Patient"), by_profile("C4BB-Coverage"));
        for places in [&patient[..1], &patient[..2], &patient[1..2], &coverage[..1]] {
            assert_eq!(counts.cpcds(places, &records, base).as_deref(), CpcdsCount::of(places, &records, base).as_ref());
            let again = counts.cpcds(places, &records, base);
            assert_eq!(again.as_deref(), CpcdsCount::of(places, &records, base).as_ref());
        }
    }
}
