//! What facts are written in: numbers by kind, addresses, keys, paths and patterns.

use std::collections::BTreeMap;

use globset::{Glob, GlobBuilder, GlobMatcher};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use url::Url;

use crate::fhir::fhirpath::Expression;

/// The kinds of claims that can be counted, and all together.
pub const KINDS: [&str; 6] = ["total", "inpatient", "outpatient", "pharmacy", "professional", "oral"];

/// Numbers of claims by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts(pub BTreeMap<String, usize>);

/// An address of a page or an API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page(pub Url);

/// Type and logical id of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(pub String);

/// FHIRPath, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path(pub String);

/// Names with `*` for any letters and `?` for any one.
#[derive(Clone, Debug, Default)]
pub struct Patterns(Vec<GlobMatcher>);

impl Key {
    /// The part before the slash.
    pub fn resource_type(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }

    /// The part behind it.
    pub fn id(&self) -> &str {
        self.0.split_once('/').map_or("", |(_, id)| id)
    }
}

impl Patterns {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether any of them meets a name.
    pub fn match_any(&self, name: &str) -> bool {
        self.0.iter().any(|pattern| pattern.is_match(name))
    }
}

/// Reads a text and turns it into something else.
fn read<'de, D: Deserializer<'de>, T>(deserializer: D, turn: impl FnOnce(&str) -> Result<T, String>) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    turn(&text).map_err(D::Error::custom)
}

/// The logical id of a Patient, with or without its type.
pub(super) fn patient<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    read(deserializer, |text| Ok(Some(text.strip_prefix("Patient/").unwrap_or(text).to_owned())))
}

impl<'de> Deserialize<'de> for Patterns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        // Ids of elements have brackets, which mean themselves here.
        let escaped = |text: &str| text.replace(['[', ']', '{', '}'], "?");
        let compile = |text: &String| GlobBuilder::new(&escaped(text)).build().map(|glob: Glob| glob.compile_matcher());
        texts.iter().map(compile).collect::<Result<_, _>>().map(Self).map_err(|error| D::Error::custom(error.kind()))
    }
}

impl<'de> Deserialize<'de> for Page {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer, |text| {
            let url = Url::parse(text.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some());
            let url = url.filter(|url| url.username().is_empty() && url.password().is_none());
            url.map(Self).ok_or_else(|| {
                "no http or https URL, or one with credentials: give one such as https://payer.example/developers".to_owned()
            })
        })
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer, |text| {
            // An id that is no valid one stands: a server may have such.
            let is_id =
                |id: &str| !id.is_empty() && !id.contains(|letter: char| letter.is_whitespace() || matches!(letter, '/' | '?' | '#'));
            let is_type = |name: &str| name.starts_with(|first: char| first.is_ascii_uppercase());
            let parts = text.split_once('/').filter(|(resource_type, id)| is_type(resource_type) && is_id(id));
            parts.map(|_| Self(text.to_owned())).ok_or_else(|| "no type and id of a resource, such as Coverage/1".to_owned())
        })
    }
}

impl<'de> Deserialize<'de> for Path {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer, |text| match Expression::parse(text) {
            Ok(_) => Ok(Self(text.to_owned())),
            // What is wrong with it may quote member data.
            Err(_) => Err("no FHIRPath expression; one such as item[0].net is".to_owned()),
        })
    }
}

impl<'de> Deserialize<'de> for Counts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let counts = BTreeMap::<String, usize>::deserialize(deserializer)?;
        match counts.keys().find(|kind| !KINDS.contains(&kind.as_str())) {
            Some(kind) => Err(D::Error::custom(format!("unknown kind of claim `{kind}`, expected one of {}", KINDS.join(", ")))),
            None => Ok(Self(counts)),
        }
    }
}
