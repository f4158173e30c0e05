//! What validating one resource found.

use super::{Finding, Severity};

/// The outcome for one resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// `Type/id`, or the type alone when there is no id.
    pub resource: String,
    /// Canonical URLs, with versions, of the profiles that it was judged against besides its type's definition, and why each was chosen.
    pub profiles: Vec<Judged>,
    /// In the order of the resource, errors included.
    pub findings: Vec<Finding>,
    /// Codes whose membership in a value set the packages do not decide.
    pub undecided_codes: usize,
}

/// A profile that a resource was judged against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Canonical URL with version.
    pub profile: String,
    /// Such as `named by meta.profile`.
    pub because: String,
}

impl Verdict {
    /// Whether there is no error.
    pub fn is_valid(&self) -> bool {
        self.findings.iter().all(|finding| finding.severity < Severity::Error)
    }
}
