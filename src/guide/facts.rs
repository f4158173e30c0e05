//! What a guide says, reduced to facts: the records of a catalogue.

use serde::{Deserialize, Serialize};

/// One package at one version, such as `hl7.fhir.us.carin-bb#2.0.0`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GuideId {
    /// The package id.
    pub package: String,
    /// The exact version.
    pub version: String,
}

/// A SearchParameter (R4 searchparameter.html).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchParameter {
    /// Canonical URL without version.
    pub url: String,
    /// The code used in URLs.
    pub code: String,
    /// Resource types it applies to.
    pub base: Vec<String>,
    /// `number`, `date`, `string`, `token`, `reference`, `composite`, `quantity`, `uri` or `special`.
    #[serde(rename = "type")]
    pub kind: String,
    /// FHIRPath; absent for `_text`, `_content` and the like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
    /// Target types of a reference.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub target: Vec<String>,
    /// Comparators that the parameter is stated to support.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub comparator: Vec<String>,
    /// Modifiers that the parameter is stated to support.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modifier: Vec<String>,
    /// Chained parameter names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<String>,
    /// Parts of a composite.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub component: Vec<SearchComponent>,
}

/// One part of a composite SearchParameter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchComponent {
    /// Canonical URL of the part's SearchParameter.
    pub definition: String,
    /// FHIRPath relative to the composite's own expression.
    pub expression: String,
}
