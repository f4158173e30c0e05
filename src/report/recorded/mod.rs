//! A run as every report knows it: masked, whole, and the same whether it happens just now or is read back from `events.ndjson`.
//!
//! It is not yet cleaned for any format: what shows a text escapes it.

mod case;
mod line;
mod read;
mod run;

pub use case::{Case, Exchange, Finding, Got, MOST_FINDINGS, Payload, Sent, needs_attention};
pub use line::{Line, SCHEMA_NAME, first as first_line};
pub use read::{Broken, FILE, Recording, hexadecimal};
pub use run::{Count, Element, End, Place, PlanFacts, Start, Support, Tool};

use super::requirements::Requirements;
use crate::run::event::{Harvest, Stage, Tally};

/// The JSON Schema of a line.
pub const SCHEMA: &str = include_str!("../../../reports/events.schema.json");

/// One thing that happened.
#[derive(Clone, Copy, Debug)]
pub enum Recorded<'a> {
    /// The run is known.
    Started(&'a Start),
    /// A stage begins.
    Stage(Stage),
    /// The samples are filled; members are pseudonyms, where member data is masked.
    Harvested(&'a Harvest),
    /// A request was sent again.
    Retried {
        /// The URL.
        url: &'a str,
        /// Why.
        reason: &'a str,
    },
    /// A case begins.
    CaseStarted {
        /// Its place in the whole plan.
        index: usize,
        /// Its id.
        id: &'a str,
    },
    /// A case ended.
    Case {
        /// Its place in the whole plan.
        index: usize,
        /// The case and how it ended.
        case: &'a Case,
        /// Counts so far, this one included.
        tally: Tally,
    },
    /// The run ended.
    Finished(&'a Finished<'a>),
}

/// The end of a run, with what all its cases say together.
#[derive(Clone, Copy, Debug)]
pub struct Finished<'a> {
    /// How it began.
    pub start: &'a Start,
    /// How it ended.
    pub end: &'a End,
    /// What the cases say of each requirement.
    pub requirements: &'a Requirements,
    /// SHA-256 of `events.ndjson`, in hexadecimal; none when there is no such file.
    pub evidence: Option<&'a str>,
}
