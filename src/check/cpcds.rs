//! In how many resources of a profile an element of the Common Payer Consumer Data Set is.

use serde::Serialize;

use super::once::Once;
use super::said::{Said, code, id, said};
use super::samples::Samples;
use super::verdicts::{Harvest, Verdicts};
use crate::fhir::fhirpath::{Environment, Expression, Node, Services};
use crate::fhir::json::Value;
use crate::fhir::reference::split_canonical;
use crate::fhir::resource;
use crate::guide::cpcds::CpcdsElement;
use crate::validate::Surroundings;

/// One element of the data set in one profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CpcdsCount {
    /// The number that the guide names it by.
    pub map_id: String,
    /// Its name in the data dictionary.
    pub name: String,
    /// The last part of the profile's canonical URL.
    pub profile: String,
    /// Resources of the profile.
    pub resources: usize,
    /// Those that have it in any of its places.
    pub present: usize,
    /// Where it can be, as FHIRPath from the resource, with the profile's cardinality and how many resources have it there.
    pub places: Vec<CpcdsPlace>,
    /// The first resource that has it.
    #[serde(skip)]
    pub example: Option<Said>,
}

/// One place of an element.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CpcdsPlace {
    /// FHIRPath from the resource.
    pub expression: String,
    /// Of the place within its parent, where the profile states it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cardinality: Option<String>,
    /// Resources that have it there.
    pub present: usize,
}

/// References lead into the harvest.
struct Led<'a>(&'a Harvest<'a>);

impl<'a> Services<'a> for Led<'a> {
    fn resolve(&self, reference: &str) -> Option<Node<'a>> {
        self.0.resolve(reference).map(Node::resource)
    }
}

impl CpcdsCount {
    /// Counts one element, which may have several places in its profile.
    pub fn of(places: &[&CpcdsElement], records: &[(Samples, Verdicts)], base: &str) -> Option<Self> {
        let one = places.first()?;
        let resource_type = one.profile.strip_prefix("C4BB-")?.split('-').next()?;
        // A test parses every expression.
        let compiled: Vec<Expression> = places.iter().filter_map(|place| Expression::parse(&place.expression).ok()).collect();
        let listed = places.iter().map(|place| CpcdsPlace {
            expression: place.expression.clone(),
            cardinality: place.cardinality.clone(),
            present: 0,
        });
        let mut count = CpcdsCount {
            map_id: one.map_id.clone(),
            name: one.name.clone(),
            profile: one.profile.clone(),
            resources: 0,
            present: 0,
            places: listed.collect(),
            example: None,
        };
        let mut once = Once::default();
        for (samples, verdicts) in records {
            let harvest = Harvest { samples, base };
            let said = verdicts.of(resource_type, samples, base);
            for (sample, verdict) in samples.of(resource_type).iter().zip(said.iter()) {
                let is_profile = |canonical: &str| split_canonical(canonical).0.rsplit('/').next() == Some(one.profile.as_str());
                if verdict.profiles.iter().any(|judged| is_profile(&judged.profile)) && once.is_new(sample) {
                    count.add(sample, &compiled, &harvest);
                }
            }
        }
        Some(count)
    }

    fn add(&mut self, sample: &Value, compiled: &[Expression], harvest: &Harvest<'_>) {
        self.resources += 1;
        let mut anywhere = false;
        for (place, expression) in self.places.iter_mut().zip(compiled) {
            let found = shows(sample, expression, harvest);
            place.present += usize::from(found);
            anywhere |= found;
        }
        if anywhere {
            self.present += 1;
            if self.example.is_none() {
                let of = resource::type_of(sample).unwrap_or_default();
                self.example = resource::id_of(sample).map(|own| said!("{}/{}", code(of), id(own)));
            }
        }
    }
}

/// Whether anything is there. What cannot be evaluated shows nothing.
fn shows(sample: &Value, expression: &Expression, harvest: &Harvest<'_>) -> bool {
    let led = Led(harvest);
    let mut environment = Environment::of(Node::resource(sample));
    environment.services = Some(&led);
    expression.evaluate(Node::resource(sample), &environment).is_ok_and(|items| !items.is_empty())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::fhir::json::json;

    #[test]
    fn references_are_followed_into_the_harvest() {
        let mut samples = Samples::default();
        samples.add(Arc::new(json!({ "resourceType": "Organization", "id": "o", "name": "Payer" })));
        let harvest = Harvest { samples: &samples, base: "http://payer.example/fhir" };
        let claim = |organization: &str| json!({ "resourceType": "ExplanationOfBenefit", "insurer": { "reference": organization } });
        let name = Expression::parse("insurer.resolve().name").unwrap();
        assert!(shows(&claim("Organization/o"), &name, &harvest));
        assert!(!shows(&claim("Organization/other"), &name, &harvest));
    }
}
