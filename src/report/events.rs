//! `events.ndjson`: one line an event, written as it happens, so that a run that is killed leaves what it measured.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::Reporter;
use super::json::Texts;
use super::mask::Mask;
use crate::run::event::{Event, Tally};

/// The reporter.
pub struct Events {
    file: BufWriter<File>,
    mask: Mask,
    texts: Texts,
}

/// A case that ended.
#[derive(Serialize)]
struct Finished<'a> {
    event: &'a str,
    index: usize,
    case: &'a RawValue,
    tally: Tally,
}

impl Events {
    /// Creates the file.
    pub fn create(path: &Path, texts: Texts) -> io::Result<Self> {
        Ok(Self { file: BufWriter::new(File::create(path)?), mask: Mask::default(), texts })
    }

    fn line(&self, event: &Event<'_>) -> io::Result<String> {
        let line = match event {
            Event::RunStarted { facts, plan, .. } => json!({"event": "run-started", "facts": facts, "cases": plan.cases.len()}),
            Event::StageStarted { stage } => json!({"event": "stage-started", "stage": stage}),
            Event::RequestRetried { url, reason } => {
                json!({"event": "request-retried", "url": self.mask.url(url), "reason": self.mask.said(reason)})
            }
            Event::CaseStarted { index, case } => json!({"event": "case-started", "index": index, "id": case.id()}),
            Event::CaseFinished { index, case, result, tally } => {
                let case = &*self.texts.of(*index, case, result, &self.mask)?;
                return Ok(serde_json::to_string(&Finished { event: "case-finished", index: *index, case, tally: *tally })?);
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
        };
        Ok(line.to_string())
    }
}

impl Reporter for Events {
    fn on(&mut self, event: &Event<'_>) -> io::Result<()> {
        if let Event::RunStarted { facts, catalogue, .. } = event {
            self.mask = Mask::new(facts, catalogue);
        }
        let line = self.line(event)?;
        self.file.write_all(line.as_bytes())?;
        self.file.write_all(b"\n")?;
        // A started case is worth nothing to a reader until it ends.
        if matches!(event, Event::CaseStarted { .. }) { Ok(()) } else { self.file.flush() }
    }
}
