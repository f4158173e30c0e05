//! Suites: what is asked, in TOML.

mod error;
mod load;
mod model;

pub use error::SuiteError;
pub use load::{embedded, lint, load};
pub use model::{Content, ForEach, Requirement, StepTemplate, Suite, SuiteCase};
