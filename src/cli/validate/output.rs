//! What is printed: lines for people, one JSON array, or NDJSON.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};

use anstyle::{AnsiColor, Style};

use super::judged::{Judged, Located};
use crate::report::Mask;
use crate::validate::Severity;

/// How to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people: a line a finding, with the place first.
    Text,
    /// One JSON array.
    Json,
    /// A JSON object a line.
    Ndjson,
}

/// What was counted.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub resources: usize,
    pub invalid: usize,
    undecided_codes: usize,
    by_rule: BTreeMap<(Severity, String), usize>,
}

/// Where results go. A reader that has gone away is no error; a full disk is.
pub struct Output {
    format: Format,
    summary: bool,
    least: Severity,
    tally: Tally,
    out: BufWriter<Box<dyn Write + Send>>,
    state: State,
    mask: Mask,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Fine,
    Closed,
    Failed,
}

impl Output {
    pub fn new(format: Format, summary: bool, least: Severity, mask: Mask) -> Self {
        let out: Box<dyn Write + Send> = match format {
            Format::Text => Box::new(anstream::stdout()),
            Format::Json | Format::Ndjson => Box::new(io::stdout()),
        };
        let out = BufWriter::with_capacity(64 * 1024, out);
        Self { format, summary, least, tally: Tally::default(), out, state: State::Fine, mask }
    }

    /// Whether nothing more can be written.
    pub fn is_broken(&self) -> bool {
        self.state != State::Fine
    }

    /// Takes one judged resource.
    pub fn write(&mut self, mut judged: Judged) {
        self.count(&judged);
        if self.is_broken() {
            return;
        }
        judged.hide(&self.mask);
        let judged = &judged;
        let written = match self.format {
            Format::Text if self.summary => Ok(()),
            Format::Text => self.text(judged),
            Format::Json => self.json(judged, if self.tally.resources == 1 { "[" } else { ",\n" }),
            Format::Ndjson => self.json(judged, "").and_then(|()| self.out.write_all(b"\n")),
        };
        self.note(written);
    }

    /// Writes the end; `None` when not everything could be written.
    pub fn finish(mut self) -> Option<Tally> {
        let end = match self.format {
            Format::Json if self.tally.resources == 0 => self.out.write_all(b"[]\n"),
            Format::Json => self.out.write_all(b"]\n"),
            Format::Ndjson => Ok(()),
            Format::Text => self.end(),
        };
        let end = end.and_then(|()| self.out.flush());
        if self.state == State::Fine {
            self.note(end);
        }
        if self.summary && self.format != Format::Text {
            anstream::eprint!("{}", self.rules());
        }
        (self.state != State::Failed).then_some(self.tally)
    }

    fn note(&mut self, written: io::Result<()>) {
        if let Err(error) = written {
            self.state = if error.kind() == io::ErrorKind::BrokenPipe { State::Closed } else { State::Failed };
            if self.state == State::Failed {
                anstream::eprintln!("payerspec: cannot write the results: {error}");
            }
        }
    }

    fn count(&mut self, judged: &Judged) {
        self.tally.resources += 1;
        self.tally.invalid += usize::from(!judged.valid);
        self.tally.undecided_codes += judged.undecided_codes;
        for Located { finding, .. } in judged.findings.iter().filter(|located| located.finding.severity >= self.least) {
            *self.tally.by_rule.entry((finding.severity, finding.rule.to_string())).or_default() += 1;
        }
    }

    fn json(&mut self, judged: &Judged, before: &str) -> io::Result<()> {
        self.out.write_all(before.as_bytes())?;
        if judged.findings.iter().all(|located| located.finding.severity >= self.least) {
            return Ok(serde_json::to_writer(&mut self.out, judged)?);
        }
        let mut kept = judged.clone();
        kept.findings.retain(|located| located.finding.severity >= self.least);
        Ok(serde_json::to_writer(&mut self.out, &kept)?)
    }

    fn text(&mut self, judged: &Judged) -> io::Result<()> {
        for Located { finding, line, column, .. } in judged.findings.iter().filter(|located| located.finding.severity >= self.least) {
            let place: String = [*line, *column].into_iter().flatten().map(|number| format!(":{number}")).collect();
            let (style, reset) = (colour(finding.severity), anstyle::Reset);
            let word = word(finding.severity);
            writeln!(self.out, "{}{place}: {style}{word}{reset} {}: {}", judged.file, finding.rule, finding.path)?;
            writeln!(self.out, "    expected {}, got {}: {}", finding.expected, finding.actual, finding.message)?;
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        if self.summary {
            let rules = self.rules();
            self.out.write_all(rules.as_bytes())?;
        }
        let Tally { resources, invalid, undecided_codes, .. } = self.tally;
        write!(self.out, "{resources} resources, {invalid} with errors")?;
        if undecided_codes > 0 {
            write!(self.out, ", {undecided_codes} codes not decidable offline")?;
        }
        writeln!(self.out)?;
        if !self.mask.shows() && !self.summary && !self.tally.by_rule.is_empty() {
            writeln!(self.out, "Member data is masked: --show-member-data shows it.")?;
        }
        Ok(())
    }

    fn rules(&self) -> String {
        let rows = self.tally.by_rule.iter().rev();
        rows.map(|((severity, rule), count)| format!("{count:>8}  {:<11}  {rule}\n", word(*severity))).collect()
    }
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information => "information",
    }
}

fn colour(severity: Severity) -> Style {
    let colour = match severity {
        Severity::Error => AnsiColor::Red,
        Severity::Warning => AnsiColor::Yellow,
        Severity::Information => AnsiColor::Cyan,
    };
    Style::new().fg_color(Some(colour.into())).bold()
}
