//! The CPCDS matrix: which elements of the Common Payer Consumer Data Set the member's record shows, for each profile. Counted, not judged: a
//! payer may hold nothing to send.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::once::Once;
use crate::check::said::{Said, code, id, said};
use crate::check::samples::Samples;
use crate::check::verdicts::{Harvest, Verdicts};
use crate::fhir::fhirpath::{Environment, Expression, Node, Services};
use crate::fhir::reference::split_canonical;
use crate::fhir::resource;
use crate::guide::Catalogue;
use crate::guide::cpcds::{self, CpcdsElement};
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

/// Counts over the harvested resources of every profile of CARIN Blue Button 2.x; nothing for other guides.
pub fn counted(catalogue: &Catalogue, records: &[(Samples, Verdicts)], base: &str) -> Vec<CpcdsCount> {
    if !catalogue.guides().iter().any(|guide| guide.short_name == "c4bb" && guide.id.version.starts_with("2.")) {
        return Vec::new();
    }
    let mut by_element: BTreeMap<usize, CpcdsCount> = BTreeMap::new();
    // The data set names several things by one number.
    let mut first: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    let mut grouped: BTreeMap<usize, Vec<&CpcdsElement>> = BTreeMap::new();
    for (place, element) in cpcds::elements().iter().enumerate() {
        let number = *first.entry((&element.map_id, &element.name, &element.profile)).or_insert(place);
        grouped.entry(number).or_default().push(element);
    }
    for (number, places) in grouped {
        let Some(count) = of_element(&places, records, base).filter(|count| count.resources > 0) else { continue };
        by_element.insert(number, count);
    }
    by_element.into_values().collect()
}

fn of_element(places: &[&CpcdsElement], records: &[(Samples, Verdicts)], base: &str) -> Option<CpcdsCount> {
    let one = places.first()?;
    let resource_type = one.profile.strip_prefix("C4BB-")?.split('-').next()?;
    // A test parses every expression.
    let compiled: Vec<Expression> = places.iter().filter_map(|place| Expression::parse(&place.expression).ok()).collect();
    let listed =
        places.iter().map(|place| CpcdsPlace { expression: place.expression.clone(), cardinality: place.cardinality.clone(), present: 0 });
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

impl CpcdsCount {
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

    use serde_json::json;

    use super::*;

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
