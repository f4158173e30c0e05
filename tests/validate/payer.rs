//! The reference payer's whole record: nothing is wrong with it, by profile and type.

use payerspec::fhir::json::Value;
use payerspec::guide::{Catalogue, GuideId, Sources};
use payerspec::reference::data::{CarinVersion, generate};
use payerspec::validate::{Neighbours, Options, Validator};
use std::sync::Arc;

use super::material::{errors, shared};

/// A version of CARIN Blue Button, and Da Vinci PDex, which has the profile of prior authorizations.
fn catalogue(version: &str) -> Arc<Catalogue> {
    let guides: [GuideId; 2] =
        [format!("hl7.fhir.us.carin-bb#{version}").parse().unwrap(), "hl7.fhir.us.davinci-pdex#2.0.0".parse().unwrap()];
    let sources = Sources { packages: vec![shared("packages/hl7.fhir.us.davinci-pdex-2.0.0.tgz")], ..Sources::default() };
    Arc::new(Catalogue::load(&guides, &sources).unwrap())
}

#[test]
fn everything_that_the_reference_payer_serves_is_valid() {
    for version in ["1.1.0", "2.0.0", "2.1.0", "2.2.0"] {
        let validator = Validator::new(catalogue(version), Options::default());
        for seed in [1, 2, 3] {
            let world = generate(version.parse::<CarinVersion>().unwrap(), 3, seed);
            let resources: Vec<&Value> = world.shared.iter().chain(world.members.iter().flat_map(|member| &member.resources)).collect();
            assert!(resources.len() > 60, "{version} seed {seed}: {} resources", resources.len());
            let mut neighbours = Neighbours::default();
            for resource in &resources {
                neighbours.add(resource);
            }
            for resource in resources {
                let verdict = validator.validate(resource, &neighbours);
                // 1.1.0 has no profile of RelatedPerson; CARIN has none of clinical resources and of SearchParameter.
                let is_of_r4 =
                    ["Observation/", "RiskAssessment/", "SearchParameter/"].iter().any(|kind| verdict.resource.starts_with(kind));
                let has_profile = !is_of_r4 && (version != "1.1.0" || !verdict.resource.starts_with("RelatedPerson/"));
                assert!(!has_profile || !verdict.profiles.is_empty(), "{version} {} was judged by no profile", verdict.resource);
                let wrong = errors(verdict.findings);
                assert!(wrong.is_empty(), "{version} seed {seed} {}: {wrong:#?}", verdict.resource);
            }
        }
    }
}
