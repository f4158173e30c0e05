use crate::fhir::json::Value;
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Primitive {
    Any,
    Bool,
    Number,
}
impl Primitive {
    pub fn of(name: &str) -> Option<Self> {
        match name {
            "boolean" => Some(Self::Bool),
            "integer" | "decimal" | "unsignedInt" | "positiveInt" => Some(Self::Number),
            "string" | "uri" | "url" | "canonical" | "base64Binary" | "instant" | "date" | "dateTime" | "time" | "code" | "oid" | "id"
            | "markdown" | "uuid" | "xhtml" => Some(Self::Any),
            _ => None,
        }
    }
    pub fn check(self, value: &Value) -> Result<(), &'static str> {
        match (self, value) {
            (Self::Any, Value::String(_)) | (Self::Bool, Value::Bool(_)) | (Self::Number, Value::Number(_)) => Ok(()),
            _ => Err("another shape"),
        }
    }
    pub fn rule(self) -> &'static str {
        "primitive.any"
    }
}
