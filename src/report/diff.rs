//! What changed between two runs, from their `results.json`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Deserialize;

use super::clean::clean;
use super::json::VERSION;

/// Cases whose time is told.
const MOST_TIMES: usize = 10;
/// Milliseconds by which a case's time must have changed to be told of.
const MUCH_MS: f64 = 100.0;

/// One `results.json`, as far as a comparison needs it.
#[derive(Debug, Deserialize)]
pub struct Results {
    schema: String,
    verdict: String,
    duration_ms: f64,
    cases: Vec<Case>,
}

#[derive(Debug, Deserialize)]
struct Case {
    id: String,
    outcome: String,
    known: Option<String>,
    duration_ms: f64,
    findings: Vec<Finding>,
}

#[derive(Debug, Deserialize)]
struct Finding {
    check: String,
}

/// What a comparison found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Cases that fail or are in error now, and did or were not before, with what they were.
    pub new: Vec<String>,
    /// Cases that failed or were in error and hold: what ends without an answer is fixed by nobody.
    pub fixed: Vec<String>,
    /// Cases that ended in another way, or deviate by other checks.
    pub changed: Vec<String>,
    /// Cases of the second run only.
    pub added: Vec<String>,
    /// Cases of the first run only.
    pub removed: Vec<String>,
    /// Cases that took much longer.
    pub slower: Vec<String>,
    /// Cases that took much less.
    pub faster: Vec<String>,
    /// Both verdicts and times.
    pub runs: String,
}

/// By how many milliseconds the time of a case changed.
type Timed<'c> = (f64, &'c Case);

impl Results {
    /// Reads the text of a `results.json`.
    ///
    /// # Errors
    /// When it is none, or of another version; says what is wrong.
    pub fn read(text: &[u8]) -> Result<Self, String> {
        let results: Self = serde_json::from_slice(text).map_err(|error| format!("is no results.json: {error}"))?;
        if results.schema == VERSION { Ok(results) } else { Err(format!("has the form {:?}; {VERSION} can be read", results.schema)) }
    }
}

impl Case {
    fn is_bad(&self) -> bool {
        self.known.is_none() && ["fail", "error"].contains(&self.outcome.as_str())
    }

    /// The word for how it ended.
    fn word(&self) -> &str {
        if self.known.is_some() { "known" } else { &self.outcome }
    }

    /// Whether it was measured and broke no rule that counts.
    fn holds(&self) -> bool {
        ["pass", "warn"].contains(&self.outcome.as_str())
    }

    fn checks(&self) -> BTreeSet<&str> {
        self.findings.iter().map(|finding| finding.check.as_str()).collect()
    }
}

/// Compares an earlier run with a later one, case by case.
pub fn diff(before: &Results, after: &Results) -> Difference {
    let former: BTreeMap<&str, &Case> = before.cases.iter().map(|case| (case.id.as_str(), case)).collect();
    let mut found = Difference::default();
    let (mut slower, mut faster): (Vec<Timed<'_>>, Vec<Timed<'_>>) = (Vec::new(), Vec::new());
    for case in &after.cases {
        let Some(was) = former.get(case.id.as_str()) else {
            // A deviation of a case that was not asked before is new as well.
            let list = if case.is_bad() { &mut found.new } else { &mut found.added };
            list.push(format!("{} ({})", case.id, case.outcome));
            continue;
        };
        let turned = format!("{} ({} → {})", case.id, was.word(), case.word());
        match (was.is_bad(), case.is_bad()) {
            (false, true) => found.new.push(turned),
            (true, false) if case.holds() => found.fixed.push(turned),
            _ if was.word() != case.word() => found.changed.push(turned),
            _ if was.checks() != case.checks() => {
                let checks = |case: &Case| case.checks().into_iter().collect::<Vec<_>>().join(", ");
                found.changed.push(format!("{} (by {} → {})", case.id, checks(was), checks(case)));
            }
            _ => {}
        }
        let (before, now) = (was.duration_ms, case.duration_ms);
        if (now - before).abs() > MUCH_MS && now.max(before) > 2.0 * now.min(before) {
            if now > before { &mut slower } else { &mut faster }.push(((now - before).abs(), case));
        }
    }
    let asked: BTreeSet<&str> = after.cases.iter().map(|case| case.id.as_str()).collect();
    found.removed = before.cases.iter().filter(|case| !asked.contains(case.id.as_str())).map(|case| case.id.clone()).collect();
    (found.slower, found.faster) = (most(slower), most(faster));
    let told = |results: &Results| format!("{} in {:.1} s", results.verdict, results.duration_ms / 1000.0);
    found.runs = format!("{} → {}", told(before), told(after));
    found
}

/// Those whose time changed most, and by how much.
fn most(mut changed: Vec<Timed<'_>>) -> Vec<String> {
    changed.sort_by(|one, other| other.0.total_cmp(&one.0));
    changed.iter().take(MOST_TIMES).map(|(by, case)| format!("{} (by {:.1} s)", case.id, by / 1000.0)).collect()
}

impl Difference {
    /// As text, the counts first.
    pub fn text(&self) -> String {
        let lists = [
            ("new", &self.new),
            ("fixed", &self.fixed),
            ("changed", &self.changed),
            ("added", &self.added),
            ("removed", &self.removed),
            ("slower", &self.slower),
            ("faster", &self.faster),
        ];
        let counts: Vec<String> = lists.iter().map(|(name, cases)| format!("{} {name}", cases.len())).collect();
        let mut text = format!("{}: {}\n", clean(&self.runs), counts.join(", "));
        for (name, cases) in lists.iter().filter(|(_, cases)| !cases.is_empty()) {
            // Fails only when memory runs out.
            let _ = write!(text, "\n{name}\n");
            for case in *cases {
                let _ = writeln!(text, "  {}", clean(case));
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::fhir::json::{Value, json};

    fn results(cases: &[(&str, &str, &str, f64)]) -> Results {
        let case = |(id, outcome, check, duration_ms): &(&str, &str, &str, f64)| -> Value {
            let findings = if check.is_empty() { json!([]) } else { json!([{ "check": check }]) };
            json!({ "id": id, "outcome": outcome, "known": null, "duration_ms": duration_ms, "findings": findings })
        };
        let cases: Vec<Value> = cases.iter().map(case).collect();
        Results::read(json!({ "schema": VERSION, "verdict": "deviates", "duration_ms": 1500.0, "cases": cases }).to_string().as_bytes())
            .unwrap()
    }

    #[test]
    fn each_case_is_told_once_by_what_became_of_it() {
        let before = results(&[
            ("a", "pass", "", 1.0),
            ("b", "fail", "x", 1.0),
            ("c", "fail", "x", 1.0),
            ("d", "pass", "", 1.0),
            ("g", "pass", "", 1.0),
            ("h", "pass", "", 900.0),
        ]);
        let after = results(&[
            ("a", "fail", "x", 1.0),
            ("b", "pass", "", 1.0),
            ("c", "fail", "y", 1.0),
            ("e", "error", "", 1.0),
            ("f", "pass", "", 1.0),
            ("g", "pass", "", 400.0),
            ("h", "pass", "", 100.0),
        ]);
        let found = diff(&before, &after);
        assert_eq!(found.new, ["a (pass → fail)", "e (error)"]);
        assert_eq!(found.fixed, ["b (fail → pass)"]);
        assert_eq!(found.changed, ["c (by x → y)"]);
        assert_eq!((found.added.as_slice(), found.removed.as_slice()), (&["f (pass)".to_owned()][..], &["d".to_owned()][..]));
        assert_eq!(found.slower, ["g (by 0.4 s)"]);
        assert_eq!(found.faster, ["h (by 0.8 s)"]);
        assert!(
            found
                .text()
                .starts_with("deviates in 1.5 s → deviates in 1.5 s: 2 new, 1 fixed, 1 changed, 1 added, 1 removed, 1 slower, 1 faster\n")
        );
        assert_eq!(diff(&before, &before), Difference { runs: diff(&before, &before).runs, ..Difference::default() });
    }

    #[test]
    fn only_what_was_measured_and_holds_is_fixed() {
        let before = results(&[("a", "fail", "x", 1.0), ("b", "error", "", 1.0), ("c", "fail", "x", 1.0), ("d", "fail", "x", 1.0)]);
        let after =
            results(&[("a", "inconclusive", "", 1.0), ("b", "not-applicable", "", 1.0), ("c", "warn", "y", 1.0), ("d", "error", "", 1.0)]);
        let found = diff(&before, &after);
        assert_eq!(found.fixed, ["c (fail → warn)"]);
        assert_eq!(found.changed, ["a (fail → inconclusive)", "b (error → not-applicable)", "d (fail → error)"]);
        assert!(found.new.is_empty(), "{:?}", found.new);
        let mut excused = results(&[("a", "fail", "x", 1.0)]);
        excused.cases[0].known = Some("told to".to_owned());
        assert_eq!(diff(&results(&[("a", "fail", "x", 1.0)]), &excused).changed, ["a (fail → known)"]);
        assert_eq!(diff(&excused, &results(&[("a", "fail", "x", 1.0)])).new, ["a (known → fail)"]);
    }

    #[test]
    fn another_form_is_refused() {
        assert!(Results::read(b"{}").unwrap_err().contains("no results.json"));
        assert!(Results::read(br#"{"schema": "2", "verdict": "", "duration_ms": 1, "cases": []}"#).unwrap_err().contains("\"2\""));
    }
}
