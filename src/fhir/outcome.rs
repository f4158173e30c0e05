//! An OperationOutcome seen through its JSON form (R4 operationoutcome.html).

use super::resource;
use crate::fhir::json::Value;

/// A borrowed view of an OperationOutcome.
#[derive(Clone, Copy, Debug)]
pub struct OperationOutcome<'a>(pub &'a Value);

impl<'a> OperationOutcome<'a> {
    /// The view, when `value` is an OperationOutcome.
    pub fn of(value: &'a Value) -> Option<Self> {
        (resource::type_of(value) == Some("OperationOutcome")).then_some(Self(value))
    }

    /// All issues.
    pub fn issues(&self) -> impl Iterator<Item = &'a Value> + use<'a> {
        self.0.get("issue").and_then(Value::as_array).into_iter().flatten()
    }

    /// Whether there is an issue, and every issue has a severity and a code.
    pub fn is_well_formed(&self) -> bool {
        let is_text = |issue: &Value, field: &str| issue.get(field).is_some_and(Value::is_string);
        self.issues().next().is_some() && self.issues().all(|issue| is_text(issue, "severity") && is_text(issue, "code"))
    }

    /// What the first issue says: its details, else its diagnostics, else its code.
    pub fn first_text(&self) -> Option<&'a str> {
        let issue = self.issues().next()?;
        let details = issue.get("details").and_then(|details| details.get("text"));
        details.or_else(|| issue.get("diagnostics")).or_else(|| issue.get("code"))?.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::fhir::json::json;

    #[test]
    fn an_issue_needs_severity_and_code() {
        let good =
            json!({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "not-found", "diagnostics": "gone"}]});
        assert!(OperationOutcome::of(&good).unwrap().is_well_formed());
        assert_eq!(OperationOutcome::of(&good).unwrap().first_text(), Some("gone"));
        let bare = json!({"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]});
        assert!(!OperationOutcome::of(&bare).unwrap().is_well_formed());
        let empty = json!({"resourceType": "OperationOutcome"});
        assert!(!OperationOutcome::of(&empty).unwrap().is_well_formed());
        assert!(OperationOutcome::of(&json!({"resourceType": "Patient"})).is_none());
    }
}
