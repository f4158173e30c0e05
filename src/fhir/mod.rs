//! FHIR R4 as data: no input or output, and no judgement.

pub mod bundle;
pub mod capability;
pub mod date;
pub mod day;
pub mod document;
pub mod fhirpath;
pub mod json;
pub mod narrative;
pub mod outcome;
pub mod reference;
pub mod resource;
pub mod search;
pub mod xml;
