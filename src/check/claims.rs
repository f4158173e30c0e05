//! The profiles by which a resource may be made: those that it claims, and those that the wanted guides have for its type where it claims none.

use std::sync::Arc;

use crate::fhir::json::Value;
use crate::fhir::reference::split_canonical;
use crate::fhir::resource;
use crate::guide::Catalogue;
use crate::guide::profile::{Element, Profile};

/// Profiles that may hold of one resource.
pub struct Claims {
    profiles: Vec<Arc<Profile>>,
    all_known: bool,
}

impl Claims {
    /// Reads `meta.profile`. A claim tells for sure when it names a concrete profile in a version that is at hand; without one that does,
    /// the resource may be of any profile of its type.
    pub fn of(catalogue: &Catalogue, resource: &Value) -> Self {
        let claimed = resource.pointer("/meta/profile").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let mut claims = Self { profiles: Vec::new(), all_known: true };
        let mut is_told = false;
        for canonical in claimed {
            if let Some(profile) = catalogue.profile(canonical) {
                is_told |= !profile.is_abstract && profile.derivation.as_deref() == Some("constraint");
                claims.profiles.push(profile);
            } else if let Some(profile) = catalogue.profile(split_canonical(canonical).0) {
                claims.profiles.push(profile);
            } else {
                claims.all_known = false;
            }
        }
        if !is_told {
            let resource_type = resource::type_of(resource).unwrap_or_default();
            let of_type = catalogue.profiles().into_iter().filter(|entry| entry.type_name == resource_type && entry.kind == "resource");
            claims.profiles.extend(of_type.filter_map(|entry| catalogue.profile(&format!("{}|{}", entry.url, entry.version))));
        }
        claims
    }

    /// Whether every profile that is claimed is at hand, in whatever version.
    pub fn are_known(&self) -> bool {
        self.all_known
    }

    /// What the profiles say of the elements of a path, slices included.
    pub fn elements<'a>(&'a self, path: &'a str) -> impl Iterator<Item = &'a Element> {
        self.profiles.iter().flat_map(|profile| &profile.elements).filter(move |element| element.path == path)
    }
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::fhir::json::json;
    use crate::guide::{GuideId, Sources};

    #[test]
    fn who_claims_nothing_that_tells_may_be_of_any_profile_of_the_guide() {
        let guide: GuideId = "hl7.fhir.us.carin-bb#2.0.0".parse().unwrap();
        let catalogue = Catalogue::load(&[guide], &Sources::default()).unwrap();
        let profile = "http://hl7.org/fhir/us/carin-bb/StructureDefinition/C4BB-Patient";
        let asked = |profiles: &[String]| {
            let patient = json!({ "resourceType": "Patient", "id": "1", "meta": { "profile": profiles } });
            let claims = Claims::of(&catalogue, &patient);
            (claims.elements("Patient.gender").any(|element| element.min > 0), claims.are_known())
        };
        assert_eq!(asked(&[]), (true, true));
        assert_eq!(asked(&[format!("{profile}|2.0.0")]), (true, true));
        assert_eq!(asked(&[format!("{profile}|99.0.0")]), (true, true));
        assert_eq!(asked(&["http://hl7.org/fhir/StructureDefinition/Patient".to_owned()]), (true, true));
        assert_eq!(asked(&["https://payer.example/StructureDefinition/member".to_owned()]), (true, false));
        let vital_signs = json!({ "resourceType": "Observation", "meta": { "profile": ["http://hl7.org/fhir/StructureDefinition/bmi"] } });
        let claims = Claims::of(&catalogue, &vital_signs);
        assert!(claims.elements("Observation.subject").all(|element| element.min == 1));
        assert_eq!(claims.elements("Observation.subject").count(), 1, "what it claims tells, and nothing else is asked");
    }
}
