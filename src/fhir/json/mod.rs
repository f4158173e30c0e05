//! JSON as FHIR uses it: numbers keep their text and properties their order.
//!
//! The tree is our own for the sake of memory: of large pages it takes a third of what one of serde_json's takes when that keeps
//! text and order, as it then hashes every object and allocates every name and text. serde_json remains the reader and writer of
//! JSON text, and its tree remains where other libraries ask for it: FHIR XML and JSON Schema.

mod convert;
mod index;
mod locate;
mod map;
mod number;
mod parse;
#[cfg(test)]
mod tests;
mod text;
mod value;

pub use convert::{from_value, to_value};
pub use index::Index;
pub use locate::Locator;
pub use map::Map;
pub use number::{NotANumber, Number};
pub use parse::{DuplicateKey, ParseError, Parsed, parse, place};
#[doc(hidden)]
pub use serde_json::json as plain;
pub use value::{Text, Value};

pub use crate::json;
