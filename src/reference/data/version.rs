//! The embedded CARIN Blue Button versions, and what a resource has to say differently in each.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::codes;
use crate::fhir::json::{Value, json};

/// One of the embedded CARIN versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CarinVersion {
    /// STU 1.1, July 2021.
    V1_1_0,
    /// STU 2, November 2022.
    V2_0_0,
    /// STU 2.1, February 2025.
    V2_1_0,
    /// STU 2.2, March 2026.
    V2_2_0,
}

/// A text that names none of the embedded CARIN versions.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("unknown CARIN Blue Button version `{0}`: choose 1.1.0, 2.0.0, 2.1.0 or 2.2.0")]
pub struct UnknownVersion(String);

impl CarinVersion {
    /// All versions, oldest first.
    pub const ALL: [Self; 4] = [Self::V1_1_0, Self::V2_0_0, Self::V2_1_0, Self::V2_2_0];

    /// The version as the guide writes it.
    pub const fn text(self) -> &'static str {
        match self {
            Self::V1_1_0 => "1.1.0",
            Self::V2_0_0 => "2.0.0",
            Self::V2_1_0 => "2.1.0",
            Self::V2_2_0 => "2.2.0",
        }
    }

    /// The canonical of a profile with its business version, as `meta.profile` has to carry it.
    pub fn profile(self, name: &str) -> String {
        format!("http://hl7.org/fhir/us/carin-bb/StructureDefinition/C4BB-{name}|{self}")
    }

    /// Whether the guide has a RelatedPerson profile, oral, vision and transportation claims, and `adjudication` for statuses.
    pub fn is_second_generation(self) -> bool {
        self >= Self::V2_0_0
    }

    /// Whether the guide has the Basis profiles, which leave money out.
    pub fn has_basis(self) -> bool {
        self >= Self::V2_1_0
    }

    /// A CodeableConcept with one coding.
    pub fn concept(self, system: &str, code: &str) -> Value {
        json!({ "coding": [self.coding(system, code)] })
    }

    /// A Coding; 2.2.0 pins the versions of some code systems in its patterns, so there they are stated.
    pub fn coding(self, system: &str, code: &str) -> Value {
        match self.pinned(system) {
            Some(version) => json!({ "system": system, "version": version, "code": code }),
            None => json!({ "system": system, "code": code }),
        }
    }

    fn pinned(self, system: &str) -> Option<&'static str> {
        if self != Self::V2_2_0 {
            return None;
        }
        match system {
            codes::CLAIM_TYPE => Some("1.0.1"),
            codes::IDENTIFIER_TYPE => Some("5.0.0"),
            _ => None,
        }
    }
}

impl fmt::Display for CarinVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.text())
    }
}

impl FromStr for CarinVersion {
    type Err = UnknownVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|version| version.text() == text).ok_or_else(|| UnknownVersion(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::CarinVersion;

    #[test]
    fn every_version_reads_back_from_its_text() {
        for version in CarinVersion::ALL {
            assert_eq!(version.to_string().parse(), Ok(version));
        }
        assert!("2.0".parse::<CarinVersion>().is_err());
    }
}
