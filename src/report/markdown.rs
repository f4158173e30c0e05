//! `summary.md`: the verdict and what failed, for a pipeline's job summary.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

use super::Reporter;
use super::clean::{clean, shorten};
use super::files::write_whole;
use super::record::{Record, rank};
use super::recorded::{Finished, Recorded};
use super::support;
use crate::run::event::Verdict;

/// Cases listed; job summaries have a size limit.
const MOST_CASES: usize = 50;
/// Findings shown for one case.
const MOST_FINDINGS: usize = 3;
/// Characters of one foreign text.
const MOST_TEXT: usize = 200;

/// The reporter.
pub struct Markdown {
    path: PathBuf,
    /// How many cases a person should look at.
    attention: usize,
    /// Of those the ones that are listed, by rank and place in the plan: the worst come first, since the list is cut.
    listed: BTreeMap<(u8, usize), Record>,
}

impl Markdown {
    /// Writes to `path` when the run ends.
    pub fn new(path: PathBuf) -> Self {
        Self { path, attention: 0, listed: BTreeMap::new() }
    }

    fn page(&self, finished: &Finished<'_>) -> String {
        let (start, end) = (finished.start, finished.end);
        let (mark, verdict) = match end.verdict {
            Verdict::Conformant => ("✅", "CONFORMANT"),
            Verdict::Deviates => ("❌", "DEVIATES"),
            Verdict::NotMeasured => ("⚠️", "NOT MEASURED"),
        };
        let mut page = format!("# {mark} {verdict}\n\n{}\n\n", escape(&end.because));
        let guides = start.facts.guides.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        page.push_str(&format!(
            "payerspec {} · {} · {} · {:.1} s · {} requests\n\n",
            escape(&start.tool.version),
            escape(&start.facts.target),
            escape(&guides),
            end.duration_ms / 1000.0,
            end.requests
        ));
        page.push_str(&format!("Member data is {}.\n\n", start.member_data()));
        if let Some(line) = start.resumed() {
            page.push_str(&format!("{}\n\n", escape(&line)));
        }
        let tally = end.tally;
        page.push_str("| cases | passed | failed | warned | inconclusive | not applicable | in error |\n|--:|--:|--:|--:|--:|--:|--:|\n");
        page.push_str(&format!(
            "| {} | {} | {} | {} | {} | {} | {} |\n\n",
            tally.total(),
            tally.pass,
            tally.fail,
            tally.warn,
            tally.inconclusive,
            tally.not_applicable,
            tally.error
        ));
        for line in finished.requirements.lines() {
            page.push_str(&format!("{line}\n\n"));
        }
        if let Some(line) = support::line(&end.must_support) {
            page.push_str(&format!("{line}\n\n"));
        }
        if self.attention > 0 {
            page.push_str(&format!("## To look at ({})\n\n", self.attention));
            self.listed.values().for_each(|record| page.push_str(&item(record)));
            if self.attention > self.listed.len() {
                page.push_str(&format!("\nand {} more, in `report.html`\n", self.attention - self.listed.len()));
            }
        }
        page
    }
}

fn item(record: &Record) -> String {
    let mut item = format!("- **{}** <code>{}</code> ({})\n", record.word(), escape(&record.id), escape(&record.asked));
    if let Some(reason) = &record.reason {
        item.push_str(&format!("  - {}\n", escape(reason)));
    }
    for [check, at, expected, actual] in record.findings.iter().take(MOST_FINDINGS) {
        item.push_str(&format!(
            "  - <code>{}</code> at <code>{}</code>: expected {}, actual {}\n",
            escape(check),
            escape(at),
            escape(expected),
            escape(actual)
        ));
    }
    let more = record.findings.len().saturating_sub(MOST_FINDINGS) + record.more_findings;
    if more > 0 {
        item.push_str(&format!("  - and {more} more findings\n"));
    }
    item
}

/// Foreign text as text: neither markup, nor HTML, nor a link, nor a mention.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in shorten(&clean(text), MOST_TEXT).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '@' => escaped.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '(' | ')' | '|' | '#' | '!' | '~' | '$' | ':' => {
                escaped.push('\\');
                escaped.push(character);
            }
            character => escaped.push(character),
        }
    }
    escaped
}

impl Reporter for Markdown {
    fn on(&mut self, event: &Recorded<'_>) -> io::Result<()> {
        match event {
            Recorded::Case { index, case, .. } if case.needs_attention() => {
                let record = Record::new(case);
                self.attention += 1;
                self.listed.insert((rank(record.outcome), *index), record);
                if self.listed.len() > MOST_CASES {
                    self.listed.pop_last();
                }
                Ok(())
            }
            Recorded::Finished(finished) => write_whole(&self.path, |file| file.write_all(self.page(finished).as_bytes())),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_is_no_markup() {
        assert_eq!(escape("[a](http://b) | <i>`x`@y"), "\\[a\\]\\(http\\://b\\) \\| &lt;i&gt;\\`x\\`&#64;y");
    }
}
