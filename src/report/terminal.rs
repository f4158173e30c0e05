//! What a person at a terminal, or a reader of a log, sees: one block for each case that needs attention, the summary last.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::clean::{clean, shorten};
use super::record::asked;
use super::recorded::{Case, Finished, Recorded, Start};
use super::support;
use super::{Options, Reporter};
use crate::check::outcome::Outcome;
use crate::run::event::{Stage, StopReason, Tally, Verdict};

/// Findings shown for one case.
const MOST_FINDINGS: usize = 5;
/// Ids repeated at the end.
const MOST_REPEATED: usize = 50;
/// Characters of one foreign text.
const MOST_TEXT: usize = 400;

/// Which cases are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Show {
    /// Failures, errors, and required cases without an answer.
    #[default]
    Fail,
    /// Those and warnings.
    Warn,
    /// Every case.
    All,
}

/// The reporter.
pub struct Terminal {
    out: Box<dyn Write>,
    show: Show,
    strict: bool,
    bar: ProgressBar,
    /// Cases of the whole plan, in which the numbers of cases count.
    whole: usize,
    failed: Vec<String>,
}

impl Terminal {
    /// Standard output, with a progress bar on standard error when that is a terminal.
    pub fn for_process(options: &Options) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        Self { bar, ..Self::new(Box::new(anstream::stdout()), options) }
    }

    /// Any writer, without a progress bar.
    pub fn new(out: Box<dyn Write>, options: &Options) -> Self {
        Self { out, show: options.show, strict: false, bar: ProgressBar::hidden(), whole: 0, failed: Vec::new() }
    }

    fn say(&mut self, text: &str) -> io::Result<()> {
        let out = &mut self.out;
        self.bar.suspend(|| out.write_all(text.as_bytes()).and_then(|()| out.flush()))
    }

    fn start(&mut self, start: &Start) -> io::Result<()> {
        let facts = &start.facts;
        self.whole = start.plan.cases.max(start.cases);
        self.strict = facts.strict;
        self.bar.set_length(start.cases as u64);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} cases {msg}") {
            self.bar.set_style(style);
        }
        let guides = facts.guides.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let part = start.plan.part.map(|(k, n)| format!("part {k}/{n}: ")).unwrap_or_default();
        let masked = if facts.show_member_data { "" } else { "Member data is masked: --show-member-data shows it.\n" };
        let line = format!(
            "{} {} · {} · {guides} · {part}{} cases, {} required\n{masked}\n",
            start.tool.name,
            start.tool.version,
            bounded(&facts.target),
            start.cases,
            start.required
        );
        self.say(&line)
    }

    fn case(&mut self, index: usize, case: &Case, tally: Tally) -> io::Result<()> {
        self.bar.set_position(tally.total() as u64);
        let required = case.level.is_required();
        let wanted = match case.outcome {
            Outcome::Fail | Outcome::Warn if case.known.is_some() => Show::All,
            Outcome::Fail | Outcome::Error => Show::Fail,
            Outcome::Warn if self.strict => Show::Fail,
            Outcome::Inconclusive if required => Show::Fail,
            Outcome::Warn => Show::Warn,
            Outcome::Pass | Outcome::Inconclusive | Outcome::NotApplicable => Show::All,
        };
        if wanted == Show::Fail {
            self.failed.push(format!("{:<12}  {}", case.outcome.word(), clean(&case.id)));
        }
        if wanted > self.show {
            return Ok(());
        }
        let block = self.block(index, case);
        self.say(&block)
    }

    fn block(&self, index: usize, case: &Case) -> String {
        let (word, style) = label(case);
        let seconds = case.duration_ms / 1000.0;
        let width = self.whole.to_string().len();
        let mut block = format!("{style}{word:>7}{style:#} [{seconds:>7.3}s] ({:>width$}/{}) {}\n", index + 1, self.whole, clean(&case.id));
        if matches!(case.outcome, Outcome::Pass | Outcome::NotApplicable) {
            if let Some(reason) = &case.reason {
                block.push_str(&format!("        {}\n", bounded(reason)));
            }
            return block;
        }
        let level = asked(case.level, &case.requirements);
        if let Some(reason) = &case.reason {
            block.push_str(&format!("        {level}: {}\n", bounded(reason)));
        }
        for finding in case.findings.iter().take(MOST_FINDINGS) {
            block.push_str(&format!("        {}   at {}   {level}\n", clean(&finding.check), bounded(&finding.at)));
            block.push_str(&format!(
                "          expected  {}\n          actual    {}\n",
                bounded(&finding.expected),
                bounded(&finding.actual)
            ));
        }
        let findings = case.findings.len() + case.more_findings;
        if findings > MOST_FINDINGS {
            block.push_str(&format!("        and {} more findings\n", findings - MOST_FINDINGS));
        }
        if let Some(known) = &case.known {
            block.push_str(&format!("        known: {}\n", clean(known)));
        }
        let broken = case.exchanges.iter().rev().find(|exchange| exchange.error.is_some());
        if let Some(line) = broken.or(case.exchanges.first()).and_then(|exchange| exchange.curl.as_deref()) {
            block.push_str(&format!("        {line}\n"));
        }
        block
    }

    fn finish(&mut self, finished: &Finished<'_>) -> io::Result<()> {
        let summary = finished.end;
        self.bar.finish_and_clear();
        let mut end = "────────────\n".to_owned();
        for line in self.failed.iter().take(MOST_REPEATED) {
            end.push_str(&format!("  {line}\n"));
        }
        if self.failed.len() > MOST_REPEATED {
            end.push_str(&format!("  and {} more\n", self.failed.len() - MOST_REPEATED));
        }
        let tally = summary.tally;
        end.push_str(&format!(
            "  Summary [{:.1}s] {} cases: {} passed, {} failed, {} warned, {} inconclusive, {} not applicable, {} in error; {} requests\n",
            summary.duration_ms / 1000.0,
            tally.total(),
            tally.pass,
            tally.fail,
            tally.warn,
            tally.inconclusive,
            tally.not_applicable,
            tally.error,
            summary.requests,
        ));
        for line in finished.requirements.lines() {
            end.push_str(&format!("  {line}\n"));
        }
        if let Some(line) = support::line(&summary.must_support) {
            end.push_str(&format!("  {line}\n"));
        }
        if !summary.left.is_empty() {
            end.push_str(&format!("  {} resources that the run made are still on the server:\n", summary.left.len()));
        }
        for line in summary.left.iter().take(MOST_REPEATED) {
            end.push_str(&format!("    {}\n", clean(line)));
        }
        if let Some(line) = finished.start.resumed() {
            end.push_str(&format!("  {}\n", bounded(&line)));
        }
        let files = &finished.start.facts.out;
        if summary.stop == StopReason::Interrupted {
            let rest = if files.is_some() { "; the same command with --resume runs the rest" } else { "" };
            end.push_str(&format!("  The run was stopped; the reports hold what was measured{rest}.\n"));
        }
        if let Some(files) = files {
            end.push_str(&format!("  Reports: {}\n", clean(files)));
        }
        let (word, color) = match summary.verdict {
            Verdict::Conformant => ("CONFORMANT", AnsiColor::Green),
            Verdict::Deviates => ("DEVIATES", AnsiColor::Red),
            Verdict::NotMeasured => ("NOT MEASURED", AnsiColor::Yellow),
        };
        let style = color.on_default().bold();
        end.push_str(&format!("{style}{word}{style:#}: {}\n", bounded(&summary.because)));
        self.say(&end)
    }
}

/// Foreign text for one line.
fn bounded(text: &str) -> String {
    shorten(&clean(text), MOST_TEXT)
}

fn label(case: &Case) -> (&'static str, Style) {
    if case.known.is_some() {
        return ("KNOWN", AnsiColor::Cyan.on_default());
    }
    match case.outcome {
        Outcome::Pass => ("PASS", AnsiColor::Green.on_default()),
        Outcome::Fail => ("FAIL", AnsiColor::Red.on_default().bold()),
        Outcome::Warn => ("WARN", AnsiColor::Yellow.on_default()),
        Outcome::Inconclusive => ("????", AnsiColor::Yellow.on_default()),
        Outcome::NotApplicable => ("N/A", Style::new().dimmed()),
        Outcome::Error => ("ERROR", AnsiColor::Magenta.on_default().bold()),
    }
}

impl Reporter for Terminal {
    fn on(&mut self, event: &Recorded<'_>) -> io::Result<()> {
        match event {
            Recorded::Started(start) => self.start(start),
            Recorded::Stage(stage) => {
                self.bar.set_message(match stage {
                    Stage::Discover => "reading the declaration",
                    Stage::Harvest => "harvesting the record",
                    Stage::Judge => "judging",
                });
                Ok(())
            }
            Recorded::Retried { url, reason } => {
                let line = format!("  RETRY  {}: {}\n", bounded(url), bounded(reason));
                self.say(&line)
            }
            Recorded::Harvested(_) | Recorded::CaseStarted { .. } => Ok(()),
            Recorded::Case { index, case, tally } => self.case(*index, case, *tally),
            Recorded::Finished(finished) => self.finish(finished),
        }
    }
}
