//! What an earlier run of the same plan left, so that a run that was broken off is taken up again.

use std::collections::HashMap;

use super::event::{Harvest, Look};
use crate::check::outcome::{Level, Outcome};
use crate::check::said::Said;
use crate::plan::{Case, Plan};

/// The cases of an earlier run that need not be run again.
#[derive(Default)]
pub struct Earlier {
    /// The digest of the plan that it followed.
    pub plan: String,
    /// K and N of its `--partition K/N`.
    pub part: Option<(usize, usize)>,
    /// Its cases that have their answer, by their place in the whole plan.
    pub done: HashMap<usize, Done>,
    /// What their answers showed of whose they are.
    pub looks: Vec<Look>,
    /// Compares what is harvested with what it had harvested; none when it had not come so far.
    pub same_harvest: Option<SameHarvest>,
}

/// Says in what a harvest differs from the earlier run's.
pub type SameHarvest = Box<dyn Fn(&Harvest) -> Result<(), OtherHarvest>>;

/// A case that has its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// Its id.
    pub id: String,
    /// How strongly it is asked.
    pub level: Level,
    /// How it ended.
    pub outcome: Outcome,
    /// Ids of the checks that found something.
    pub checks: Vec<String>,
}

/// In what a harvest differs from the earlier one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherHarvest {
    /// In what.
    pub what: &'static str,
    /// What it was, and what it is; member data masked.
    pub values: [String; 2],
}

/// Why a run was not taken up again. No case of it was judged, and none of its cases was said to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotResumed {
    /// The plan is another one: the declaration, the suites or the selection of cases changed.
    OtherPlan,
    /// The id of a case that is not where the plan has it, or is another there.
    Astray(String),
    /// The record is another member's, or changed.
    OtherHarvest(OtherHarvest),
    /// It did not come so far: why it ended.
    Early(Said),
}

impl Earlier {
    /// Whether it followed this plan.
    ///
    /// # Errors
    /// Why its cases are none of this plan.
    pub fn follows(&self, plan: &Plan) -> Result<(), NotResumed> {
        if self.plan != plan.part.digest || self.part != plan.part.of {
            return Err(NotResumed::OtherPlan);
        }
        let here: HashMap<usize, &Case> = plan.cases.iter().enumerate().map(|(index, case)| (plan.part.place(index), case)).collect();
        let fits = |place: &usize, done: &Done| here.get(place).is_some_and(|case| case.level == done.level && case.id() == done.id);
        let astray = self.done.iter().filter(|(place, done)| !fits(place, done)).min_by_key(|(place, _)| **place);
        astray.map_or(Ok(()), |(_, done)| Err(NotResumed::Astray(done.id.clone())))
    }

    /// The cases that need not be run again, with their places in this run's plan. What is judged from the answers to all others is not
    /// among them: some of these are not in yet.
    pub fn kept<'a>(&'a self, plan: &'a Plan) -> impl Iterator<Item = (usize, &'a Case, &'a Done)> {
        let kept = |(index, case): (usize, &'a Case)| Some((index, case, self.done.get(&plan.part.place(index))?));
        plan.cases.iter().enumerate().filter(|(_, case)| !case.about.whole_run).filter_map(kept)
    }
}
