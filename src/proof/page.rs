//! The matrix as a page for people, and each of its rows as a line for a terminal.

use std::collections::{BTreeMap, BTreeSet};

use super::gap::Gap;
use super::matrix::{Matrix, Row};
use crate::run::event::Tally;

/// Ids of cases shown of one row; all are in the JSON.
const MOST_CASES: usize = 12;
/// Ids of cases shown in a line of a terminal.
const MOST_IN_LINE: usize = 3;

impl Matrix {
    /// `fault-matrix.json`.
    ///
    /// # Errors
    /// Never of its own: what serialization says is passed on.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// `fault-matrix.md`.
    pub fn markdown(&self) -> String {
        let mut page = format!(
            "# What catches each fault\n\nThe reference payer of {}, with each of its {} faults in turn, and the cases of the whole suite that end badly for it. \
             `payerspec demo --fault-matrix --out reports` writes this page; `fault-matrix.json` beside it names every case.\n\n",
            self.guide,
            self.faults.len()
        );
        page.push_str(&format!("Without a fault: {}.\n\n{}", counts(self.sound.tally), self.unproven()));
        for (family, rows) in self.families() {
            page.push_str(&format!("\n## {family}\n\n| fault | breaks | outcomes | cases | checks |\n|---|---|---|---|---|\n"));
            rows.iter().for_each(|row| page.push_str(&line_of_table(row)));
        }
        page
    }

    fn families(&self) -> BTreeMap<&str, Vec<&Row>> {
        let mut families: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
        for row in &self.faults {
            families.entry(row.family).or_default().push(row);
        }
        families
    }

    fn unproven(&self) -> String {
        let mut text = if self.gaps.is_empty() {
            "Every fault is caught, and every check is failed by some fault.\n".to_owned()
        } else {
            let lines: String = self.gaps.iter().map(|gap: &Gap| format!("- {gap}\n")).collect();
            format!("Not proven:\n\n{lines}")
        };
        if !self.templates_without_fault.is_empty() {
            let names: Vec<String> = self.templates_without_fault.iter().map(|name| format!("`{name}`")).collect();
            text.push_str(&format!("\nCases that no fault makes end badly: {}.\n", names.join(", ")));
        }
        text
    }

    /// The last line for a terminal.
    pub fn conclusion(&self) -> String {
        let families = self.families().len();
        match self.gaps.len() {
            0 => format!("PROVEN: {} faults of {families} families are caught, and every check is failed by one", self.faults.len()),
            gaps => format!("NOT PROVEN: {gaps} gaps in {} faults of {families} families", self.faults.len()),
        }
    }
}

impl Row {
    /// One line for a terminal.
    pub fn line(&self) -> String {
        let name = if self.fault.is_empty() { "(sound)" } else { self.fault };
        let cases: BTreeSet<&str> = self.cases.iter().map(|case| case.id.as_str()).collect();
        let Tally { fail, warn, error, .. } = self.tally;
        format!("  {name:<44} {fail:>4} fail {warn:>4} warn {error:>4} error  {}", listed(&cases, MOST_IN_LINE, ""))
    }
}

fn line_of_table(row: &Row) -> String {
    let cases: BTreeSet<&str> = row.cases.iter().map(|case| case.id.as_str()).collect();
    let checks: BTreeSet<&str> = row.cases.iter().flat_map(|case| &case.checks).map(String::as_str).collect();
    let Tally { fail, warn, error, .. } = row.tally;
    let counted: Vec<String> = [(fail, "fail"), (warn, "warn"), (error, "error")]
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    let counted = if row.writes { format!("{}, with writes", counted.join(", ")) } else { counted.join(", ") };
    format!(
        "| {} | {} | {counted} | {} | {} |\n",
        row.fault,
        row.breaks.replace('|', "\\|"),
        listed(&cases, MOST_CASES, "`"),
        listed(&checks, MOST_CASES, "`")
    )
}

fn listed(names: &BTreeSet<&str>, most: usize, quote: &str) -> String {
    let mut shown: Vec<String> = names.iter().take(most).map(|name| format!("{quote}{name}{quote}")).collect();
    if names.len() > most {
        shown.push(format!("{} more", names.len() - most));
    }
    shown.join(", ")
}

fn counts(tally: Tally) -> String {
    format!(
        "{} cases, {} passed, {} failed, {} warned, {} inconclusive, {} not applicable, {} in error",
        tally.total(),
        tally.pass,
        tally.fail,
        tally.warn,
        tally.inconclusive,
        tally.not_applicable,
        tally.error
    )
}
