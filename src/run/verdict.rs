//! From outcomes to one verdict.

use super::event::{StopReason, Tally, Verdict};
use crate::check::outcome::{Level, Outcome};
use crate::check::said::{Said, code, said};

/// Outcomes as the verdict sees them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scores {
    /// Everything.
    pub tally: Tally,
    /// Failures, or warnings under `--strict`, that no baseline knows.
    pub deviations: usize,
    /// Required cases without an answer.
    pub unmeasured: usize,
}

impl Scores {
    /// Counts one more case.
    pub fn count(&mut self, level: Level, outcome: Outcome, known: bool, strict: bool) {
        self.tally.count(outcome);
        let deviates = outcome == Outcome::Fail || (strict && outcome == Outcome::Warn);
        self.deviations += usize::from(deviates && !known);
        let unanswered = match outcome {
            Outcome::Inconclusive => level.is_required(),
            Outcome::Error => matches!(level, Level::Shall | Level::Declared),
            _ => false,
        };
        self.unmeasured += usize::from(unanswered);
    }

    /// The verdict and the sentence that explains it.
    pub fn verdict(&self, stop: &StopReason, stale: &[String], allow_inconclusive: bool) -> (Verdict, Said) {
        if let StopReason::Unmeasurable(reason) = stop {
            return (Verdict::NotMeasured, reason.clone());
        }
        if self.deviations > 0 {
            return (Verdict::Deviates, said!("{} required cases failed", self.deviations));
        }
        if !stale.is_empty() {
            let words = said!("the baseline has entries that excuse nothing any more, remove them: {}", code(stale.join(", ")));
            return (Verdict::Deviates, words);
        }
        if self.tally.pass + self.tally.fail + self.tally.warn == 0 {
            return (Verdict::NotMeasured, "no case examined anything".into());
        }
        if *stop != StopReason::Completed {
            return (Verdict::NotMeasured, "the run ended before every case had run".into());
        }
        if self.unmeasured > 0 && !allow_inconclusive {
            return (
                Verdict::NotMeasured,
                said!("{} required cases could not be measured (--allow-inconclusive accepts that)", self.unmeasured),
            );
        }
        (Verdict::Conformant, "every required case passed or is known".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(cases: &[(Level, Outcome, bool)], strict: bool) -> Scores {
        let mut scores = Scores::default();
        cases.iter().for_each(|(level, outcome, known)| scores.count(*level, *outcome, *known, strict));
        scores
    }

    fn verdict(cases: &[(Level, Outcome, bool)]) -> Verdict {
        scores(cases, false).verdict(&StopReason::Completed, &[], false).0
    }

    #[test]
    fn a_failure_deviates_unless_it_is_known() {
        assert_eq!(verdict(&[(Level::Shall, Outcome::Fail, false)]), Verdict::Deviates);
        assert_eq!(verdict(&[(Level::Declared, Outcome::Fail, false)]), Verdict::Deviates);
        assert_eq!(verdict(&[(Level::Shall, Outcome::Fail, true), (Level::Shall, Outcome::Pass, false)]), Verdict::Conformant);
    }

    #[test]
    fn warnings_count_only_under_strict() {
        let cases = [(Level::Should, Outcome::Warn, false), (Level::Shall, Outcome::Pass, false)];
        assert_eq!(verdict(&cases), Verdict::Conformant);
        assert_eq!(scores(&cases, true).verdict(&StopReason::Completed, &[], false).0, Verdict::Deviates);
    }

    #[test]
    fn what_was_not_looked_at_is_not_conformant() {
        assert_eq!(verdict(&[]), Verdict::NotMeasured);
        assert_eq!(verdict(&[(Level::Shall, Outcome::Pass, false), (Level::Shall, Outcome::Inconclusive, false)]), Verdict::NotMeasured);
        assert_eq!(verdict(&[(Level::Shall, Outcome::Pass, false), (Level::Declared, Outcome::Inconclusive, false)]), Verdict::Conformant);
        assert_eq!(verdict(&[(Level::Shall, Outcome::Pass, false), (Level::Declared, Outcome::Error, false)]), Verdict::NotMeasured);
        let inconclusive = scores(&[(Level::Shall, Outcome::Pass, false), (Level::Shall, Outcome::Inconclusive, false)], false);
        assert_eq!(inconclusive.verdict(&StopReason::Completed, &[], true).0, Verdict::Conformant);
    }

    #[test]
    fn a_stale_entry_deviates_and_a_broken_off_run_is_not_measured() {
        let pass = scores(&[(Level::Shall, Outcome::Pass, false)], false);
        assert_eq!(pass.verdict(&StopReason::Completed, &["a".to_owned()], false).0, Verdict::Deviates);
        assert_eq!(pass.verdict(&StopReason::Interrupted, &[], false).0, Verdict::NotMeasured);
        assert_eq!(pass.verdict(&StopReason::Unmeasurable("x".into()), &[], false).0, Verdict::NotMeasured);
    }
}
