//! `requirements.csv`: a line for every requirement, for a spreadsheet.

use std::io::{self, Write};
use std::path::PathBuf;

use super::Reporter;
use super::clean::clean;
use super::files::write_whole;
use super::recorded::Recorded;
use super::requirements::Row;

const COLUMNS: [&str; 13] = [
    "id",
    "verb",
    "actor",
    "section",
    "asked",
    "status",
    "why",
    "passed",
    "failed",
    "warned",
    "inconclusive",
    "violated_by",
    "verified_by",
];

/// The reporter.
pub struct RequirementsCsv {
    path: PathBuf,
}

impl RequirementsCsv {
    /// Writes to `path` when the run ends.
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }
}

impl Reporter for RequirementsCsv {
    fn on(&mut self, event: &Recorded<'_>) -> io::Result<()> {
        let Recorded::Finished(finished) = event else { return Ok(()) };
        write_whole(&self.path, |file| {
            write_line(file, COLUMNS.iter().map(|name| (*name).to_owned()))?;
            finished.requirements.iter().try_for_each(|row| write_line(file, cells(row).into_iter()))
        })
    }
}

fn cells(row: &Row) -> [String; 13] {
    let (told, tally) = (&row.told, row.tally);
    let ids = |ids: &std::collections::BTreeSet<String>| ids.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
    [
        told.id.clone(),
        row.verb().to_owned(),
        told.actor.clone(),
        told.section.clone().unwrap_or_default(),
        told.text.clone(),
        row.status().word().to_owned(),
        row.why().unwrap_or_default(),
        tally.pass.to_string(),
        tally.fail.to_string(),
        tally.warn.to_string(),
        tally.inconclusive.to_string(),
        ids(&row.violated_by),
        ids(&row.verified_by),
    ]
}

/// One record, as RFC 4180 has it but for the line end, which is that of the other reports.
pub(super) fn write_line(out: &mut dyn Write, cells: impl Iterator<Item = String>) -> io::Result<()> {
    let cells: Vec<String> = cells.map(|text| cell(&text)).collect();
    writeln!(out, "{}", cells.join(","))
}

/// One quoted field. A spreadsheet must not take foreign text for a formula.
fn cell(text: &str) -> String {
    let text = clean(text).replace('"', "\"\"");
    let guard = if text.starts_with(['=', '+', '-', '@', '\t']) { "'" } else { "" };
    format!("\"{guard}{text}\"")
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn no_cell_is_a_formula_or_ends_early() {
        assert_eq!(cell("a \"b\", c"), "\"a \"\"b\"\", c\"");
        for formula in ["=1+1", "+1", "-1", "@sum"] {
            assert_eq!(cell(formula), format!("\"'{formula}\""));
        }
    }
}
