//! `junit.xml`: every case as a test case, for pipelines. Nothing that was not measured looks green.

use std::io::{self, Write};
use std::path::PathBuf;

use junit_report::{Duration, OffsetDateTime, Report, TestCase, TestSuite};
use serde::{Deserialize, Serialize};
use time::format_description::well_known::Rfc3339;

use super::Reporter;
use super::clean::{clean, shorten};
use super::curl::curl;
use super::files::write_whole;
use super::groups::Groups;
use super::mask::Mask;
use super::spool::Spool;
use crate::check::outcome::Outcome;
use crate::check::said::Said;
use crate::plan::Case;
use crate::run::event::{CaseResult, Event};

/// Findings listed for one case.
const MOST_FINDINGS: usize = 50;
/// Characters of one foreign text.
const MOST_TEXT: usize = 2000;
/// How the only suite of a report begins.
const FIRST: &str = "<testsuite id=\"0\"";
/// How a report ends.
const END: &str = "</testsuites>";

/// The reporter.
pub struct Junit {
    path: PathBuf,
    mask: Mask,
    strict: bool,
    started: Option<OffsetDateTime>,
    suites: Groups,
    cases: Spool,
}

/// A test case as it waits for the end of the run.
#[derive(Serialize, Deserialize)]
struct Told {
    name: String,
    milliseconds: i64,
    mark: Mark,
    details: String,
}

/// How a test case is marked, with the mark's type and message.
#[derive(Serialize, Deserialize)]
enum Mark {
    Success,
    Skipped(String, String),
    Failure(String, String),
    Error(String, String),
}

impl Junit {
    /// Writes to `path` when the run ends.
    pub fn new(path: PathBuf) -> Self {
        Self { cases: Spool::beside(&path), path, mask: Mask::default(), strict: false, started: None, suites: Groups::default() }
    }

    fn add(&mut self, index: usize, case: &Case, result: &CaseResult) -> io::Result<()> {
        let (suite, name) = split(&clean(&case.id()));
        let text = |said: &Said| shorten(&clean(&self.mask.said(said)), MOST_TEXT);
        let message = message(result, &text);
        let kind = result.findings.first().map_or("finding", |finding| finding.check.as_str());
        let mark = match result.outcome {
            Outcome::Pass => Mark::Success,
            Outcome::Fail | Outcome::Warn if result.known.is_some() => {
                Mark::Skipped("known".to_owned(), format!("known: {}", clean(result.known.as_deref().unwrap_or_default())))
            }
            Outcome::Warn if !self.strict => Mark::Success,
            Outcome::Fail | Outcome::Warn => Mark::Failure(clean(kind), message),
            Outcome::Inconclusive if case.level.is_required() => Mark::Error("inconclusive".to_owned(), message),
            Outcome::Inconclusive => Mark::Skipped("inconclusive".to_owned(), message),
            Outcome::NotApplicable => Mark::Skipped("not-applicable".to_owned(), message),
            Outcome::Error => Mark::Error("transport".to_owned(), message),
        };
        let milliseconds = milliseconds(result.duration_ms);
        let told = Told { name, milliseconds, mark, details: self.details(case, result, &text) };
        self.suites.put(index, &suite);
        self.cases.put(index, &serde_json::to_string(&told)?)
    }

    /// Level, requirements, findings and requests; the format has no place of their own for them.
    fn details(&self, case: &Case, result: &CaseResult, text: &dyn Fn(&Said) -> String) -> String {
        let mut lines = vec![
            shorten(&clean(&case.title()), MOST_TEXT),
            format!("level: {}", case.level.word()),
            format!("outcome: {}", result.outcome.word()),
        ];
        if !case.requirements().is_empty() {
            lines.push(format!("requirements: {}", clean(&case.requirements().join(" "))));
        }
        lines.push(format!("examined: {}", result.examined));
        lines.push(format!("member data: {}", self.mask.word()));
        for finding in result.findings.iter().take(MOST_FINDINGS) {
            lines.push(format!(
                "{} at {}: expected {}, actual {}",
                clean(&finding.check),
                text(&finding.at),
                text(&finding.expected),
                text(&finding.actual)
            ));
        }
        if result.findings.len() > MOST_FINDINGS {
            lines.push(format!("and {} more findings", result.findings.len() - MOST_FINDINGS));
        }
        if !matches!(result.outcome, Outcome::Pass | Outcome::NotApplicable) {
            lines.extend(result.exchanges.iter().map(|exchange| curl(exchange, &self.mask).text));
        }
        lines.join("\n")
    }

    /// Writes one suite at a time, since all together are larger than everything else in memory.
    fn write(&mut self) -> io::Result<()> {
        let suites = self.suites.in_order();
        let (cases, started) = (&mut self.cases, self.started.unwrap_or(OffsetDateTime::UNIX_EPOCH));
        write_whole(&self.path, |file| {
            if suites.is_empty() {
                return Report::new().write_xml(file).map_err(io::Error::other);
            }
            for (place, (name, numbers)) in suites.iter().enumerate() {
                let mut suite = TestSuite::new(name);
                suite.set_timestamp(started);
                for number in numbers {
                    suite.add_testcase(serde_json::from_str::<Told>(&cases.get(*number)?)?.test_case(name));
                }
                settle(&mut suite);
                let text = alone(suite)?;
                let (head, rest) = text.split_once(FIRST).ok_or_else(|| io::Error::other("a suite without its start"))?;
                let (body, tail) = rest.rsplit_once(END).ok_or_else(|| io::Error::other("a suite without its end"))?;
                if place == 0 {
                    file.write_all(head.as_bytes())?;
                }
                write!(file, "<testsuite id=\"{place}\"{body}")?;
                if place + 1 == suites.len() {
                    write!(file, "{END}{tail}")?;
                }
            }
            Ok(())
        })
    }
}

/// A report that holds only this suite.
fn alone(suite: TestSuite) -> io::Result<String> {
    let mut report = Report::new();
    report.add_testsuite(suite);
    let mut text = Vec::new();
    report.write_xml(&mut text).map_err(io::Error::other)?;
    String::from_utf8(text).map_err(io::Error::other)
}

impl Told {
    fn test_case(self, suite: &str) -> TestCase {
        let time = Duration::milliseconds(self.milliseconds);
        let mut case = match self.mark {
            Mark::Success => TestCase::success(&self.name, time),
            Mark::Skipped(kind, message) => TestCase::skipped_with_cause(&self.name, &kind, &message),
            Mark::Failure(kind, message) => TestCase::failure(&self.name, time, &kind, &message),
            Mark::Error(kind, message) => TestCase::error(&self.name, time, &kind, &message),
        };
        case.set_classname(suite);
        case.set_system_out(&self.details);
        case
    }
}

/// The suite, which is guide and resource type, and the rest of a case id.
fn split(id: &str) -> (String, String) {
    let id = if id.is_empty() { "case" } else { id };
    let mut dots = id.match_indices('.').map(|(place, _)| place);
    let (first, second) = (dots.next(), dots.next());
    let part = |text: Option<&str>| text.filter(|text| !text.is_empty()).unwrap_or(id).to_owned();
    let place = second.or(first).unwrap_or(id.len());
    (part(id.get(..place)), part(id.get(place + 1..)))
}

/// Whole milliseconds: readers take no more than three decimal places.
fn milliseconds(duration_ms: f64) -> i64 {
    let whole = if duration_ms.is_finite() { duration_ms.clamp(0.0, 1e12).round() } else { 0.0 };
    whole as i64
}

/// The suite's time is written as a binary fraction, which for some sums has more than three decimal places: the last case yields.
fn settle(suite: &mut TestSuite) {
    while suite.time().as_seconds_f64().to_string().split_once('.').is_some_and(|(_, places)| places.len() > 3) {
        let Some(case) = suite.testcases.last_mut() else { return };
        case.time += Duration::MILLISECOND;
    }
}

fn message(result: &CaseResult, text: &dyn Fn(&Said) -> String) -> String {
    match (result.findings.first(), &result.reason) {
        (Some(finding), _) => {
            let more = if result.findings.len() > 1 { format!(" (and {} more)", result.findings.len() - 1) } else { String::new() };
            format!("{}: expected {}, actual {}{more}", text(&finding.at), text(&finding.expected), text(&finding.actual))
        }
        (None, Some(reason)) => text(reason),
        (None, None) => String::new(),
    }
}

impl Reporter for Junit {
    fn on(&mut self, event: &Event<'_>) -> io::Result<()> {
        match event {
            Event::RunStarted { facts, catalogue, .. } => {
                self.mask = Mask::new(facts, catalogue);
                self.strict = facts.strict;
                self.started = OffsetDateTime::parse(&facts.started, &Rfc3339).ok();
                Ok(())
            }
            Event::CaseFinished { index, case, result, .. } => self.add(*index, case, result),
            Event::RunFinished { .. } => self.write(),
            Event::StageStarted { .. } | Event::RequestRetried { .. } | Event::CaseStarted { .. } => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_at_most_three_places() {
        for case in [31_952.0, 0.04, 38.2004, 1e300, -1.0, f64::NAN] {
            let mut suite = TestSuite::new("suite");
            suite.add_testcase(TestCase::success("one", Duration::milliseconds(milliseconds(case))));
            settle(&mut suite);
            for time in [suite.time(), suite.testcases[0].time] {
                let text = time.as_seconds_f64().to_string();
                assert!(text.split_once('.').is_none_or(|(_, places)| places.len() <= 3), "{case} is written as {text}");
            }
        }
    }

    #[test]
    fn a_case_id_gives_suite_and_name() {
        assert_eq!(split("c4bb.Coverage.search.status"), ("c4bb.Coverage".to_owned(), "search.status".to_owned()));
        assert_eq!(split("metadata.rest"), ("metadata".to_owned(), "rest".to_owned()));
        assert_eq!(split("metadata"), ("metadata".to_owned(), "metadata".to_owned()));
        assert_eq!(split("a.b."), ("a.b".to_owned(), "a.b.".to_owned()));
        assert_eq!(split(""), ("case".to_owned(), "case".to_owned()));
    }
}
