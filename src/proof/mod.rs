//! The proof that every check bites: the whole suite against the reference payer, sound and with each of its faults in turn.

mod gap;
mod matrix;
mod page;
mod questions;
mod sign_in;

pub use gap::Gap;
pub use matrix::{Caught, Matrix, MatrixError, Row, measure, row};
pub use questions::{Questions, QuestionsError};
pub use sign_in::needs_public_client;

/// The JSON Schema of `fault-matrix.json`.
pub const SCHEMA: &str = include_str!("../../reports/fault-matrix.schema.json");
