//! JSON as FHIR uses it: numbers keep their text and properties their order.

pub use serde_json::{Map, Value};
