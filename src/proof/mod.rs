//! The proof that every check bites: the whole suite against the reference payer, sound and with each of its faults in turn.

mod gap;
mod matrix;
mod page;
mod questions;
mod sign_in;

use time::macros::date;

use crate::fhir::day::Day;

pub use gap::Gap;
pub use matrix::{Caught, Matrix, MatrixError, Row, measure, row};
pub use questions::{Questions, QuestionsError};
pub use sign_in::needs_public_client;

/// The day by whose rules the matrix judges: on it all that the program knows of is in force.
pub const DAY: Day = Day::new(date!(2027 - 03 - 01));

/// The JSON Schema of `fault-matrix.json`.
pub const SCHEMA: &str = include_str!("../../reports/fault-matrix.schema.json");
