//! Code systems and value sets as facts: what the packages state, and a value set's members once they are worked out.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// A CodeSystem (R4 codesystem.html).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeSystem {
    /// Canonical URL without version.
    pub url: String,
    /// Business version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// `complete`, `not-present`, `example`, `fragment` or `supplement`. Only `complete` says what is not a code.
    pub content: String,
    /// `caseSensitive`; absent when the source does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_sensitive: Option<bool>,
    /// The code system that a supplement adds to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supplements: Option<String>,
    /// All concepts, parents before children.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub concepts: Vec<Concept>,
}

/// One concept of a code system.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Concept {
    /// The code.
    #[serde(rename = "c")]
    pub code: String,
    /// The display.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
    /// Codes of the concepts directly above.
    #[serde(rename = "p", default, skip_serializing_if = "Vec::is_empty")]
    pub parents: Vec<String>,
    /// Whether the concept is not for use as a value (`notSelectable`).
    #[serde(rename = "a", default, skip_serializing_if = "is_false")]
    pub is_abstract: bool,
    /// Properties that filters can ask for.
    #[serde(rename = "x", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub properties: BTreeMap<String, Vec<String>>,
}

/// A ValueSet's rules (R4 valueset.html), from which its members are worked out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueSetRules {
    /// Canonical URL without version.
    pub url: String,
    /// Business version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// `compose.include`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<Rule>,
    /// `compose.exclude`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<Rule>,
    /// A complete expansion, when the source has one: codes by system.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub expansion: BTreeMap<String, Vec<String>>,
}

/// One include or exclude: what meets all of its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// The code system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// The code system's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Codes given one by one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<String>,
    /// Filters; a code meets all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<Filter>,
    /// Other value sets; a code is in all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub value_sets: Vec<String>,
}

/// A filter over a code system.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Property or `concept`.
    pub property: String,
    /// Such as `is-a` or `=`.
    pub op: String,
    /// What to compare with.
    pub value: String,
}

/// A value set's members as far as the loaded packages decide them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValueSet {
    /// Canonical URL without version.
    pub url: String,
    /// Business version.
    pub version: Option<String>,
    /// Codes that are members, by system.
    pub codes: BTreeMap<String, BTreeSet<String>>,
    /// Systems whose other codes may or may not be members: the packages do not hold what decides it.
    pub undecidable: BTreeSet<String>,
    /// Whether codes of any system may be members, because a value set that it is made of is not in the packages.
    pub open: bool,
    /// Systems that say that case does not matter.
    pub case_insensitive: BTreeSet<String>,
}

/// Whether a code is in a value set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    /// It is.
    Member,
    /// It is not.
    NotMember,
    /// The packages do not hold what decides it.
    Undecidable,
}

impl ValueSet {
    /// Whether the full list of members is known.
    pub fn is_decidable(&self) -> bool {
        !self.open && self.undecidable.is_empty()
    }

    /// Every known member as system and code, in order.
    pub fn members(&self) -> impl Iterator<Item = (&str, &str)> {
        self.codes.iter().flat_map(|(system, codes)| codes.iter().map(move |code| (system.as_str(), code.as_str())))
    }

    /// Whether a code is a member. Without a system, as for an element of type `code`, any system will do.
    pub fn membership(&self, system: Option<&str>, code: &str) -> Membership {
        let member = match system {
            Some(system) => self.codes.get(system).is_some_and(|codes| self.holds(system, codes, code)),
            None => self.codes.iter().any(|(system, codes)| self.holds(system, codes, code)),
        };
        if member {
            return Membership::Member;
        }
        let unsure = self.open || system.map_or(!self.undecidable.is_empty(), |system| self.undecidable.contains(system));
        if unsure { Membership::Undecidable } else { Membership::NotMember }
    }

    fn holds(&self, system: &str, codes: &BTreeSet<String>, code: &str) -> bool {
        codes.contains(code) || (self.case_insensitive.contains(system) && codes.iter().any(|known| known.eq_ignore_ascii_case(code)))
    }
}

impl CodeSystem {
    /// The concept with a code, heeding case unless the system says that it does not matter.
    pub fn concept(&self, code: &str) -> Option<&Concept> {
        self.concepts
            .iter()
            .find(|concept| concept.code == code || (self.case_sensitive == Some(false) && concept.code.eq_ignore_ascii_case(code)))
    }

    /// Whether a code is another one, or is below it by some way.
    pub fn lies_below(&self, code: &str, other: &str) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![code];
        while let Some(code) = open.pop() {
            if code == other {
                return true;
            }
            if seen.insert(code) {
                open.extend(self.concept(code).iter().flat_map(|concept| &concept.parents).map(String::as_str));
            }
        }
        false
    }

    /// Whether what is not listed is not a code.
    pub fn is_complete(&self) -> bool {
        self.content == "complete"
    }
}

fn is_false(value: &bool) -> bool {
    !value
}
