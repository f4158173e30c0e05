//! What was not measured, and why: the reasons of cases without an answer, and how many have each.

use std::collections::BTreeMap;

use super::super::record::Record;
use super::escape;
use crate::check::outcome::Outcome;

/// Reasons kept apart; what a hostile server makes up beyond them is counted together.
const MOST_REASONS: usize = 500;
/// Reasons that are not folded.
const UNFOLDED: usize = 12;
/// What is beyond them.
const OTHER: &str = "other reasons: each case says its own";

/// Cases by outcome and reason.
#[derive(Default)]
pub struct Unmeasured {
    reasons: BTreeMap<(&'static str, String), Counted>,
}

/// Cases with the same reason.
struct Counted {
    cases: usize,
    /// The first in the plan's order: its place and id.
    first: (usize, String),
}

impl Unmeasured {
    /// Counts a case, unless it has an answer.
    pub fn count(&mut self, index: usize, record: &Record) {
        if !matches!(record.outcome, Outcome::Inconclusive | Outcome::NotApplicable | Outcome::Error) {
            return;
        }
        let mut key = (record.outcome.word(), record.reason.clone().unwrap_or_default());
        if self.reasons.len() >= MOST_REASONS && !self.reasons.contains_key(&key) {
            key.1 = OTHER.to_owned();
        }
        let counted = self.reasons.entry(key).or_insert_with(|| Counted { cases: 0, first: (usize::MAX, String::new()) });
        counted.cases += 1;
        if index < counted.first.0 {
            counted.first = (index, record.id.clone());
        }
    }

    /// The table, what concerns most cases first.
    pub fn section(&self) -> String {
        if self.reasons.is_empty() {
            return "<p>Every case has an answer.</p>".to_owned();
        }
        let mut rows: Vec<_> = self.reasons.iter().collect();
        rows.sort_by_key(|(_, counted)| std::cmp::Reverse(counted.cases));
        let (most, rest) = rows.split_at(rows.len().min(UNFOLDED));
        let mut page = table(most);
        if !rest.is_empty() {
            let cases: usize = rest.iter().map(|(_, counted)| counted.cases).sum();
            page.push_str(&format!("<details><summary>{} more reasons of {cases} cases</summary>{}</details>\n", rest.len(), table(rest)));
        }
        page
    }
}

type Row<'a> = (&'a (&'static str, String), &'a Counted);

fn table(rows: &[Row<'_>]) -> String {
    let row = |((outcome, reason), counted): &Row<'_>| {
        format!(
            "<tr><td class=\"{outcome}\">{outcome}</td><td class=\"number\">{}</td><td>{}</td><td><a class=\"id\" href=\"#{id}\">{id}</a></td></tr>",
            counted.cases,
            escape(reason),
            id = escape(&counted.first.1)
        )
    };
    format!(
        "<table class=\"plain\"><thead><tr><th scope=\"col\">Outcome</th><th scope=\"col\" class=\"number\">Cases</th><th scope=\"col\">Why</th>\
             <th scope=\"col\">The first</th></tr></thead><tbody>{}</tbody></table>\n",
        rows.iter().map(row).collect::<String>()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fhir::json::{from_value, json};
    use crate::report::recorded::Case;

    fn record(id: usize, outcome: Outcome, reason: &str) -> Record {
        let case = json!({"id": format!("r4.case-{id}"), "title": "", "level": "MAY", "requirements": [], "origin": "a#b", "outcome": outcome,
            "examined": 0, "findings": [], "reason": reason, "known": null, "duration_ms": 0.0, "exchanges": []});
        Record::new(&from_value::<Case>(case).unwrap())
    }

    #[test]
    fn reasons_are_counted_with_the_first_case_of_each() {
        let mut counted = Unmeasured::default();
        assert_eq!(counted.section(), "<p>Every case has an answer.</p>");
        for (index, outcome, reason) in [
            (7, Outcome::Inconclusive, "no <data>"),
            (3, Outcome::Inconclusive, "no <data>"),
            (1, Outcome::Pass, ""),
            (2, Outcome::Error, "reset"),
        ] {
            counted.count(index, &record(index, outcome, reason));
        }
        let page = counted.section();
        assert!(page.contains("<td class=\"number\">2</td><td>no &lt;data&gt;</td><td><a class=\"id\" href=\"#r4.case-3\">"), "{page}");
        assert!(page.contains("reset") && !page.contains("case-1<"), "{page}");
        assert!(page.find("no &lt;data&gt;") < page.find("reset"), "what concerns most comes first: {page}");
    }

    #[test]
    fn a_server_cannot_make_up_reasons_without_end() {
        let mut counted = Unmeasured::default();
        for index in 0..2 * MOST_REASONS {
            counted.count(index, &record(index, Outcome::Inconclusive, &format!("reason {index}")));
        }
        assert!(counted.reasons.len() <= MOST_REASONS + 1);
        assert_eq!(counted.reasons.values().map(|counted| counted.cases).sum::<usize>(), 2 * MOST_REASONS);
    }
}
