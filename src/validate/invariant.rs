//! Invariants, compiled from a definition's FHIRPath (R4 elementdefinition.html#constraint).

use super::Severity;
use crate::fhir::fhirpath::Expression;
use crate::guide::profile::Constraint;

/// What must hold for an element.
#[derive(Clone, Debug)]
pub struct Invariant {
    /// Such as `per-1`.
    pub key: Box<str>,
    /// How much a violation weighs.
    pub severity: Severity,
    /// The condition, or why it cannot be run.
    pub condition: Result<Expression, String>,
}

impl Invariant {
    /// Compiles a constraint; `None` when it is stated in words only, or when the shape of the data is judged by itself.
    pub fn compile(constraint: &Constraint) -> Option<Self> {
        // An element without value and children is an empty object, which is found as such.
        if constraint.key == "ele-1" {
            return None;
        }
        let expression = constraint.expression.as_deref()?;
        Some(Self {
            key: constraint.key.as_str().into(),
            severity: if constraint.severity == "warning" { Severity::Warning } else { Severity::Error },
            condition: Expression::parse(expression).map_err(|error| error.to_string()),
        })
    }
}
