//! Rules about exchanges and samples, one file each. A check never sends.

pub mod exchange;
pub mod outcome;

/// One rule.
#[derive(Debug)]
pub struct Check {
    /// Stable dotted id, named after what holds.
    pub id: &'static str,
    /// One line: what holds.
    pub summary: &'static str,
    /// Why, with the specification's section.
    pub why: &'static str,
}
