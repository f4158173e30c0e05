//! `junit.xml`: every case as a test case, for pipelines. Nothing that was not measured looks green.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use junit_report::{Duration, OffsetDateTime, ReportBuilder, TestCase, TestCaseBuilder, TestSuite};
use time::format_description::well_known::Rfc3339;

use super::Reporter;
use super::clean::clean;
use super::curl::curl;
use super::files::write_whole;
use super::mask::mask;
use crate::check::outcome::Outcome;
use crate::plan::Case;
use crate::run::event::{CaseResult, Event};

/// The reporter.
pub struct Junit {
    path: PathBuf,
    show_member_data: bool,
    strict: bool,
    started: Option<OffsetDateTime>,
    /// By place in the plan, with the name of the suite.
    cases: BTreeMap<usize, (String, TestCase)>,
}

impl Junit {
    /// Writes to `path` when the run ends.
    pub fn new(path: PathBuf, show_member_data: bool) -> Self {
        Self { path, show_member_data, strict: false, started: None, cases: BTreeMap::new() }
    }

    fn add(&mut self, index: usize, case: &Case, result: &CaseResult) {
        let (suite, name) = split(&case.id);
        let text = |text: &str| clean(&mask(text, self.show_member_data));
        let time = Duration::seconds_f64(result.duration_ms.max(0.0) / 1000.0);
        let message = message(result, &text);
        let kind = result.findings.first().map_or("finding", |finding| finding.check.as_str());
        let mut builder = match result.outcome {
            Outcome::Pass => TestCaseBuilder::success(&name, time),
            Outcome::Fail | Outcome::Warn if result.known.is_some() => TestCaseBuilder::skipped_with_cause(
                &name,
                "known",
                &format!("known: {}", text(result.known.as_deref().unwrap_or_default())),
            ),
            Outcome::Warn if !self.strict => TestCaseBuilder::success(&name, time),
            Outcome::Fail | Outcome::Warn => TestCaseBuilder::failure(&name, time, &clean(kind), &message),
            Outcome::Inconclusive if case.level.is_required() => TestCaseBuilder::error(&name, time, "inconclusive", &message),
            Outcome::Inconclusive => TestCaseBuilder::skipped_with_cause(&name, "inconclusive", &message),
            Outcome::NotApplicable => TestCaseBuilder::skipped_with_cause(&name, "not-applicable", &message),
            Outcome::Error => TestCaseBuilder::error(&name, time, "transport", &message),
        };
        builder.set_classname(&suite);
        builder.set_system_out(&self.details(case, result, &text));
        self.cases.insert(index, (suite, builder.build()));
    }

    /// Level, requirements, findings and requests; the format has no place of their own for them.
    fn details(&self, case: &Case, result: &CaseResult, text: &dyn Fn(&str) -> String) -> String {
        let mut lines = vec![text(&case.title), format!("level: {}", case.level.word()), format!("outcome: {}", result.outcome.word())];
        if !case.requirements.is_empty() {
            lines.push(format!("requirements: {}", case.requirements.join(" ")));
        }
        lines.push(format!("examined: {}", result.examined));
        for finding in &result.findings {
            lines.push(format!(
                "{} at {}: expected {}, actual {}",
                finding.check,
                text(&finding.at),
                text(&finding.expected),
                text(&finding.actual)
            ));
        }
        if !matches!(result.outcome, Outcome::Pass | Outcome::NotApplicable) {
            lines.extend(result.exchanges.iter().map(|exchange| text(&curl(exchange))));
        }
        lines.join("\n")
    }

    fn write(&mut self) -> io::Result<()> {
        let mut suites: Vec<TestSuite> = Vec::new();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        for (name, case) in std::mem::take(&mut self.cases).into_values() {
            let place = *places.entry(name.clone()).or_insert_with(|| {
                let mut suite = TestSuite::new(&name);
                suite.set_timestamp(self.started.unwrap_or(OffsetDateTime::UNIX_EPOCH));
                suites.push(suite);
                suites.len() - 1
            });
            if let Some(suite) = suites.get_mut(place) {
                suite.add_testcase(case);
            }
        }
        let report = ReportBuilder::new().add_testsuites(suites).build();
        let mut content = Vec::new();
        report.write_xml(&mut content).map_err(io::Error::other)?;
        write_whole(&self.path, &content)
    }
}

/// The suite, which is guide and resource type, and the rest of a case id.
fn split(id: &str) -> (String, String) {
    let mut dots = id.match_indices('.').map(|(place, _)| place);
    let (first, second) = (dots.next(), dots.next());
    let place = second.or(first);
    place
        .and_then(|place| Some((id.get(..place)?.to_owned(), id.get(place + 1..)?.to_owned())))
        .unwrap_or_else(|| (id.to_owned(), id.to_owned()))
}

fn message(result: &CaseResult, text: &dyn Fn(&str) -> String) -> String {
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
            Event::RunStarted { facts, .. } => {
                self.strict = facts.strict;
                self.started = OffsetDateTime::parse(&facts.started, &Rfc3339).ok();
                Ok(())
            }
            Event::CaseFinished { index, case, result, .. } => {
                self.add(*index, case, result);
                Ok(())
            }
            Event::RunFinished { .. } => self.write(),
            Event::StageStarted { .. } | Event::RequestRetried { .. } | Event::CaseStarted { .. } => Ok(()),
        }
    }
}
