//! `results.json`: everything measured, for programs. Its JSON Schema is `reports/results.schema.json`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

use serde::Serialize;
use serde::ser::{Error, SerializeSeq, Serializer};

use super::Reporter;
use super::clean::clean;
use super::files::write_whole;
use super::recorded::{Case, Count, Exchange, Finding, Finished, PlanFacts, Recorded, Support, Tool};
use super::requirements::Row;
use super::spool::Spool;
use crate::check::outcome::{Level, Outcome};
use crate::fhir::day::Day;
use crate::fhir::json::{Value, json};
use crate::guide::facts::GuideId;
use crate::run::event::{Resumption, StopReason, Tally, Verdict};

/// The JSON Schema of the file.
pub const SCHEMA: &str = include_str!("../../reports/results.schema.json");

/// The version of the file's form; it changes when a reader would have to.
pub const VERSION: &str = "payerspec-results-1";
/// The file that the results rest on.
const EVIDENCE: &str = super::recorded::FILE;

/// The reporter.
pub struct Results {
    path: PathBuf,
    cases: Spool,
}

/// The file's form, in the order of its members.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'a str,
    tool: &'a Tool,
    member_data: &'static str,
    evidence: Option<Value>,
    target: &'a str,
    guides: &'a [GuideId],
    catalogues: &'a [GuideId],
    missing: &'a [GuideId],
    suites: &'a [String],
    plan: &'a PlanFacts,
    as_of: Option<Day>,
    started: &'a str,
    #[serde(skip_serializing_if = "<[Resumption]>::is_empty")]
    resumed: &'a [Resumption],
    finished: &'a str,
    duration_ms: f64,
    verdict: Verdict,
    because: &'a str,
    stop: &'a StopReason<String>,
    requests: usize,
    harvested: BTreeMap<&'a str, usize>,
    stale_baseline: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    left_on_server: &'a [String],
    tally: Tally,
    cases: Cases<'a>,
    requirements: Vec<Value>,
    must_support: &'a [Support],
    cpcds: &'a [Count],
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
    pub fn new(path: PathBuf) -> Self {
        Self { cases: Spool::beside(&path), path }
    }

    fn write(&mut self, finished: &Finished<'_>) -> io::Result<()> {
        let Finished { start, end, requirements, evidence } = finished;
        let document = Document {
            schema: VERSION,
            tool: &start.tool,
            member_data: start.member_data(),
            evidence: evidence.map(|sha256| json!({ "file": EVIDENCE, "sha256": sha256 })),
            target: &start.facts.target,
            guides: &start.facts.guides,
            catalogues: &start.catalogues,
            missing: &start.missing,
            suites: &start.facts.suites,
            plan: &start.plan,
            as_of: start.facts.as_of,
            started: &start.facts.started,
            resumed: &start.facts.resumed,
            finished: &end.finished,
            duration_ms: end.duration_ms,
            verdict: end.verdict,
            because: &end.because,
            stop: &end.stop,
            requests: end.requests,
            harvested: end.harvested.iter().map(|(resource_type, count)| (resource_type.as_str(), *count)).collect(),
            stale_baseline: &end.stale,
            left_on_server: &end.left,
            tally: end.tally,
            cases: Cases(RefCell::new(&mut self.cases)),
            requirements: requirements.iter().map(requirement_json).collect(),
            must_support: &end.must_support,
            cpcds: &end.cpcds,
        };
        write_whole(&self.path, |file| {
            serde_json::to_writer_pretty(&mut *file, &document)?;
            file.write_all(b"\n")
        })
    }
}

impl Reporter for Results {
    fn on(&mut self, event: &Recorded<'_>) -> io::Result<()> {
        match event {
            Recorded::Case { index, case, .. } => self.cases.put(*index, &serde_json::to_string(&ShownCase::new(case))?),
            Recorded::Finished(finished) => self.write(finished),
            _ => Ok(()),
        }
    }
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

/// One case, without the requests and answers in full, which `events.ndjson` has.
#[derive(Serialize)]
struct ShownCase<'a> {
    id: &'a str,
    title: &'a str,
    level: Level,
    requirements: &'a [String],
    origin: &'a str,
    outcome: Outcome,
    examined: usize,
    findings: &'a [Finding],
    #[serde(skip_serializing_if = "is_zero")]
    more_findings: usize,
    reason: Option<&'a str>,
    known: Option<&'a str>,
    duration_ms: f64,
    exchanges: Vec<ShownExchange<'a>>,
    #[serde(skip_serializing_if = "is_zero")]
    more_exchanges: usize,
    ran: bool,
}

#[derive(Serialize)]
struct ShownExchange<'a> {
    method: &'a str,
    url: &'a str,
    status: Option<u16>,
    content_type: Option<&'a str>,
    bytes: Option<usize>,
    error: Option<&'a str>,
    attempts: u32,
    retries: &'a [String],
    started: &'a str,
    duration_ms: f64,
}

impl<'a> ShownCase<'a> {
    fn new(case: &'a Case) -> Self {
        Self {
            id: &case.id,
            title: &case.title,
            level: case.level,
            requirements: &case.requirements,
            origin: &case.origin,
            outcome: case.outcome,
            examined: case.examined,
            findings: &case.findings,
            more_findings: case.more_findings,
            reason: case.reason.as_deref(),
            known: case.known.as_deref(),
            duration_ms: case.duration_ms,
            exchanges: case.exchanges.iter().map(ShownExchange::new).collect(),
            more_exchanges: case.more_exchanges,
            ran: case.ran,
        }
    }
}

impl<'a> ShownExchange<'a> {
    fn new(exchange: &'a Exchange) -> Self {
        Self {
            method: &exchange.method,
            url: &exchange.url,
            status: exchange.status,
            content_type: exchange.content_type.as_deref(),
            bytes: exchange.bytes,
            error: exchange.error.as_deref(),
            attempts: exchange.attempts,
            retries: &exchange.retries,
            started: &exchange.started,
            duration_ms: exchange.duration_ms,
        }
    }
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}
