//! What a person at a terminal, or a reader of a log, sees: one block for each case that needs attention, the summary last.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::clean::{clean, shorten};
use super::curl::curl;
use super::mask::Mask;
use super::requirements::Requirements;
use super::support;
use super::{Options, Reporter};
use crate::check::outcome::Outcome;
use crate::check::said::Said;
use crate::plan::Case;
use crate::run::event::{CaseResult, Event, RunSummary, Stage, StopReason, Tally, Verdict};

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
    mask: Mask,
    strict: bool,
    bar: ProgressBar,
    cases: usize,
    failed: Vec<String>,
    requirements: Requirements,
    files: Option<String>,
}

impl Terminal {
    /// Standard output, with a progress bar on standard error when that is a terminal.
    pub fn for_process(options: &Options) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        Self { bar, ..Self::new(Box::new(anstream::stdout()), options) }
    }

    /// Any writer, without a progress bar.
    pub fn new(out: Box<dyn Write>, options: &Options) -> Self {
        Self {
            out,
            show: options.show,
            mask: Mask::default(),
            strict: false,
            bar: ProgressBar::hidden(),
            cases: 0,
            failed: Vec::new(),
            requirements: Requirements::default(),
            files: None,
        }
    }

    fn text(&self, said: &Said) -> String {
        bounded(&self.mask.said(said))
    }

    fn say(&mut self, text: &str) -> io::Result<()> {
        let out = &mut self.out;
        self.bar.suspend(|| out.write_all(text.as_bytes()).and_then(|()| out.flush()))
    }

    fn case(&mut self, index: usize, case: &Case, result: &CaseResult, tally: Tally) -> io::Result<()> {
        self.bar.set_position(tally.total() as u64);
        self.requirements.count(case, result, &self.mask);
        let required = case.level.is_required();
        let wanted = match result.outcome {
            Outcome::Fail | Outcome::Warn if result.known.is_some() => Show::All,
            Outcome::Fail | Outcome::Error => Show::Fail,
            Outcome::Warn if self.strict => Show::Fail,
            Outcome::Inconclusive if required => Show::Fail,
            Outcome::Warn => Show::Warn,
            Outcome::Pass | Outcome::Inconclusive | Outcome::NotApplicable => Show::All,
        };
        if wanted == Show::Fail {
            self.failed.push(format!("{:<12}  {}", result.outcome.word(), clean(&case.id())));
        }
        if wanted > self.show {
            return Ok(());
        }
        let block = self.block(index, case, result);
        self.say(&block)
    }

    fn block(&self, index: usize, case: &Case, result: &CaseResult) -> String {
        let (word, style) = label(result);
        let seconds = result.duration_ms / 1000.0;
        let width = self.cases.to_string().len();
        let mut block =
            format!("{style}{word:>7}{style:#} [{seconds:>7.3}s] ({:>width$}/{}) {}\n", index + 1, self.cases, clean(&case.id()));
        if matches!(result.outcome, Outcome::Pass | Outcome::NotApplicable) {
            if let Some(reason) = &result.reason {
                block.push_str(&format!("        {}\n", self.text(reason)));
            }
            return block;
        }
        let mut level = case.level.word().to_owned();
        for requirement in case.requirements() {
            level.push_str(&format!(", {}", clean(requirement)));
        }
        if let Some(reason) = &result.reason {
            block.push_str(&format!("        {level}: {}\n", self.text(reason)));
        }
        for finding in result.findings.iter().take(MOST_FINDINGS) {
            block.push_str(&format!("        {}   at {}   {level}\n", clean(&finding.check), self.text(&finding.at)));
            block.push_str(&format!(
                "          expected  {}\n          actual    {}\n",
                self.text(&finding.expected),
                self.text(&finding.actual)
            ));
        }
        if result.findings.len() > MOST_FINDINGS {
            block.push_str(&format!("        and {} more findings\n", result.findings.len() - MOST_FINDINGS));
        }
        if let Some(known) = &result.known {
            block.push_str(&format!("        known: {}\n", clean(known)));
        }
        if let Some(exchange) = result.exchanges.iter().rev().find(|exchange| exchange.result.is_err()).or(result.exchanges.first()) {
            block.push_str(&format!("        {}\n", curl(exchange, &self.mask).text));
        }
        block
    }

    fn finish(&mut self, summary: &RunSummary) -> io::Result<()> {
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
        if let Some(line) = self.requirements.line() {
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
        if summary.stop == StopReason::Interrupted {
            end.push_str("  The run was stopped; the reports hold what was measured.\n");
        }
        if let Some(files) = &self.files {
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

fn label(result: &CaseResult) -> (&'static str, Style) {
    if result.known.is_some() {
        return ("KNOWN", AnsiColor::Cyan.on_default());
    }
    match result.outcome {
        Outcome::Pass => ("PASS", AnsiColor::Green.on_default()),
        Outcome::Fail => ("FAIL", AnsiColor::Red.on_default().bold()),
        Outcome::Warn => ("WARN", AnsiColor::Yellow.on_default()),
        Outcome::Inconclusive => ("????", AnsiColor::Yellow.on_default()),
        Outcome::NotApplicable => ("N/A", Style::new().dimmed()),
        Outcome::Error => ("ERROR", AnsiColor::Magenta.on_default().bold()),
    }
}

impl Reporter for Terminal {
    fn on(&mut self, event: &Event<'_>) -> io::Result<()> {
        match event {
            Event::RunStarted { facts, plan, catalogue } => {
                self.mask = Mask::new(facts, catalogue);
                self.requirements.describe(plan, facts);
                self.cases = plan.cases.len();
                self.strict = facts.strict;
                self.files = facts.out.clone();
                self.bar.set_length(self.cases as u64);
                if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} cases {msg}") {
                    self.bar.set_style(style);
                }
                let guides = facts.guides.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                let required = plan.cases.iter().filter(|case| case.level.is_required() && case.not_applicable.is_none()).count();
                let target = bounded(&facts.target);
                let masked = if self.mask.shows() { "" } else { "Member data is masked: --show-member-data shows it.\n" };
                let line = format!(
                    "payerspec {} · {target} · {guides} · {} cases, {required} required\n{masked}\n",
                    env!("CARGO_PKG_VERSION"),
                    self.cases
                );
                self.say(&line)
            }
            Event::StageStarted { stage } => {
                self.bar.set_message(match stage {
                    Stage::Discover => "reading the declaration",
                    Stage::Harvest => "harvesting the record",
                    Stage::Judge => "judging",
                });
                Ok(())
            }
            Event::RequestRetried { url, reason } => {
                let line = format!("  RETRY  {}: {}\n", bounded(&self.mask.url(url)), self.text(reason));
                self.say(&line)
            }
            Event::CaseStarted { .. } => Ok(()),
            Event::CaseFinished { index, case, result, tally } => self.case(*index, case, result, *tally),
            Event::RunFinished { summary } => self.finish(summary),
        }
    }
}
