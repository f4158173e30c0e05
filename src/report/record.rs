//! A case with its result as people may read it: masked, cleaned and bounded, but not yet escaped for any format.

use super::clean::{clean, shorten};
use super::curl::curl;
use super::mask::Mask;
use crate::check::exchange::Exchange;
use crate::check::outcome::{Level, Outcome};
use crate::check::said::Said;
use crate::plan::Case;
use crate::run::event::CaseResult;

/// Findings kept of one case.
const MOST_FINDINGS: usize = 20;
/// Exchanges kept of one case.
const MOST_EXCHANGES: usize = 6;
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
    /// What was sent, as one line, and the command that repeats it. Only where a person should look.
    pub exchanges: Vec<(String, String)>,
    /// How many exchanges were left off.
    pub more_exchanges: usize,
    /// Seconds spent.
    pub seconds: f64,
}

impl Record {
    /// Takes from a result what may be shown.
    pub fn new(case: &Case, result: &CaseResult, mask: &Mask) -> Self {
        let bounded = |text: &str| shorten(&clean(text), MOST_TEXT);
        let text = |said: &Said| bounded(&mask.said(said));
        let attention = needs_attention(case.level, result);
        let mut asked = case.level.word().to_owned();
        for requirement in case.requirements() {
            asked.push_str(&format!(", {}", clean(requirement)));
        }
        let shown = if attention { result.exchanges.len().min(MOST_EXCHANGES) } else { 0 };
        Self {
            id: clean(&case.id()),
            title: bounded(&case.title()),
            asked,
            outcome: result.outcome,
            attention,
            known: result.known.as_deref().map(clean),
            reason: result.reason.as_ref().map(text),
            findings: result
                .findings
                .iter()
                .take(MOST_FINDINGS)
                .map(|finding| [clean(&finding.check), text(&finding.at), text(&finding.expected), text(&finding.actual)])
                .collect(),
            more_findings: result.findings.len().saturating_sub(MOST_FINDINGS),
            exchanges: result
                .exchanges
                .iter()
                .take(shown)
                .map(|exchange| (bounded(&line(exchange, mask)), curl(exchange, mask).text))
                .collect(),
            more_exchanges: if attention { result.exchanges.len() - shown } else { 0 },
            seconds: result.duration_ms / 1000.0,
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

/// Whether a person should look at a case: it broke a rule that no baseline excuses, or a required answer is missing.
pub fn needs_attention(level: Level, result: &CaseResult) -> bool {
    match result.outcome {
        Outcome::Fail | Outcome::Warn => result.known.is_none(),
        Outcome::Error => true,
        Outcome::Inconclusive => level.is_required(),
        Outcome::Pass | Outcome::NotApplicable => false,
    }
}

fn line(exchange: &Exchange, mask: &Mask) -> String {
    let mut line = format!("{} {}", exchange.request.method.word(), mask.url(&exchange.url));
    match &exchange.result {
        Ok(response) => {
            let kind = response.header("content-type").unwrap_or("no content type");
            line.push_str(&format!(" → {}, {}, {} bytes", response.status, kind, response.bytes.len()));
        }
        Err(error) => line.push_str(&format!(" → {}", mask.said(&error.said()))),
    }
    line.push_str(&format!(", {:.0} ms", exchange.duration_ms));
    if exchange.attempts > 1 {
        line.push_str(&format!(", sent {} times", exchange.attempts));
    }
    line
}
