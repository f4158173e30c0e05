//! Conditions that a suite states itself.

pub mod holds;
