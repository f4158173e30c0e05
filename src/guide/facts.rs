//! What a guide says, reduced to facts: the records of a catalogue.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::error::GuideError;

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
    /// What servers need not support of all this: comparators, modifiers and chains that a guide only permits (MAY), and `multipleOr` or
    /// `multipleAnd` where it is false or only permitted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub optional: Vec<String>,
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

/// An OperationDefinition (R4 operationdefinition.html).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Operation {
    /// Canonical URL without version.
    pub url: String,
    /// The name used in URLs, without `$`.
    pub code: String,
    /// Resource types it applies to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resource: Vec<String>,
    /// Whether it is invoked on the whole system.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub system: bool,
    /// Whether it is invoked on a type.
    #[serde(default, rename = "type", skip_serializing_if = "std::ops::Not::not")]
    pub of_type: bool,
    /// Whether it is invoked on one resource.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub instance: bool,
    /// Whether it changes what the server holds; R4's own definitions do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub affects_state: Option<bool>,
    /// What goes in.
    #[serde(default, rename = "in", skip_serializing_if = "Vec::is_empty")]
    pub input: Vec<OperationParameter>,
    /// What comes out.
    #[serde(default, rename = "out", skip_serializing_if = "Vec::is_empty")]
    pub output: Vec<OperationParameter>,
}

/// One parameter of an operation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OperationParameter {
    /// Its name.
    pub name: String,
    /// Its type; absent where it has parts.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Whether there must be one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
}

/// A CompartmentDefinition (R4 compartmentdefinition.html).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compartment {
    /// Canonical URL without version.
    pub url: String,
    /// Whose compartment it is: a resource type.
    pub code: String,
    /// The search parameters by which a resource of a type belongs to it, by type. A type that is not here never does.
    pub params: BTreeMap<String, Vec<String>>,
}

/// What a package says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuideFacts {
    /// The package id.
    pub id: String,
    /// The exact version.
    pub version: String,
    /// Computer-friendly title, as far as the package has one.
    pub name: String,
    /// Canonical base URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canonical: Option<String>,
    /// The FHIR versions that it is for.
    pub fhir_versions: Vec<String>,
    /// Package ids and versions that it builds on.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dependencies: BTreeMap<String, String>,
}

impl SearchParameter {
    /// Whether a comparator, modifier or chain is stated, and more than permitted.
    pub fn claims(&self, stated: &[String], code: &str) -> bool {
        stated.iter().any(|known| known == code) && !self.is_optional(code)
    }

    /// Whether servers need not support a comparator, modifier, chain, `multipleOr` or `multipleAnd`.
    pub fn is_optional(&self, code: &str) -> bool {
        self.optional.iter().any(|optional| optional == code)
    }
}

impl GuideId {
    /// An id from its two parts.
    pub fn new(package: impl Into<String>, version: impl Into<String>) -> Self {
        Self { package: package.into(), version: version.into() }
    }

    /// R4 itself.
    pub fn core() -> Self {
        Self::new("hl7.fhir.r4.core", "4.0.1")
    }

    /// Whether both parts are of the letters that a package id and version have, so that they can stand in a path or URL.
    pub fn is_well_formed(&self) -> bool {
        let fits = |text: &str| {
            !text.is_empty()
                && text.len() <= 128
                && !text.starts_with('.')
                && !text.contains("..")
                && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "._-+".contains(letter))
        };
        fits(&self.package) && fits(&self.version)
    }

    /// The name that case and requirement ids use: `c4bb`, `us-core`, `r4`; other packages by the end of their id.
    pub fn short_name(&self) -> String {
        match self.package.as_str() {
            "hl7.fhir.r4.core" => "r4".to_owned(),
            "hl7.fhir.us.core" => "us-core".to_owned(),
            "hl7.fhir.us.carin-bb" => "c4bb".to_owned(),
            "hl7.fhir.us.davinci-pdex-plan-net" => "plan-net".to_owned(),
            package => ["hl7.fhir.us.davinci-", "hl7.fhir.us.", "hl7.fhir.uv.", "hl7.fhir."]
                .iter()
                .find_map(|prefix| package.strip_prefix(prefix))
                .unwrap_or(package)
                .replace('.', "-"),
        }
    }
}

impl fmt::Display for GuideId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}#{}", self.package, self.version)
    }
}

impl FromStr for GuideId {
    type Err = GuideError;

    fn from_str(text: &str) -> Result<Self, GuideError> {
        let id = text.split_once('#').map(|(package, version)| Self::new(package, version));
        id.filter(Self::is_well_formed).ok_or_else(|| GuideError::NotAGuideId { text: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_as_it_writes() {
        for text in ["hl7.fhir.us.carin-bb#2.0.0", "hl7.fhir.uv.extensions#5.1.0-cibuild", "a#latest"] {
            assert_eq!(text.parse::<GuideId>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn short_names_are_the_words_that_people_use() {
        let cases = [
            ("hl7.fhir.r4.core", "r4"),
            ("hl7.fhir.us.core", "us-core"),
            ("hl7.fhir.us.carin-bb", "c4bb"),
            ("hl7.fhir.us.davinci-pdex", "pdex"),
            ("hl7.fhir.us.davinci-pdex-plan-net", "plan-net"),
            ("hl7.fhir.us.davinci-drug-formulary", "drug-formulary"),
            ("hl7.fhir.us.davinci-pas", "pas"),
            ("hl7.fhir.uv.sdc", "sdc"),
            ("de.gematik.isik", "de-gematik-isik"),
        ];
        for (package, short_name) in cases {
            assert_eq!(GuideId::new(package, "1.0.0").short_name(), short_name);
        }
    }
}
