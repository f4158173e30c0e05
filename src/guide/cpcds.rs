//! The map of the Common Payer Consumer Data Set: where its elements are in the profiles of CARIN Blue Button 2.x.

use std::sync::OnceLock;

use serde::Deserialize;

use super::facts::GuideId;

/// One element of the data set in one profile.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CpcdsElement {
    /// The number that the guide names it by.
    pub map_id: String,
    /// Its name in the data dictionary.
    pub name: String,
    /// The last part of the profile's canonical URL.
    pub profile: String,
    /// FHIRPath from the resource; references are followed.
    pub expression: String,
    /// The profile's cardinality of the place, where it states one.
    pub cardinality: Option<String>,
}

#[derive(Deserialize)]
struct Map {
    element: Vec<CpcdsElement>,
}

/// Every element, by Map ID and profile; one may have several places in a profile.
pub fn elements() -> &'static [CpcdsElement] {
    static ELEMENTS: OnceLock<Vec<CpcdsElement>> = OnceLock::new();
    // A test reads the map, so that nothing is dropped here.
    ELEMENTS.get_or_init(|| toml::from_str(include_str!("../../profiles/cpcds/map.toml")).map(|map: Map| map.element).unwrap_or_default())
}

/// Each element once, whatever its profiles: Map ID and name, since one number may stand for several things.
pub fn names() -> Vec<(&'static str, &'static str)> {
    let mut names: Vec<(&str, &str)> = Vec::new();
    for element in elements() {
        let named = (element.map_id.as_str(), element.name.as_str());
        if !names.contains(&named) {
            names.push(named);
        }
    }
    names
}

/// An element's name as ids have it: small letters and digits, with hyphens between its words.
pub fn slug(name: &str) -> String {
    let words = name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_ascii_lowercase()
}

/// Whether the map is about a guide: CARIN Blue Button from 2.0.0 on.
pub fn is_read_against(guide: &GuideId) -> bool {
    guide.package == "hl7.fhir.us.carin-bb" && guide.version.starts_with("2.")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_element_has_a_name_of_its_own() {
        let ids: BTreeSet<String> = names().iter().map(|(map_id, name)| format!("{map_id}.{}", slug(name))).collect();
        assert_eq!(ids.len(), names().len());
        assert!(ids.len() > 150 && ids.contains("20.drug-cost") && ids.contains("40.procedure-code-cpt-hcpcs"), "{ids:?}");
    }
}
