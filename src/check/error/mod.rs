//! Rules about what a server says when it refuses.

pub mod no_internals;
pub mod severity;
pub mod valid_outcome;
