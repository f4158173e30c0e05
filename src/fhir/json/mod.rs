//! JSON as FHIR uses it: numbers keep their text and properties their order.

mod locate;
mod parse;

pub use locate::Locator;
pub use parse::{DuplicateKey, ParseError, Parsed, parse, place};
pub use serde_json::{Map, Value};
