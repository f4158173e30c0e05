//! What a question is about.

use std::sync::Arc;

use serde::Deserialize;

use super::word::Word;
use crate::fhir::capability::Expectation;
use crate::guide::facts::Operation;

/// A condition in FHIRPath, held against a resource.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Hash)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Assertion {
    /// Selects what is examined.
    pub on: String,
    /// What must hold for each of it.
    pub that: String,
}

/// What a case is about, for checks and reports. A large server makes tens of thousands, so that what many have in common is shared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct About {
    /// The resource type.
    pub resource_type: Option<Word>,
    /// The interaction code, such as `read`.
    pub interaction: Option<Word>,
    /// The search parameter's code.
    pub param: Option<Word>,
    /// The prefix of a search value, such as `ge`.
    pub prefix: Option<Word>,
    /// The forms of the search values in order, such as `code` or `id`, where only one is meant.
    pub forms: Arc<Vec<String>>,
    /// Whether neither a guide nor the server claims what is asked, so that a refusal is as good as a right answer.
    pub observed: bool,
    /// An `_include` or `_revinclude` value, a profile's canonical, or the relation of a link, that the case is about.
    pub value: Option<Word>,
    /// HTTP statuses that the case accepts; empty when only 200 does.
    pub statuses: Arc<Vec<u16>>,
    /// The part of the sign-in that the case judges.
    pub sign_in: Option<Word>,
    /// Whether it is about TLS, which is tried before the cases.
    pub transport: bool,
    /// Whether it is judged from the answers to all other cases.
    pub whole_run: bool,
    /// The condition that `assert.holds` judges.
    pub assertion: Option<Arc<Assertion>>,
    /// The operation's definition.
    pub operation: Option<Arc<Operation>>,
    /// The guide that expects it, such as `c4bb`, and how strongly.
    pub expected: Option<(Word, Expectation)>,
}
