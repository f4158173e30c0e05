//! Conformance harness for Patient Access endpoints.
//!
//! The modules stand in flow order: a module uses only those above it.

pub mod fhir;
pub mod guide;
pub mod validate;
pub mod check;
pub mod suite;
pub mod plan;
pub mod target;
pub mod run;
pub mod report;
pub mod reference;
pub mod proof;
pub mod cli;
