//! The map of the Common Payer Consumer Data Set: where its elements are in the profiles of CARIN Blue Button 2.x.

use std::sync::OnceLock;

use serde::Deserialize;

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
