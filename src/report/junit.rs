//! `junit.xml`: every case as a test case, for pipelines. Nothing that was not measured looks green.

use std::io::{self, Write};
use std::path::PathBuf;

use junit_report::{Duration, OffsetDateTime, Report, TestCase, TestSuite};
use serde::{Deserialize, Serialize};
use time::format_description::well_known::Rfc3339;

use super::Reporter;
use super::clean::{clean, shorten};
use super::files::write_whole;
use super::groups::Groups;
use super::recorded::{Case, Recorded};
use super::spool::Spool;
use crate::check::outcome::Outcome;

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
    member_data: &'static str,
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
        Self { cases: Spool::beside(&path), path, member_data: "", strict: false, started: None, suites: Groups::default() }
    }

    fn add(&mut self, index: usize, case: &Case) -> io::Result<()> {
        let (suite, name) = split(&clean(&case.id));
        let message = message(case);
        let kind = case.findings.first().map_or("finding", |finding| finding.check.as_str());
        let mark = match case.outcome {
            Outcome::Pass => Mark::Success,
            Outcome::Fail | Outcome::Warn if case.known.is_some() => {
                Mark::Skipped("known".to_owned(), format!("known: {}", clean(case.known.as_deref().unwrap_or_default())))
            }
            Outcome::Warn if !self.strict => Mark::Success,
            Outcome::Fail | Outcome::Warn => Mark::Failure(clean(kind), message),
            Outcome::Inconclusive if case.level.is_required() => Mark::Error("inconclusive".to_owned(), message),
            Outcome::Inconclusive => Mark::Skipped("inconclusive".to_owned(), message),
            Outcome::NotApplicable => Mark::Skipped("not-applicable".to_owned(), message),
            Outcome::Error => Mark::Error("transport".to_owned(), message),
        };
        let milliseconds = milliseconds(case.duration_ms);
        let told = Told { name, milliseconds, mark, details: self.details(case) };
        self.suites.put(index, &suite);
        self.cases.put(index, &serde_json::to_string(&told)?)
    }

    /// Level, requirements, findings and requests; the format has no place of their own for them.
    fn details(&self, case: &Case) -> String {
        let mut lines = vec![text(&case.title), format!("level: {}", case.level.word()), format!("outcome: {}", case.outcome.word())];
        if !case.requirements.is_empty() {
            lines.push(format!("requirements: {}", clean(&case.requirements.join(" "))));
        }
        lines.push(format!("examined: {}", case.examined));
        lines.push(format!("member data: {}", self.member_data));
        for finding in case.findings.iter().take(MOST_FINDINGS) {
            lines.push(format!(
                "{} at {}: expected {}, actual {}",
                clean(&finding.check),
                text(&finding.at),
                text(&finding.expected),
                text(&finding.actual)
            ));
        }
        let findings = case.findings.len() + case.more_findings;
        if findings > MOST_FINDINGS {
            lines.push(format!("and {} more findings", findings - MOST_FINDINGS));
        }
        lines.extend(case.exchanges.iter().filter_map(|exchange| exchange.curl.clone()));
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

fn message(case: &Case) -> String {
    match (case.findings.first(), &case.reason) {
        (Some(finding), _) => {
            let more = case.findings.len() + case.more_findings - 1;
            let more = if more > 0 { format!(" (and {more} more)") } else { String::new() };
            format!("{}: expected {}, actual {}{more}", text(&finding.at), text(&finding.expected), text(&finding.actual))
        }
        (None, Some(reason)) => text(reason),
        (None, None) => String::new(),
    }
}

fn text(text: &str) -> String {
    shorten(&clean(text), MOST_TEXT)
}

impl Reporter for Junit {
    fn on(&mut self, event: &Recorded<'_>) -> io::Result<()> {
        match event {
            Recorded::Started(start) => {
                self.member_data = start.member_data();
                self.strict = start.facts.strict;
                self.started = OffsetDateTime::parse(&start.facts.started, &Rfc3339).ok();
                Ok(())
            }
            Recorded::Case { index, case, .. } => self.add(*index, case),
            Recorded::Finished(_) => self.write(),
            _ => Ok(()),
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
