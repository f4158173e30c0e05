//! `results.json`: everything measured, for programs. Its JSON Schema is `reports/results.schema.json`.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::Reporter;
use super::files::write_whole;
use super::mask::mask;
use super::requirements::Requirements;
use crate::check::exchange::Exchange;
use crate::plan::Case;
use crate::run::event::{CaseResult, Event, RunFacts, RunSummary};

/// The JSON Schema of the file.
pub const SCHEMA: &str = include_str!("../../reports/results.schema.json");

/// The version of the file's form; it changes when a reader would have to.
const VERSION: &str = "payerspec-results-1";

/// The reporter.
pub struct Results {
    path: PathBuf,
    show_member_data: bool,
    facts: Option<Value>,
    cases: BTreeMap<usize, Value>,
    requirements: Requirements,
}

impl Results {
    /// Writes to `path` when the run ends.
    pub fn new(path: PathBuf, show_member_data: bool) -> Self {
        Self { path, show_member_data, facts: None, cases: BTreeMap::new(), requirements: Requirements::default() }
    }

    fn document(&mut self, summary: &RunSummary) -> Value {
        let facts = self.facts.take().unwrap_or_default();
        let requirements: Vec<Value> = self
            .requirements
            .iter()
            .map(|(id, requirement)| json!({"id": id, "verified_by": requirement.verified_by, "status": requirement.status()}))
            .collect();
        json!({
            "schema": VERSION,
            "tool": {"name": "payerspec", "version": env!("CARGO_PKG_VERSION")},
            "target": facts.get("target"),
            "guides": facts.get("guides"),
            "suites": facts.get("suites"),
            "started": facts.get("started"),
            "finished": summary.finished,
            "duration_ms": summary.duration_ms,
            "verdict": summary.verdict,
            "because": summary.because,
            "stop": summary.stop,
            "requests": summary.requests,
            "harvested": summary.harvested.iter().cloned().collect::<BTreeMap<String, usize>>(),
            "stale_baseline": summary.stale,
            "tally": summary.tally,
            "cases": std::mem::take(&mut self.cases).into_values().collect::<Vec<Value>>(),
            "requirements": requirements,
            "cpcds": [],
        })
    }

    fn start(&mut self, facts: &RunFacts) {
        self.facts = Some(json!({"target": facts.target, "guides": facts.guides, "suites": facts.suites, "started": facts.started}));
    }

    fn add(&mut self, index: usize, case: &Case, result: &CaseResult) {
        self.requirements.count(case, result);
        self.cases.insert(index, case_json(case, result, self.show_member_data));
    }
}

impl Reporter for Results {
    fn on(&mut self, event: &Event<'_>) -> io::Result<()> {
        match event {
            Event::RunStarted { facts, .. } => self.start(facts),
            Event::CaseFinished { index, case, result, .. } => self.add(*index, case, result),
            Event::RunFinished { summary } => {
                let mut content = serde_json::to_vec_pretty(&self.document(summary))?;
                content.push(b'\n');
                write_whole(&self.path, &content)?;
            }
            Event::StageStarted { .. } | Event::RequestRetried { .. } | Event::CaseStarted { .. } => {}
        }
        Ok(())
    }
}

/// One case as `results.json` and `events.ndjson` show it.
pub fn case_json(case: &Case, result: &CaseResult, show_member_data: bool) -> Value {
    let mask = |text: &str| mask(text, show_member_data);
    let findings: Vec<Value> = result
        .findings
        .iter()
        .map(|finding| json!({"check": finding.check, "at": mask(&finding.at), "expected": mask(&finding.expected), "actual": mask(&finding.actual)}))
        .collect();
    json!({
        "id": case.id,
        "title": case.title,
        "level": case.level,
        "requirements": case.requirements,
        "origin": case.origin,
        "outcome": result.outcome,
        "examined": result.examined,
        "findings": findings,
        "reason": result.reason.as_deref().map(mask),
        "known": result.known,
        "duration_ms": (result.duration_ms * 1000.0).round() / 1000.0,
        "exchanges": result.exchanges.iter().map(|exchange| exchange_json(exchange, show_member_data)).collect::<Vec<_>>(),
    })
}

fn exchange_json(exchange: &Exchange, show_member_data: bool) -> Value {
    let mask = |text: &str| mask(text, show_member_data);
    let response = exchange.response();
    json!({
        "method": exchange.request.method.word(),
        "url": mask(&exchange.url),
        "status": response.map(|response| response.status),
        "content_type": response.and_then(|response| response.header("content-type")),
        "bytes": response.map(|response| response.bytes.len()),
        "error": exchange.result.as_ref().err().map(|error| mask(&error.to_string())),
        "attempts": exchange.attempts,
        "retries": exchange.retries.iter().map(|retry| mask(retry)).collect::<Vec<_>>(),
        "started": exchange.started,
        "duration_ms": (exchange.duration_ms * 1000.0).round() / 1000.0,
    })
}
