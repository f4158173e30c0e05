//! One judged case.

use serde::{Deserialize, Serialize};

use crate::check::exchange::Identity;
use crate::check::outcome::{Level, Outcome};

/// Findings told of one case.
pub const MOST_FINDINGS: usize = 2000;

/// One judged case: what was asked, and how it ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// The case's id.
    pub id: String,
    /// Its sentence.
    pub title: String,
    /// How strongly it is asked.
    pub level: Level,
    /// Whether neither a guide nor the server claims what it asks.
    #[serde(default, skip_serializing_if = "is_false")]
    pub observed: bool,
    /// Ids of the requirements that it names.
    pub requirements: Vec<String>,
    /// The suite and its case, such as `rest#read`.
    pub origin: String,
    /// One of the six.
    pub outcome: Outcome,
    /// How many things the checks examined.
    pub examined: usize,
    /// The deviations, [`MOST_FINDINGS`] at most.
    pub findings: Vec<Finding>,
    /// How many more there were.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more_findings: usize,
    /// Why it is inconclusive, not applicable or in error.
    pub reason: Option<String>,
    /// The baseline's reason, when the deviation is known and accepted.
    pub known: Option<String>,
    /// Milliseconds spent on it, to the microsecond.
    pub duration_ms: f64,
    /// What was sent and came back, in order; bounded.
    pub exchanges: Vec<Exchange>,
    /// How many exchanges there were beyond.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more_exchanges: usize,
    /// Whether it had its turn before the run ended.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub ran: bool,
    /// Requests whose answers were first looked at in this case for what is another member's: what tells each from others, in hexadecimal,
    /// and how many resources of any patient its answer shows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub looked: Vec<(String, usize)>,
    /// Whether one of these answers shows what is another member's.
    #[serde(default, skip_serializing_if = "is_false")]
    pub outside: bool,
}

/// One deviation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Finding {
    /// Id of the check.
    pub check: String,
    /// Where.
    pub at: String,
    /// What the rule expects.
    pub expected: String,
    /// What was there instead.
    pub actual: String,
}

/// One request and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    /// The method.
    pub method: String,
    /// The URL.
    pub url: String,
    /// The HTTP status, when there was an answer.
    pub status: Option<u16>,
    /// The answer's content type, if it said one.
    pub content_type: Option<String>,
    /// The length of the answer's body, decoded.
    pub bytes: Option<usize>,
    /// Why there was no answer.
    pub error: Option<String>,
    /// How often it was sent.
    pub attempts: u32,
    /// Why it was sent again.
    pub retries: Vec<String>,
    /// When it was sent first, RFC 3339 in UTC.
    pub started: String,
    /// Milliseconds, to the microsecond.
    pub duration_ms: f64,
    /// The command that repeats it, of a case that did not pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub curl: Option<String>,
    /// What was sent, of a case that a person should look at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Sent>,
    /// What came back, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub got: Option<Got>,
}

/// A request beyond its method and URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Whose credentials it carried, or what in their place.
    #[serde(rename = "as")]
    pub identity: Identity,
    /// Names and values of its headers, without credentials.
    pub headers: Vec<(String, String)>,
    /// The fields of a form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Vec<(String, String)>>,
    /// Any other body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Payload>,
}

/// An answer beyond its status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Got {
    /// Names and values of its headers.
    pub headers: Vec<(String, String)>,
    /// The body, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Payload>,
}

/// A body as far as it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payload {
    /// What is shown of it.
    pub text: String,
    /// What became of the rest, if that is not all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Case {
    /// Whether a person should look at it: it broke a rule that no baseline excuses, or a required answer is missing.
    pub fn needs_attention(&self) -> bool {
        needs_attention(self.level, self.outcome, self.known.is_some())
    }

    /// Puts findings and exchanges in an order of their own, of a case that takes them as they happen to come.
    pub fn in_order(&mut self) {
        self.findings.sort();
        self.exchanges.sort_by(|one, other| (&one.url, &one.method, &one.started).cmp(&(&other.url, &other.method, &other.started)));
    }

    /// The word that people see for the outcome.
    pub fn word(&self) -> &'static str {
        if self.known.is_some() { "known" } else { self.outcome.word() }
    }
}

/// Whether a person should look at a case that ended so.
pub fn needs_attention(level: Level, outcome: Outcome, known: bool) -> bool {
    match outcome {
        Outcome::Fail | Outcome::Warn => !known,
        Outcome::Error => true,
        Outcome::Inconclusive => level.is_required(),
        Outcome::Pass | Outcome::NotApplicable => false,
    }
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

fn is_true(said: &bool) -> bool {
    *said
}

fn is_false(said: &bool) -> bool {
    !said
}

fn yes() -> bool {
    true
}
