//! Rules about the CapabilityStatement.

pub mod capability_statement;
pub mod fhir_version;
pub mod formats;
pub mod instantiates;
pub mod rest;
