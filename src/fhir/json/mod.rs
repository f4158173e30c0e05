//! JSON as FHIR uses it: numbers keep their text and properties their order.

mod parse;

pub use parse::{DuplicateKey, ParseError, Parsed, parse, place};
pub use serde_json::{Map, Value};
