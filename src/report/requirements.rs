//! What the cases of a requirement say of it, together.

use std::collections::BTreeMap;

use crate::check::outcome::{Level, Outcome};
use crate::plan::{Case, Plan};
use crate::run::event::CaseResult;
use crate::suite::Requirement as Told;

/// Requirements by id.
#[derive(Debug, Default)]
pub struct Requirements(BTreeMap<String, Requirement>, BTreeMap<String, Told>);

/// One requirement.
#[derive(Debug, Default)]
pub struct Requirement {
    /// Ids of the cases that ask for it.
    pub verified_by: Vec<String>,
    /// How strongly it is asked: as its list says, else as the strongest of its cases is.
    pub verb: String,
    /// What it asks, where the suites say it.
    pub text: String,
    strongest: Option<Level>,
    violated: bool,
    verified: bool,
}

impl Requirement {
    /// `violated` if any case broke it, else `verified` if any held, else `not-exercised`.
    pub fn status(&self) -> &'static str {
        match (self.violated, self.verified) {
            (true, _) => "violated",
            (false, true) => "verified",
            (false, false) => "not-exercised",
        }
    }
}

impl Requirements {
    /// Takes over what the plan knows of them.
    pub fn describe(&mut self, plan: &Plan) {
        self.1 = plan.requirements.iter().map(|told| (told.id.clone(), told.clone())).collect();
    }

    /// Takes one more case into account.
    pub fn count(&mut self, case: &Case, result: &CaseResult) {
        for id in case.requirements() {
            let requirement = self.0.entry(id.clone()).or_default();
            requirement.verified_by.push(case.id());
            // Levels are ordered from the strongest on.
            let strongest = requirement.strongest.map_or(case.level, |known| known.min(case.level));
            requirement.strongest = Some(strongest);
            match self.1.get(id) {
                Some(told) => {
                    requirement.verb.clone_from(&told.verb);
                    requirement.text.clone_from(&told.text);
                }
                None => strongest.word().clone_into(&mut requirement.verb),
            }
            requirement.violated |= matches!(result.outcome, Outcome::Fail | Outcome::Warn);
            requirement.verified |= result.outcome == Outcome::Pass;
        }
    }

    /// In the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Requirement)> {
        self.0.iter().map(|(id, requirement)| (id.as_str(), requirement))
    }

    /// One line with the counts, if there is any requirement.
    pub fn line(&self) -> Option<String> {
        let of = |status: &str| self.0.values().filter(|requirement| requirement.status() == status).count();
        (!self.0.is_empty()).then(|| {
            format!(
                "Requirements: {} of {} verified, {} violated, {} not exercised",
                of("verified"),
                self.0.len(),
                of("violated"),
                of("not-exercised")
            )
        })
    }
}
