//! What a fault matrix does not prove.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use super::matrix::Row;
use crate::check::CHECKS;
use crate::run::event::Verdict;

/// One thing that is not proven.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "gap", rename_all = "kebab-case")]
pub enum Gap {
    /// The sound payer is not found to be sound.
    SoundPayerCaught {
        /// The case that ended badly; none when the verdict alone is not as it should be.
        case: Option<String>,
    },
    /// No case ends badly.
    FaultUncaught {
        /// The fault.
        fault: String,
    },
    /// All that end badly are in error, which says nothing about the payer.
    OnlyErrors {
        /// The fault.
        fault: String,
    },
    /// No fault makes it find anything.
    CheckWithoutFault {
        /// The check.
        check: String,
    },
}

/// Everything that these rows leave unproven, in a fixed order.
pub(super) fn gaps(sound: &Row, faults: &[Row]) -> Vec<Gap> {
    let mut gaps: Vec<Gap> = sound.cases.iter().map(|case| Gap::SoundPayerCaught { case: Some(case.id.clone()) }).collect();
    if gaps.is_empty() && sound.verdict != Verdict::Conformant {
        gaps.push(Gap::SoundPayerCaught { case: None });
    }
    for row in faults {
        let fault = row.fault.to_owned();
        if row.cases.is_empty() {
            gaps.push(Gap::FaultUncaught { fault });
        } else if row.deviating().next().is_none() {
            gaps.push(Gap::OnlyErrors { fault });
        }
    }
    let bitten: BTreeSet<&str> = faults.iter().flat_map(Row::deviating).flat_map(|case| &case.checks).map(String::as_str).collect();
    let idle = CHECKS.iter().filter(|check| !bitten.contains(check.id));
    gaps.extend(idle.map(|check| Gap::CheckWithoutFault { check: check.id.to_owned() }));
    gaps
}

impl fmt::Display for Gap {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SoundPayerCaught { case: Some(case) } => write!(formatter, "the sound payer does not pass {case}"),
            Self::SoundPayerCaught { case: None } => write!(formatter, "the sound payer is not found conformant"),
            Self::FaultUncaught { fault } => write!(formatter, "{fault} is caught by no case"),
            Self::OnlyErrors { fault } => write!(formatter, "{fault} is met by errors only"),
            Self::CheckWithoutFault { check } => write!(formatter, "{check} is failed by no fault"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::outcome::Outcome;
    use crate::proof::Caught;
    use crate::run::event::Tally;

    fn row(fault: &'static str, outcomes: &[Outcome], checks: &[&str]) -> Row {
        let caught = |outcome: &Outcome| Caught {
            id: "r4.case".to_owned(),
            template: "read#case".to_owned(),
            outcome: *outcome,
            checks: checks.iter().map(|check| (*check).to_owned()).collect(),
        };
        let cases = outcomes.iter().map(caught).collect();
        Row {
            fault,
            family: "read",
            breaks: "",
            writes: false,
            verdict: Verdict::Conformant,
            tally: Tally::default(),
            rules: BTreeSet::new(),
            cases,
        }
    }

    #[test]
    fn whatever_is_unproven_is_told() {
        let every_check: Vec<&str> = CHECKS.iter().map(|check| check.id).collect();
        let all_but_one = every_check.get(1..).unwrap_or_default();
        let sound = row("", &[], &[]);
        assert_eq!(gaps(&sound, &[row("read.all", &[Outcome::Fail], &every_check)]), []);
        let faults = [
            row("read.some", &[Outcome::Warn], all_but_one),
            row("read.none", &[], &[]),
            row("read.error", &[Outcome::Error], &every_check),
        ];
        let mut shaken = row("", &[Outcome::Error], &[]);
        let told: Vec<String> = gaps(&shaken, &faults).iter().map(ToString::to_string).collect();
        let idle = format!("{} is failed by no fault", every_check[0]);
        assert_eq!(
            told,
            ["the sound payer does not pass r4.case", "read.none is caught by no case", "read.error is met by errors only", &idle]
        );
        shaken.cases.clear();
        shaken.verdict = Verdict::NotMeasured;
        assert_eq!(gaps(&shaken, &faults[..1]).first(), Some(&Gap::SoundPayerCaught { case: None }));
    }
}
