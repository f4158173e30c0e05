//! What a check found, and how a case ends.

use serde::{Deserialize, Serialize};

use super::said::Said;

/// One observed deviation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Id of the check.
    pub check: String,
    /// Where: a FHIRPath location, a header, or a URL path.
    pub at: Said,
    /// What the rule expects.
    pub expected: Said,
    /// What was there instead.
    pub actual: Said,
}

/// What one check saw. A check that examined nothing proves nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// How many things were examined.
    pub examined: usize,
    /// What was wrong with them.
    pub findings: Vec<Finding>,
    /// Why nothing (or less than hoped) was examined; shown when `examined` is zero.
    pub note: Option<Said>,
}

/// How one case ended. The six are never mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Every check ran, examined something and found nothing.
    Pass,
    /// A SHALL is broken.
    Fail,
    /// A SHOULD is broken.
    Warn,
    /// It applies, but there was nothing to examine.
    Inconclusive,
    /// It does not apply, by declaration.
    NotApplicable,
    /// The harness or the network broke: says nothing about the server.
    Error,
}

/// How strongly a case is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    /// A specification says SHALL: a finding fails, and nothing to examine means not measured.
    Shall,
    /// A specification says SHOULD: a finding warns.
    Should,
    /// A specification says MAY: a finding warns.
    May,
    /// The server declares it beyond what a guide demands: a finding fails, nothing to examine is no harm.
    #[serde(alias = "declared")]
    Declared,
}

impl Outcome {
    /// The stable word for reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Warn => "warn",
            Self::Inconclusive => "inconclusive",
            Self::NotApplicable => "not-applicable",
            Self::Error => "error",
        }
    }
}

impl Outcome {
    /// Which of two outcomes of one case stands: the worse, and one that measured something before one that did not.
    pub fn precedence(self) -> u8 {
        match self {
            Self::Fail => 5,
            Self::Warn => 4,
            Self::Error => 3,
            Self::Pass => 2,
            Self::Inconclusive => 1,
            Self::NotApplicable => 0,
        }
    }
}

impl Level {
    /// The stable word for reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Shall => "SHALL",
            Self::Should => "SHOULD",
            Self::May => "MAY",
            Self::Declared => "DECLARED",
        }
    }

    /// Whether the release gate depends on a case of this level having been measured.
    pub fn is_required(self) -> bool {
        self == Self::Shall
    }
}
