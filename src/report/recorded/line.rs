//! The lines of `events.ndjson`, of which each is one JSON object with the member `event`.

use std::borrow::Cow;
use std::fmt::Display;

use serde::{Deserialize, Serialize};

use super::{Case, End, Recorded, Start, Tool};
use crate::run::event::{Harvest, Stage, Tally};

/// What the first line calls the form of the file; it changes when a reader would have to.
pub const SCHEMA_NAME: &str = "payerspec-events-1";

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    /// The first: what this is, and what made it.
    Recording {
        /// The form of the file.
        schema: String,
        /// What made it.
        tool: Tool,
    },
    /// The run is known.
    Started(Box<Start>),
    /// A stage begins.
    Stage(Stage),
    /// The samples are filled.
    Harvested(Harvest),
    /// A request was sent again.
    Retried {
        /// The URL.
        url: String,
        /// Why.
        reason: String,
    },
    /// A case begins.
    CaseStarted {
        /// Its place in the whole plan.
        index: usize,
        /// Its id.
        id: String,
    },
    /// A case ended.
    Case {
        /// Its place in the whole plan.
        index: usize,
        /// The case.
        case: Box<Case>,
        /// Counts so far.
        tally: Tally,
    },
    /// The last: the run ended.
    Finished(Box<End>),
}

const RECORDING: &str = "recording-started";
const STARTED: &str = "run-started";
const STAGE: &str = "stage-started";
const HARVESTED: &str = "harvested";
const RETRIED: &str = "request-retried";
const CASE_STARTED: &str = "case-started";
const CASE: &str = "case-finished";
const FINISHED: &str = "run-finished";

#[derive(Serialize)]
struct Tagged<'a, T> {
    event: &'static str,
    #[serde(flatten)]
    of: &'a T,
}

#[derive(Deserialize)]
struct Tag<'a> {
    #[serde(borrow)]
    event: Option<Cow<'a, str>>,
}

#[derive(Serialize, Deserialize)]
struct OfRecording<'a> {
    schema: Cow<'a, str>,
    tool: Tool,
}

#[derive(Serialize, Deserialize)]
struct OfStage {
    stage: Stage,
}

#[derive(Serialize, Deserialize)]
struct OfRetried<'a> {
    url: Cow<'a, str>,
    reason: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
struct OfCaseStarted<'a> {
    index: usize,
    id: Cow<'a, str>,
}

#[derive(Serialize)]
struct OfCase<'a> {
    index: usize,
    case: &'a Case,
    tally: Tally,
}

#[derive(Deserialize)]
struct ReadCase {
    index: usize,
    case: Box<Case>,
    tally: Tally,
}

/// The first line of a file that this program makes.
pub fn first() -> serde_json::Result<String> {
    text(RECORDING, &OfRecording { schema: SCHEMA_NAME.into(), tool: Tool::this() })
}

impl Recorded<'_> {
    /// Its line, without the end of the line.
    ///
    /// # Errors
    /// None that is known of: everything here can be written as JSON.
    pub fn line(&self) -> serde_json::Result<String> {
        match *self {
            Self::Started(start) => text(STARTED, start),
            Self::Stage(stage) => text(STAGE, &OfStage { stage }),
            Self::Harvested(harvest) => text(HARVESTED, harvest),
            Self::Retried { url, reason } => text(RETRIED, &OfRetried { url: url.into(), reason: reason.into() }),
            Self::CaseStarted { index, id } => text(CASE_STARTED, &OfCaseStarted { index, id: id.into() }),
            Self::Case { index, case, tally } => text(CASE, &OfCase { index, case, tally }),
            Self::Finished(finished) => text(FINISHED, finished.end),
        }
    }
}

impl Line {
    /// Reads a line.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &[u8]) -> Result<Self, String> {
        let tag: Tag<'_> = serde_json::from_slice(text).map_err(|error| wrong("is no JSON object", &error))?;
        let event = tag.event.ok_or("has no member \"event\", so that it is no record of payerspec")?;
        Ok(match &*event {
            RECORDING => {
                let OfRecording { schema, tool } = of(text)?;
                Self::Recording { schema: schema.into_owned(), tool }
            }
            STARTED => Self::Started(of(text)?),
            STAGE => Self::Stage(of::<OfStage>(text)?.stage),
            HARVESTED => Self::Harvested(of(text)?),
            RETRIED => {
                let OfRetried { url, reason } = of(text)?;
                Self::Retried { url: url.into_owned(), reason: reason.into_owned() }
            }
            CASE_STARTED => {
                let OfCaseStarted { index, id } = of(text)?;
                Self::CaseStarted { index, id: id.into_owned() }
            }
            CASE => {
                let ReadCase { index, case, tally } = of(text)?;
                Self::Case { index, case, tally }
            }
            FINISHED => Self::Finished(of(text)?),
            other => return Err(format!("has the event {:?}, which is not known", other.chars().take(40).collect::<String>())),
        })
    }
}

fn text<T: Serialize>(event: &'static str, of: &T) -> serde_json::Result<String> {
    serde_json::to_string(&Tagged { event, of })
}

fn of<'t, T: Deserialize<'t>>(text: &'t [u8]) -> Result<T, String> {
    serde_json::from_slice(text).map_err(|error| wrong("is not what its event asks for", &error))
}

/// Without the line of the error, which is always the first.
fn wrong(what: &str, error: &dyn Display) -> String {
    format!("{what}: {}", error.to_string().replace("line 1 column", "column"))
}
