//! `testreport.json`: the run as a FHIR R4 TestReport (testreport.html), with a test for each case.

use std::io::{self, Write};
use std::path::PathBuf;

use super::Reporter;
use super::clean::{clean, shorten};
use super::files::write_whole;
use super::recorded::{Case, Finished, Recorded};
use super::spool::Spool;
use crate::check::outcome::Outcome;
use crate::fhir::json::{Value, json};
use crate::run::event::{StopReason, Tally, Verdict};

/// Findings told in the message of a test.
const MOST_FINDINGS: usize = 5;
/// Characters of one foreign text.
const MOST_TEXT: usize = 1000;

/// The reporter.
pub struct TestReport {
    path: PathBuf,
    /// The test of each case.
    tests: Spool,
}

impl TestReport {
    /// Writes to `path` when the run ends.
    pub fn new(path: PathBuf) -> Self {
        Self { tests: Spool::beside(&path), path }
    }

    fn write(&mut self, finished: &Finished<'_>) -> io::Result<()> {
        let head = head(finished).to_string();
        // The tests are the last member of the resource, and may be more than fit in memory.
        let open = head.strip_suffix('}').unwrap_or(&head);
        let (path, numbers) = (self.path.clone(), self.tests.numbers());
        write_whole(&path, |file| {
            file.write_all(open.as_bytes())?;
            // An array may not be empty in FHIR.
            for (place, number) in numbers.iter().enumerate() {
                file.write_all(if place == 0 { b",\"test\":[\n" } else { b",\n" })?;
                file.write_all(self.tests.get(*number)?.as_bytes())?;
            }
            file.write_all(if numbers.is_empty() { b"}\n" } else { b"\n]}\n" })
        })
    }
}

impl Reporter for TestReport {
    fn on(&mut self, event: &Recorded<'_>) -> io::Result<()> {
        match event {
            Recorded::Case { index, case, .. } => self.tests.put(*index, &test(case).to_string()),
            Recorded::Finished(finished) => self.write(finished),
            _ => Ok(()),
        }
    }
}

/// Everything but the tests.
fn head(finished: &Finished<'_>) -> Value {
    let Finished { start, end, .. } = finished;
    let (tool, guides) = (format!("{} {}", start.tool.name, start.tool.version), &start.facts.guides);
    let judged_by = guides.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let mut head = json!({
        "resourceType": "TestReport",
        "name": "payerspec",
        "status": match &end.stop {
            StopReason::Completed => "completed",
            StopReason::Interrupted | StopReason::TimeUp | StopReason::Unmeasurable(_) => "stopped",
        },
        // There is no TestScript: the tests are made from the guides and what the server declares.
        "testScript": {"display": clean(&format!("{tool}: {judged_by}"))},
        "result": match end.verdict {
            Verdict::Conformant => "pass",
            Verdict::Deviates => "fail",
            Verdict::NotMeasured => "pending",
        },
        "tester": tool,
        "participant": [
            {"type": "test-engine", "uri": format!("urn:payerspec:{}", start.tool.version), "display": tool},
            {"type": "server", "uri": clean(&start.facts.target)},
        ],
    });
    if let Some(score) = score(end.tally) {
        head["score"] = score;
    }
    if !end.finished.is_empty() {
        head["issued"] = json!(end.finished);
    }
    head
}

/// The percentage of the tests with an answer that passed, to two places.
fn score(tally: Tally) -> Option<Value> {
    let answered = tally.pass + tally.fail + tally.warn;
    let hundredths = (tally.pass * 10_000).checked_div(answered)?;
    serde_json::from_str(&format!("{}.{:02}", hundredths / 100, hundredths % 100)).ok()
}

/// A case as a test with one assertion.
fn test(case: &Case) -> Value {
    let result = match case.outcome {
        Outcome::Pass => "pass",
        Outcome::Fail => "fail",
        Outcome::Warn => "warning",
        Outcome::Inconclusive | Outcome::NotApplicable => "skip",
        Outcome::Error => "error",
    };
    let mut assertion = json!({"result": result});
    let message = message(case);
    if !message.is_empty() {
        assertion["message"] = json!(message);
    }
    let mut test = json!({"name": clean(&case.id)});
    if !case.title.trim().is_empty() {
        test["description"] = json!(text(&case.title));
    }
    test["action"] = json!([{"assert": assertion}]);
    test
}

/// Why it ended so: Markdown, in which nothing of a server's is markup.
fn message(case: &Case) -> String {
    let known = case.known.iter().map(|known| format!("known: {}", text(known)));
    let reason = case.reason.iter().map(|reason| text(reason));
    let findings = case.findings.iter().take(MOST_FINDINGS).map(|finding| {
        let [check, at, expected, actual] = [&finding.check, &finding.at, &finding.expected, &finding.actual].map(|part| text(part));
        format!("{check} at {at}: expected {expected}; actual {actual}")
    });
    let more = (case.findings.len() + case.more_findings).saturating_sub(MOST_FINDINGS);
    let more = (more > 0).then(|| format!("and {more} more"));
    known.chain(reason).chain(findings).chain(more).collect::<Vec<_>>().join("; ")
}

fn text(said: &str) -> String {
    super::markdown::escape(&shorten(said, MOST_TEXT))
}
