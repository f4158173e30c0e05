//! `events.ndjson`: one line an event, written as it happens, so that a run that is killed leaves what it measured.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde_json::{Value, json};

use super::Reporter;
use super::json::case_json;
use super::mask::Mask;
use crate::run::event::Event;

/// The reporter.
pub struct Events {
    file: BufWriter<File>,
    mask: Mask,
}

impl Events {
    /// Creates the file.
    pub fn create(path: &Path) -> io::Result<Self> {
        Ok(Self { file: BufWriter::new(File::create(path)?), mask: Mask::default() })
    }

    fn line(&self, event: &Event<'_>) -> Value {
        match event {
            Event::RunStarted { facts, plan, .. } => json!({"event": "run-started", "facts": facts, "cases": plan.cases.len()}),
            Event::StageStarted { stage } => json!({"event": "stage-started", "stage": stage}),
            Event::RequestRetried { url, reason } => {
                json!({"event": "request-retried", "url": self.mask.url(url), "reason": self.mask.said(reason)})
            }
            Event::CaseStarted { index, case } => json!({"event": "case-started", "index": index, "id": case.id()}),
            Event::CaseFinished { index, case, result, tally } => {
                json!({"event": "case-finished", "index": index, "case": case_json(case, result, &self.mask), "tally": tally})
            }
            Event::RunFinished { summary } => json!({
                "event": "run-finished",
                "verdict": summary.verdict,
                "because": summary.because,
                "stop": summary.stop,
                "tally": summary.tally,
                "finished": summary.finished,
                "duration_ms": summary.duration_ms,
                "requests": summary.requests,
            }),
        }
    }
}

impl Reporter for Events {
    fn on(&mut self, event: &Event<'_>) -> io::Result<()> {
        if let Event::RunStarted { facts, catalogue, .. } = event {
            self.mask = Mask::new(facts, catalogue);
        }
        let line = self.line(event);
        serde_json::to_writer(&mut self.file, &line)?;
        self.file.write_all(b"\n")?;
        // A started case is worth nothing to a reader until it ends.
        if matches!(event, Event::CaseStarted { .. }) { Ok(()) } else { self.file.flush() }
    }
}
