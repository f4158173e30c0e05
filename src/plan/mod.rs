//! Catalogue, declaration and suites make the plan: a pure function.

mod case;

pub use case::{About, Case, Plan, Step};
