//! Suites: what is asked, in TOML.

mod error;
mod explain;
mod load;
mod locate;
mod model;
mod nearest;
mod rules;
mod versions;

pub use error::SuiteError;
pub use explain::{asked, describe, find};
pub use load::{embedded, lint, load};
pub use model::{Content, ForEach, StepTemplate, Suite, SuiteCase};
pub use nearest::hint;
