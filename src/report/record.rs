//! A case as people may read it: cleaned and bounded, but not yet escaped for any format.

use super::clean::{clean, shorten};
use super::recorded::{self, Case};
use crate::check::outcome::{Level, Outcome};

/// Findings kept of one case.
const MOST_FINDINGS: usize = 20;
/// Exchanges kept of one case.
pub const MOST_EXCHANGES: usize = 6;
/// Characters of one foreign text.
const MOST_TEXT: usize = 1000;

/// One judged case.
#[derive(Clone, Debug)]
pub struct Record {
    /// The case's id.
    pub id: String,
    /// Its sentence.
    pub title: String,
    /// Level and requirement ids, such as `SHALL, carin-bb-2.0.0@100`.
    pub asked: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether a person should look at it.
    pub attention: bool,
    /// The baseline's reason.
    pub known: Option<String>,
    /// Why there is no answer.
    pub reason: Option<String>,
    /// Check, where, expected, actual.
    pub findings: Vec<[String; 4]>,
    /// How many findings were left off.
    pub more_findings: usize,
    /// Seconds spent.
    pub seconds: f64,
}

impl Record {
    /// Takes from a case what people read.
    pub fn new(case: &Case) -> Self {
        let text = |text: &str| shorten(&clean(text), MOST_TEXT);
        let attention = case.needs_attention();
        Self {
            id: clean(&case.id),
            title: text(&case.title),
            asked: asked(case.level, &case.requirements),
            outcome: case.outcome,
            attention,
            known: case.known.as_deref().map(clean),
            reason: case.reason.as_deref().map(text),
            findings: case
                .findings
                .iter()
                .take(MOST_FINDINGS)
                .map(|finding| [clean(&finding.check), text(&finding.at), text(&finding.expected), text(&finding.actual)])
                .collect(),
            more_findings: (case.findings.len() + case.more_findings).saturating_sub(MOST_FINDINGS),
            seconds: case.duration_ms / 1000.0,
        }
    }

    /// The word that people see for the outcome.
    pub fn word(&self) -> &'static str {
        shown(self.outcome, self.known.is_some())
    }

    /// Guide and resource type: the first two parts of the id.
    pub fn group(&self) -> String {
        self.id.split('.').take(2).collect::<Vec<_>>().join(".")
    }
}

/// Level and requirement ids, such as `SHALL, carin-bb-2.0.0@100`.
pub fn asked(level: Level, requirements: &[String]) -> String {
    let mut asked = level.word().to_owned();
    for requirement in requirements {
        asked.push_str(&format!(", {}", clean(requirement)));
    }
    asked
}

/// The word that people see for an outcome, which a baseline may know.
pub fn shown(outcome: Outcome, known: bool) -> &'static str {
    if known { "known" } else { outcome.word() }
}

/// Failures before errors, missing answers and warnings.
pub fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Fail => 0,
        Outcome::Error => 1,
        Outcome::Inconclusive => 2,
        Outcome::Warn => 3,
        Outcome::Pass | Outcome::NotApplicable => 4,
    }
}

/// A request and what became of it, in one line.
pub fn line(exchange: &recorded::Exchange) -> String {
    let mut line = format!("{} {}", exchange.method, exchange.url);
    match (&exchange.status, &exchange.error) {
        (Some(status), _) => {
            let kind = exchange.content_type.as_deref().unwrap_or("no content type");
            line.push_str(&format!(" → {status}, {kind}, {} bytes", exchange.bytes.unwrap_or_default()));
        }
        (None, error) => line.push_str(&format!(" → {}", error.as_deref().unwrap_or_default())),
    }
    line.push_str(&format!(", {:.0} ms", exchange.duration_ms));
    if exchange.attempts > 1 {
        line.push_str(&format!(", sent {} times", exchange.attempts));
    }
    line
}
