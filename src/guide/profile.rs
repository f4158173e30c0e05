//! A StructureDefinition reduced to facts: the snapshot's elements in their order, and a table of constraints that the elements point into.

use serde::{Deserialize, Serialize};

use crate::fhir::json::Value;

/// A StructureDefinition (R4 structuredefinition.html).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// Canonical URL without version.
    pub url: String,
    /// Business version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Computer-friendly name.
    pub name: String,
    /// The type that is constrained or defined, such as `Patient` or `Extension`.
    #[serde(rename = "type")]
    pub type_name: String,
    /// `resource`, `complex-type`, `primitive-type` or `logical`.
    pub kind: String,
    /// `specialization` or `constraint`; absent on `Element` and `Resource`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub derivation: Option<String>,
    /// Whether instances cannot exist.
    #[serde(rename = "abstract", default, skip_serializing_if = "is_false")]
    pub is_abstract: bool,
    /// `baseDefinition`, with its `|version` where the source has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// Where an extension may stand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub context: Vec<ExtensionContext>,
    /// Each different constraint of the snapshot once; elements hold indexes into this table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub constraints: Vec<Constraint>,
    /// Whether the source has no snapshot: the elements hold only what differs from the base definition.
    #[serde(rename = "diff", default, skip_serializing_if = "is_false")]
    pub is_differential: bool,
    /// The elements in the order of the source.
    pub elements: Vec<Element>,
}

/// One place where an extension may stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtensionContext {
    /// `element`, `extension` or `fhirpath`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Element id, extension URL or FHIRPath.
    pub expression: String,
}

/// An invariant (R4 elementdefinition-definitions.html#ElementDefinition.constraint).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Constraint {
    /// Such as `ele-1`.
    pub key: String,
    /// `error` or `warning`.
    pub severity: String,
    /// FHIRPath; absent when the source states it in words only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
}

/// One ElementDefinition of a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Element {
    /// Such as `Patient.identifier:memberid.system`.
    #[serde(rename = "i")]
    pub id: String,
    /// The id without slice names; in a catalogue's text only where it is something else.
    #[serde(rename = "p", default, skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// The name of the slice that this element defines; in a catalogue's text only where the id does not end in it.
    #[serde(rename = "sn", default, skip_serializing_if = "Option::is_none")]
    pub slice_name: Option<String>,
    /// Least number of occurrences.
    #[serde(rename = "l", default, skip_serializing_if = "is_zero")]
    pub min: u32,
    /// Greatest number of occurrences; `None` is `*`.
    #[serde(rename = "u", with = "upper", default = "one", skip_serializing_if = "is_one")]
    pub max: Option<u32>,
    /// Allowed types.
    #[serde(rename = "t", default, skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<ElementType>,
    /// `fixed[x]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed: Option<TypedValue>,
    /// `pattern[x]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<TypedValue>,
    /// `minValue[x]`.
    #[serde(rename = "lo", default, skip_serializing_if = "Option::is_none")]
    pub min_value: Option<TypedValue>,
    /// `maxValue[x]`.
    #[serde(rename = "hi", default, skip_serializing_if = "Option::is_none")]
    pub max_value: Option<TypedValue>,
    /// Binding to a value set.
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    pub binding: Option<Binding>,
    /// `mustSupport`.
    #[serde(rename = "ms", default, skip_serializing_if = "is_false")]
    pub must_support: bool,
    /// `isModifier`.
    #[serde(rename = "mod", default, skip_serializing_if = "is_false")]
    pub is_modifier: bool,
    /// `isSummary`.
    #[serde(rename = "sum", default, skip_serializing_if = "is_false")]
    pub is_summary: bool,
    /// How slices of this element are told apart.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub slicing: Option<Slicing>,
    /// `contentReference`, such as `#Questionnaire.item`.
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    pub content_reference: Option<String>,
    /// `maxLength`.
    #[serde(rename = "len", default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u64>,
    /// `representation`, such as `xmlAttr`.
    #[serde(rename = "rep", default, skip_serializing_if = "Vec::is_empty")]
    pub representation: Vec<String>,
    /// Indexes into the profile's constraints.
    #[serde(rename = "k", default, skip_serializing_if = "Vec::is_empty")]
    pub constraints: Vec<u16>,
}

/// One allowed type of an element.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ElementType {
    /// A type's name; for the `id`, `url` and `value` of types the FHIR type that the extension `structuredefinition-fhir-type` gives.
    #[serde(rename = "c")]
    pub code: String,
    /// Profiles of which the value meets at least one.
    #[serde(rename = "p", default, skip_serializing_if = "Vec::is_empty")]
    pub profile: Vec<String>,
    /// Profiles of which the target of a Reference or canonical meets at least one.
    #[serde(rename = "r", default, skip_serializing_if = "Vec::is_empty")]
    pub target_profile: Vec<String>,
    /// The lexical form of a primitive's value, from the extension `regex`.
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    pub regex: Option<String>,
}

/// A `fixed[x]` or `pattern[x]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TypedValue {
    /// The type that the property's name ends in, such as `CodeableConcept` or `Uri`.
    #[serde(rename = "type")]
    pub type_name: String,
    /// As in the source.
    pub value: Value,
}

/// A binding to a value set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// `required`, `extensible`, `preferred` or `example`.
    #[serde(rename = "s")]
    pub strength: String,
    /// Canonical URL, with `|version` where the source has one.
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none")]
    pub value_set: Option<String>,
}

/// How slices are told apart (R4 profiling.html#slicing).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slicing {
    /// What tells slices apart.
    #[serde(rename = "d", default, skip_serializing_if = "Vec::is_empty")]
    pub discriminators: Vec<Discriminator>,
    /// `open`, `closed` or `openAtEnd`.
    #[serde(rename = "r")]
    pub rules: String,
    /// Whether slices come in the order of the definition.
    #[serde(rename = "o", default, skip_serializing_if = "is_false")]
    pub ordered: bool,
}

/// What tells slices apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discriminator {
    /// `value`, `exists`, `pattern`, `type` or `profile`.
    #[serde(rename = "t")]
    pub kind: String,
    /// Path from the sliced element.
    #[serde(rename = "p")]
    pub path: String,
}

impl Profile {
    /// Fills what a catalogue's text leaves out because the element ids imply it.
    pub fn expand(mut self) -> Self {
        for element in &mut self.elements {
            if element.path.is_empty() {
                element.path = implied_path(&element.id);
            }
            if element.slice_name.is_none() {
                element.slice_name = implied_slice_name(&element.id);
            }
        }
        self
    }

    /// Takes out what the element ids imply.
    pub fn compact(mut self) -> Self {
        for element in &mut self.elements {
            if element.path == implied_path(&element.id) {
                element.path.clear();
            }
            if element.slice_name == implied_slice_name(&element.id) {
                element.slice_name = None;
            }
        }
        self
    }

    /// The constraints that hold for an element.
    pub fn constraints_of<'a>(&'a self, element: &'a Element) -> impl Iterator<Item = &'a Constraint> {
        element.constraints.iter().filter_map(|index| self.constraints.get(usize::from(*index)))
    }
}

fn implied_path(id: &str) -> String {
    let segments: Vec<&str> = id.split('.').map(|segment| segment.split_once(':').map_or(segment, |(name, _)| name)).collect();
    segments.join(".")
}

fn implied_slice_name(id: &str) -> Option<String> {
    let (_, slice) = id.rsplit('.').next()?.split_once(':')?;
    Some(slice.to_owned())
}

fn is_false(value: &bool) -> bool {
    !value
}

fn is_zero(value: &u32) -> bool {
    *value == 0
}

#[expect(clippy::unnecessary_wraps, reason = "the default of a field that is an Option")]
fn one() -> Option<u32> {
    Some(1)
}

#[expect(clippy::ref_option, reason = "serde hands the field by reference")]
fn is_one(value: &Option<u32>) -> bool {
    *value == Some(1)
}

/// `max` as FHIR writes it.
mod upper {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(clippy::ref_option, reason = "serde hands the field by reference")]
    pub fn serialize<S: Serializer>(value: &Option<u32>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(number) => serializer.collect_str(number),
            None => serializer.serialize_str("*"),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == "*" { Ok(None) } else { text.parse().map(Some).map_err(D::Error::custom) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ids_imply_is_left_out_and_filled_in_again() {
        let element = |id: &str, path: &str, slice_name: Option<&str>| Element {
            id: id.to_owned(),
            path: path.to_owned(),
            slice_name: slice_name.map(str::to_owned),
            ..Element::default()
        };
        let profile = Profile {
            elements: vec![
                element("Patient.identifier:mb.type", "Patient.identifier.type", None),
                element("Patient.identifier:mb", "Patient.identifier", Some("mb")),
                element("Patient.odd", "Patient.other", Some("named")),
            ],
            ..Profile::default()
        };
        let text = serde_json::to_string(&profile.clone().compact()).unwrap();
        assert!(!text.contains("Patient.identifier.type") && text.contains("Patient.other"), "{text}");
        assert_eq!(serde_json::from_str::<Profile>(&text).unwrap().expand(), profile);
    }

    #[test]
    fn an_upper_bound_is_written_as_fhir_writes_it() {
        for (max, text) in [(None, r#"{"i":"a","u":"*"}"#), (Some(1), r#"{"i":"a"}"#), (Some(0), r#"{"i":"a","u":"0"}"#)] {
            let element = Element { id: "a".to_owned(), max, ..Element::default() };
            assert_eq!(serde_json::to_string(&element).unwrap(), text);
            assert_eq!(serde_json::from_str::<Element>(text).unwrap().max, max);
        }
    }
}
