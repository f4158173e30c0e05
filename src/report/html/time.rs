//! How long cases took: a histogram, and the slowest.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::super::record::Record;
use super::escape;
use crate::check::outcome::Outcome;

/// Upper ends of the classes in milliseconds; the last class is open.
const ENDS: [u32; 9] = [1, 3, 10, 30, 100, 300, 1000, 3000, 10_000];
/// Cases told of.
const SLOWEST: usize = 10;

/// Width of a class and height of the plot, in pixels.
const COLUMN: usize = 72;
const HEIGHT: usize = 120;

/// Durations of the cases that were run.
#[derive(Default)]
pub struct Times {
    classes: [usize; ENDS.len() + 1],
    /// Microseconds, place in the plan and id of the slowest, slowest first.
    slowest: BTreeSet<(Reverse<u64>, usize, String)>,
}

impl Times {
    /// Counts a case, unless it does not apply.
    pub fn count(&mut self, index: usize, record: &Record) {
        if record.outcome == Outcome::NotApplicable {
            return;
        }
        let milliseconds = record.seconds * 1000.0;
        let class = ENDS.iter().position(|end| milliseconds < f64::from(*end)).unwrap_or(ENDS.len());
        if let Some(count) = self.classes.get_mut(class) {
            *count += 1;
        }
        // Durations are no longer than a run.
        let microseconds = std::time::Duration::try_from_secs_f64(record.seconds).map_or(0, |time| time.as_micros() as u64);
        self.slowest.insert((Reverse(microseconds), index, record.id.clone()));
        if self.slowest.len() > SLOWEST {
            self.slowest.pop_last();
        }
    }

    /// The plot and the table.
    pub fn section(&self) -> String {
        let most = self.classes.iter().copied().max().unwrap_or_default();
        if most == 0 {
            return "<p>No case was run.</p>".to_owned();
        }
        let columns: String = self.classes.iter().enumerate().map(|(class, count)| column(class, *count, most)).collect();
        let said: Vec<String> = self
            .classes
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
            .map(|(class, count)| format!("{count} {}", name(class)))
            .collect();
        let rows: String = self
            .slowest
            .iter()
            .map(|(Reverse(microseconds), _, id)| {
                let id = escape(id);
                format!(
                    "<tr><td class=\"number\">{:.3} s</td><td><a class=\"id\" href=\"#{id}\">{id}</a></td></tr>",
                    *microseconds as f64 / 1e6
                )
            })
            .collect();
        format!(
            "<p class=\"soft\">Cases by how long they took, answers that were had before included: equal requests are sent once.</p>\
             <svg role=\"img\" aria-label=\"Cases by duration: {}\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">{columns}</svg>\
             <h3>The slowest</h3><table><thead><tr><th scope=\"col\" class=\"number\">Time</th><th scope=\"col\">Case</th></tr></thead><tbody>{rows}</tbody></table>\n",
            said.join(", "),
            width = COLUMN * self.classes.len(),
            height = HEIGHT + 40,
        )
    }
}

fn name(class: usize) -> String {
    let unit = |milliseconds: u32| if milliseconds < 1000 { format!("{milliseconds} ms") } else { format!("{} s", milliseconds / 1000) };
    match ENDS.get(class) {
        Some(end) => format!("under {}", unit(*end)),
        None => format!("{} or more", unit(ENDS[ENDS.len() - 1])),
    }
}

fn column(class: usize, count: usize, most: usize) -> String {
    // By the logarithm, so that one slow case is seen beside thousands.
    let share = if count == 0 { 0.0 } else { (1.0 + count as f64).ln() / (1.0 + most as f64).ln() };
    let height = (share * HEIGHT as f64).round() as usize;
    let (x, y) = (class * COLUMN, HEIGHT + 16 - height);
    format!(
        "<rect class=\"bar\" x=\"{}\" y=\"{y}\" width=\"{}\" height=\"{height}\"/><text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{count}</text>\
         <text class=\"soft\" x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
        x + 6,
        COLUMN - 12,
        y.saturating_sub(4),
        HEIGHT + 34,
        escape(&name(class).replace("under ", "< ").replace(" or more", "+")),
        middle = x + COLUMN / 2,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fhir::json::{from_value, json};
    use crate::report::recorded::Case;

    fn record(id: usize, outcome: Outcome, milliseconds: f64) -> Record {
        let case = json!({"id": format!("r4.case-{id}"), "title": "", "level": "MAY", "requirements": [], "origin": "a#b", "outcome": outcome,
            "examined": 0, "findings": [], "reason": null, "known": null, "duration_ms": milliseconds, "exchanges": []});
        Record::new(&from_value::<Case>(case).unwrap())
    }

    #[test]
    fn cases_are_counted_by_class_and_the_slowest_told() {
        let mut times = Times::default();
        assert_eq!(times.section(), "<p>No case was run.</p>");
        for (index, milliseconds) in [0.2, 0.3, 5.0, 40.0, 20_000.0].into_iter().chain(std::iter::repeat_n(1.5, 20)).enumerate() {
            times.count(index, &record(index, Outcome::Pass, milliseconds));
        }
        times.count(99, &record(99, Outcome::NotApplicable, 99_000.0));
        assert_eq!(times.classes, [2, 20, 1, 0, 1, 0, 0, 0, 0, 1]);
        let page = times.section();
        assert!(page.contains("Cases by duration: 2 under 1 ms, 20 under 3 ms, 1 under 10 ms, 1 under 100 ms, 1 10 s or more"), "{page}");
        assert_eq!(page.matches("<tr><td").count(), SLOWEST, "{page}");
        assert!(page.find("20.000 s") < page.find("0.040 s") && page.contains("#r4.case-4\""), "{page}");
        assert!(!page.contains("case-99"), "{page}");
    }
}
