//! One deviation of a resource from what its type and profiles demand.

use std::borrow::Cow;

use serde::Serialize;

/// How much a finding weighs (R4 valueset-issue-severity.html).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Information,
    /// A SHOULD is not met, or a rule that cannot be held against the sender.
    Warning,
    /// The resource is not valid.
    Error,
}

/// One deviation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub severity: Severity,
    /// Stable name of the rule, such as `cardinality.min` or `invariant.EOB-insurance-focal`.
    pub rule: Cow<'static, str>,
    /// FHIRPath of the element with indexes, such as `ExplanationOfBenefit.item[2].adjudication[0].amount.value`.
    pub path: String,
    /// The profile whose rule it is; none when it is a rule of the resource type itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// What the rule asks for.
    pub expected: String,
    /// What the resource has; for member data only as much as is needed to find the place.
    pub actual: String,
    /// What to do, in a sentence.
    pub message: String,
}

/// Longest path, expectation, quotation or message, in bytes: what a resource holds is not repeated at length.
const MOST_BYTES: usize = 1000;

impl Finding {
    /// Cuts every text to a length that can be printed.
    pub fn clip(&mut self) {
        [&mut self.path, &mut self.expected, &mut self.actual, &mut self.message].into_iter().for_each(clip);
    }
}

/// Cuts a text that is too long to be printed.
pub fn clip(text: &mut String) {
    if text.len() > MOST_BYTES {
        text.truncate(text.floor_char_boundary(MOST_BYTES));
        text.push('…');
    }
}
