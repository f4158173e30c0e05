//! A terminology server, asked about codes that the packages do not decide.

use std::fmt;

/// Answers whether codes are in value sets. Its absence is never an error: what it does not answer stays undecided.
pub trait Terminology: Send + Sync + fmt::Debug {
    /// Whether a code is a member; `None` when there is no answer. A code without system is one of an element that implies it.
    fn member_of(&self, value_set: &str, system: Option<&str>, code: &str) -> Option<bool>;
}
