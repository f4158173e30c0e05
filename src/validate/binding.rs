//! Codes against the value sets that elements are bound to (R4 terminologies.html#strength).

use std::sync::{Arc, OnceLock};

use super::Severity;
use super::codes::Codes;
use crate::fhir::json::Value;
use crate::guide::profile;
use crate::guide::terminology::{Membership, ValueSet};

/// A binding that can be held against data.
#[derive(Clone, Debug)]
pub struct Binding {
    /// How much a code outside the value set weighs.
    pub severity: Severity,
    /// `binding.required`, `binding.extensible` or `binding.preferred`.
    pub rule: &'static str,
    /// Canonical URL, perhaps with version.
    pub value_set: String,
    resolved: OnceLock<Option<Arc<ValueSet>>>,
}

/// What a binding says about one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A code of the value set is there.
    Member,
    /// There are codes, none of them of the value set.
    NotMember,
    /// There is text but no code.
    NoCode,
    /// The packages do not hold what decides it.
    Undecided,
}

impl Binding {
    /// A binding with a value set that is more than an example.
    pub fn compile(binding: &profile::Binding) -> Option<Self> {
        let (severity, rule) = match binding.strength.as_str() {
            "required" => (Severity::Error, "binding.required"),
            "extensible" => (Severity::Warning, "binding.extensible"),
            "preferred" => (Severity::Information, "binding.preferred"),
            _ => return None,
        };
        Some(Self { severity, rule, value_set: binding.value_set.clone()?, resolved: OnceLock::new() })
    }

    /// Whether a definition's binding is this one.
    pub fn is_same(&self, binding: &profile::Binding) -> bool {
        self.rule.ends_with(&binding.strength) && binding.value_set.as_deref() == Some(&self.value_set)
    }

    /// The value set, as far as the packages decide it.
    pub fn members(&self, codes: &Codes) -> Option<&ValueSet> {
        self.resolved.get_or_init(|| codes.value_set(&self.value_set)).as_deref()
    }

    /// What it says about a code, Coding, CodeableConcept or Quantity.
    pub fn ask(&self, value: &Value, codes: &Codes) -> Answer {
        let Some(members) = self.members(codes) else { return Answer::Undecided };
        member_of(value, members)
    }
}

/// Whether a code, Coding, CodeableConcept or Quantity has a code of a value set.
pub fn member_of(value: &Value, members: &ValueSet) -> Answer {
    let mut answer = Answer::NoCode;
    for (system, code) in codings(value) {
        match members.membership(system, code) {
            Membership::Member => return Answer::Member,
            Membership::Undecidable => answer = Answer::Undecided,
            Membership::NotMember if answer == Answer::NoCode => answer = Answer::NotMember,
            Membership::NotMember => {}
        }
    }
    answer
}

/// The codes in a code, Coding, CodeableConcept or Quantity, with their systems.
pub fn codings(value: &Value) -> Vec<(Option<&str>, &str)> {
    match value {
        Value::String(code) => vec![(None, code)],
        Value::Object(fields) => match fields.get("coding") {
            Some(Value::Array(codings)) => codings.iter().filter_map(coding).collect(),
            _ => coding(value).into_iter().collect(),
        },
        _ => Vec::new(),
    }
}

/// A Coding without system is of no system: it is in no value set.
fn coding(value: &Value) -> Option<(Option<&str>, &str)> {
    let code = value.get("code")?.as_str()?;
    Some((Some(value.get("system").and_then(Value::as_str).unwrap_or_default()), code))
}
