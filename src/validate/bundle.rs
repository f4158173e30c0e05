use super::Finding;
use crate::fhir::json::Value;
pub fn check(_: &Value) -> Vec<Finding> {
    Vec::new()
}
