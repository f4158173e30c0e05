//! `results.json`: everything measured, for programs. Its JSON Schema is `reports/results.schema.json`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;
use std::rc::Rc;

use serde::Serialize;
use serde::ser::{Error, SerializeSeq, Serializer};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::Reporter;
use super::clean::clean;
use super::files::write_whole;
use super::mask::Mask;
use super::requirements::{Requirements, Row};
use super::spool::Spool;
use crate::check::exchange::Exchange;
use crate::check::outcome::{Finding, Level, Outcome};
use crate::check::said::Said;
use crate::guide::facts::GuideId;
use crate::plan::Case;
use crate::run::event::{CaseResult, Event, RunFacts, RunSummary, StopReason, Tally, Verdict};
use crate::run::support::Support;

/// The JSON Schema of the file.
pub const SCHEMA: &str = include_str!("../../reports/results.schema.json");

/// The version of the file's form; it changes when a reader would have to.
const VERSION: &str = "payerspec-results-1";

/// The reporter.
pub struct Results {
    path: PathBuf,
    mask: Mask,
    facts: Option<RunFacts>,
    cases: Spool,
    texts: Texts,
    requirements: Requirements,
}

/// The text of the case that ended last: made once for all files that hold it, which show alike what they show.
#[derive(Clone, Default)]
pub struct Texts(Rc<RefCell<Last>>);

/// A case's place in the plan, and its text.
type Last = Option<(usize, Rc<RawValue>)>;

impl Texts {
    /// The case's text, by its place in the plan.
    pub fn of(&self, index: usize, case: &Case, result: &CaseResult, mask: &Mask) -> io::Result<Rc<RawValue>> {
        let mut last = self.0.borrow_mut();
        if let Some((known, text)) = &*last
            && *known == index
        {
            return Ok(text.clone());
        }
        let text: Rc<RawValue> = serde_json::value::to_raw_value(&ShownCase::new(case, result, mask))?.into();
        *last = Some((index, text.clone()));
        Ok(text)
    }
}

/// The file's form, in the order of its members.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'a str,
    tool: Value,
    member_data: &'static str,
    target: Option<&'a str>,
    guides: Option<&'a [GuideId]>,
    suites: Option<&'a [String]>,
    started: Option<&'a str>,
    finished: &'a str,
    duration_ms: f64,
    verdict: Verdict,
    because: &'a str,
    stop: &'a StopReason,
    requests: usize,
    harvested: BTreeMap<&'a str, usize>,
    stale_baseline: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    left_on_server: &'a [String],
    tally: Tally,
    cases: Cases<'a>,
    requirements: Vec<Value>,
    must_support: Vec<Value>,
    cpcds: Vec<Value>,
}

/// The cases, read back one by one.
struct Cases<'a>(RefCell<&'a mut Spool>);

impl Serialize for Cases<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut spool = self.0.borrow_mut();
        let numbers = spool.numbers();
        let mut cases = serializer.serialize_seq(Some(numbers.len()))?;
        for number in numbers {
            let text = spool.get(number).map_err(S::Error::custom)?;
            cases.serialize_element(&serde_json::from_str::<Value>(&text).map_err(S::Error::custom)?)?;
        }
        cases.end()
    }
}

impl Results {
    /// Writes to `path` when the run ends.
    pub fn new(path: PathBuf, texts: Texts) -> Self {
        Self { cases: Spool::beside(&path), path, mask: Mask::default(), facts: None, texts, requirements: Requirements::default() }
    }

    fn write(&mut self, summary: &RunSummary) -> io::Result<()> {
        let facts = self.facts.as_ref();
        let requirements = self.requirements.iter().map(requirement_json).collect();
        let document = Document {
            schema: VERSION,
            tool: json!({"name": "payerspec", "version": env!("CARGO_PKG_VERSION")}),
            member_data: self.mask.word(),
            target: facts.map(|facts| facts.target.as_str()),
            guides: facts.map(|facts| facts.guides.as_slice()),
            suites: facts.map(|facts| facts.suites.as_slice()),
            started: facts.map(|facts| facts.started.as_str()),
            finished: &summary.finished,
            duration_ms: summary.duration_ms,
            verdict: summary.verdict,
            because: &summary.because,
            stop: &summary.stop,
            requests: summary.requests,
            harvested: summary.harvested.iter().map(|(resource_type, count)| (resource_type.as_str(), *count)).collect(),
            stale_baseline: &summary.stale,
            left_on_server: &summary.left,
            tally: summary.tally,
            cases: Cases(RefCell::new(&mut self.cases)),
            requirements,
            must_support: summary.must_support.iter().map(|support| support_json(support, &self.mask)).collect(),
            cpcds: summary.cpcds.iter().map(|count| example_too(json!(count), count.example.as_ref(), &self.mask)).collect(),
        };
        write_whole(&self.path, |file| {
            serde_json::to_writer_pretty(&mut *file, &document)?;
            file.write_all(b"\n")
        })
    }
}

impl Reporter for Results {
    fn on(&mut self, event: &Event<'_>) -> io::Result<()> {
        match event {
            Event::RunStarted { facts, plan, catalogue } => {
                self.facts = Some((*facts).clone());
                self.mask = Mask::new(facts, catalogue);
                self.requirements.describe(plan, facts);
            }
            Event::CaseFinished { index, case, result, .. } => {
                self.requirements.count(case, result, &self.mask);
                self.cases.put(*index, self.texts.of(*index, case, result, &self.mask)?.get())?;
            }
            Event::RunFinished { summary } => self.write(summary)?,
            Event::StageStarted { .. } | Event::RequestRetried { .. } | Event::CaseStarted { .. } => {}
        }
        Ok(())
    }
}

fn support_json(support: &Support, mask: &Mask) -> Value {
    let mut shown = json!(support);
    let elements = shown.get_mut("elements").and_then(Value::as_array_mut).into_iter().flatten();
    for (element, of) in elements.zip(&support.elements) {
        *element = example_too(element.take(), of.example.as_ref(), mask);
    }
    shown
}

fn example_too(mut shown: Value, example: Option<&Said>, mask: &Mask) -> Value {
    if let Some(example) = example {
        shown["example"] = json!(clean(&mask.said(example)));
    }
    shown
}

fn requirement_json(row: &Row) -> Value {
    let told = &row.told;
    let mut shown = json!({ "id": told.id, "verb": row.verb(), "status": row.status().word() });
    if !told.text.is_empty() {
        shown["text"] = json!(told.text);
        shown["actor"] = json!(told.actor);
    }
    if let Some(section) = &told.section {
        shown["section"] = json!(section);
    }
    if let Some(why) = row.why() {
        shown["why"] = json!(clean(&why));
    }
    shown["cases"] = json!(row.tally);
    shown["verified_by"] = json!(row.verified_by);
    if !row.violated_by.is_empty() {
        shown["violated_by"] = json!(row.violated_by);
    }
    shown
}

/// One case as `results.json` and `events.ndjson` show it.
#[derive(Serialize)]
struct ShownCase<'a> {
    id: String,
    title: String,
    level: Level,
    requirements: &'a [String],
    origin: &'a str,
    outcome: Outcome,
    examined: usize,
    findings: Vec<ShownFinding<'a>>,
    reason: Option<String>,
    known: Option<&'a str>,
    duration_ms: f64,
    exchanges: Vec<ShownExchange<'a>>,
}

#[derive(Serialize)]
struct ShownFinding<'a> {
    check: &'a str,
    at: String,
    expected: String,
    actual: String,
}

#[derive(Serialize)]
struct ShownExchange<'a> {
    method: &'a str,
    url: String,
    status: Option<u16>,
    content_type: Option<&'a str>,
    bytes: Option<usize>,
    error: Option<String>,
    attempts: u32,
    retries: Vec<String>,
    started: &'a str,
    duration_ms: f64,
}

impl<'a> ShownCase<'a> {
    fn new(case: &'a Case, result: &'a CaseResult, mask: &Mask) -> Self {
        let finding = |finding: &'a Finding| ShownFinding {
            check: &finding.check,
            at: mask.said(&finding.at),
            expected: mask.said(&finding.expected),
            actual: mask.said(&finding.actual),
        };
        Self {
            id: case.id(),
            title: case.title(),
            level: case.level,
            requirements: case.requirements(),
            origin: case.origin(),
            outcome: result.outcome,
            examined: result.examined,
            findings: result.findings.iter().map(finding).collect(),
            reason: result.reason.as_ref().map(|reason| mask.said(reason)),
            known: result.known.as_deref(),
            duration_ms: (result.duration_ms * 1000.0).round() / 1000.0,
            exchanges: result.exchanges.iter().map(|exchange| ShownExchange::new(exchange, mask)).collect(),
        }
    }
}

impl<'a> ShownExchange<'a> {
    fn new(exchange: &'a Exchange, mask: &Mask) -> Self {
        let response = exchange.response();
        Self {
            method: exchange.request.method.word(),
            url: mask.url(&exchange.url),
            status: response.map(|response| response.status),
            content_type: response.and_then(|response| response.header("content-type")),
            bytes: response.map(|response| response.bytes.len()),
            error: exchange.result.as_ref().err().map(|error| mask.said(&error.said())),
            attempts: exchange.attempts,
            retries: exchange.retries.iter().map(|retry| mask.said(retry)).collect(),
            started: &exchange.started,
            duration_ms: (exchange.duration_ms * 1000.0).round() / 1000.0,
        }
    }
}
