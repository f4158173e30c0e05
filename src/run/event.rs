//! What the runner says while it works. Reporters consume it; the runner itself prints nothing.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::attestation::Attestation;
use super::cpcds::CpcdsCount;
use super::support::Support;
use crate::check::exchange::Exchange;
use crate::check::outcome::{Finding, Outcome};
use crate::check::said::Said;
use crate::fhir::day::Day;
use crate::guide::Catalogue;
use crate::guide::facts::GuideId;
use crate::plan::{Case, Plan};

/// What is known of the run before it starts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFacts {
    /// The FHIR base of the target.
    pub target: String,
    /// The guides it is judged by.
    pub guides: Vec<GuideId>,
    /// Names of the suites.
    pub suites: Vec<String>,
    /// Start, RFC 3339 in UTC.
    pub started: String,
    /// Whether `--strict` makes warnings count.
    pub strict: bool,
    /// Whether required cases may stay without an answer.
    #[serde(default)]
    pub allow_inconclusive: bool,
    /// Whether `--show-member-data` leaves member data unmasked in reports.
    pub show_member_data: bool,
    /// What pseudonyms of ids are made with, beside the server's origin.
    #[serde(skip)]
    pub pseudonym_key: String,
    /// How often it was broken off and taken up again; times and requests are those since the last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resumed: Vec<Resumption>,
    /// The members whom the run was told of, the other member last, by logical id.
    #[serde(skip)]
    pub members: Vec<String>,
    /// What the reference payer of a demo is like; empty for any other server.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub payer: String,
    /// How the reference payer was told to break, in a demo.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
    /// Where the reports go.
    pub out: Option<String>,
    /// The day by whose rules the run judges.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Day>,
    /// What the payer said of its own data, to tell it from what it says another time.
    #[serde(skip)]
    pub payer_facts_text: String,
    /// Names of the facts that the payer gave of its own data.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payer_facts: Vec<String>,
    /// What somebody states of requirements that no run answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attestations: Vec<Attestation>,
}

/// A run that was broken off was taken up again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resumption {
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// How many cases had their answer by then and were taken over.
    pub carried_over: usize,
}

/// What was harvested.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Harvest {
    /// The members whose records it is, by logical id.
    pub members: Vec<String>,
    /// How many resources there are of each type.
    pub counts: Vec<(String, usize)>,
}

/// The stages of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Reads `/metadata`.
    Discover,
    /// Fills the samples.
    Harvest,
    /// Runs every case.
    Judge,
}

/// How one case ended, with everything that a report may show.
#[derive(Clone, Debug)]
pub struct CaseResult {
    /// One of the six.
    pub outcome: Outcome,
    /// How many things the checks examined.
    pub examined: usize,
    /// Every deviation.
    pub findings: Vec<Finding>,
    /// Why it is inconclusive, not applicable or in error.
    pub reason: Option<Said>,
    /// The baseline's reason, when this failure is known and accepted.
    pub known: Option<String>,
    /// Milliseconds spent on the case.
    pub duration_ms: f64,
    /// What was sent and came back, in order.
    pub exchanges: Vec<Arc<Exchange>>,
    /// Whether the case had its turn: a run that ends early leaves others without.
    pub ran: bool,
    /// Answers to the member that no case had brought before, as they were looked at for what is another's.
    pub looks: Vec<Look>,
}

/// What an answer to the member shows of whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Tells the request from others, in every run against the server.
    pub request: u64,
    /// How many resources belong to some patient.
    pub examined: usize,
    /// Whether one belongs to another.
    pub outside: bool,
}

/// Counts of outcomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Passed.
    pub pass: usize,
    /// A SHALL broken.
    pub fail: usize,
    /// A SHOULD broken.
    pub warn: usize,
    /// Nothing to examine.
    pub inconclusive: usize,
    /// Does not apply.
    pub not_applicable: usize,
    /// We or the network broke.
    pub error: usize,
}

/// What the run says of the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every required case passed, or deviates only as the baseline says. Exit 0.
    Conformant,
    /// A required case failed, or a baseline entry is stale. Exit 1.
    Deviates,
    /// Unreachable, nothing ran, or a required case is inconclusive or in error. Exit 3.
    NotMeasured,
}

/// Why the run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopReason<R = Said> {
    /// Every case was run.
    Completed,
    /// The user stopped it.
    Interrupted,
    /// The total time was up.
    TimeUp,
    /// The target could not be measured at all, with the reason.
    Unmeasurable(R),
}

impl<R> StopReason<R> {
    /// With the reason told in another way.
    pub fn told<T>(&self, tell: impl FnOnce(&R) -> T) -> StopReason<T> {
        match self {
            Self::Completed => StopReason::Completed,
            Self::Interrupted => StopReason::Interrupted,
            Self::TimeUp => StopReason::TimeUp,
            Self::Unmeasurable(why) => StopReason::Unmeasurable(tell(why)),
        }
    }
}

/// The end of a run.
#[derive(Clone, Debug)]
pub struct RunSummary {
    /// Counts over all cases.
    pub tally: Tally,
    /// The verdict.
    pub verdict: Verdict,
    /// Why the verdict is what it is, one sentence.
    pub because: Said,
    /// Why the run ended.
    pub stop: StopReason,
    /// End, RFC 3339 in UTC.
    pub finished: String,
    /// Wall time in milliseconds.
    pub duration_ms: f64,
    /// HTTP requests sent, retries included.
    pub requests: usize,
    /// Resources harvested, by type.
    pub harvested: Vec<(String, usize)>,
    /// What the record shows of must-support elements; empty when the run was cut short.
    pub must_support: Vec<Support>,
    /// What the record shows of the Common Payer Consumer Data Set; likewise.
    pub cpcds: Vec<CpcdsCount>,
    /// Baseline entries that matched nothing, or whose date is past; in a part of a run, nothing of that part.
    pub stale: Vec<String>,
    /// What the run made on the server and could not delete, each with the reason.
    pub left: Vec<String>,
}

/// One thing that happened.
#[derive(Debug)]
pub enum Event<'a> {
    /// The first event: what will run.
    RunStarted {
        /// What is known of the run.
        facts: &'a RunFacts,
        /// What will run. Empty when the target could not be discovered.
        plan: &'a Plan,
        /// What the guides and the server define: by it reports know what a value is of.
        catalogue: &'a Arc<Catalogue>,
    },
    /// A stage begins.
    StageStarted {
        /// Which.
        stage: Stage,
    },
    /// A request was sent again.
    RequestRetried {
        /// The URL.
        url: &'a str,
        /// Why.
        reason: &'a Said,
    },
    /// A case begins.
    CaseStarted {
        /// Its place in the plan.
        index: usize,
        /// The case.
        case: &'a Case,
    },
    /// The samples are filled.
    Harvested {
        /// With what.
        harvest: &'a Harvest,
    },
    /// A case that an earlier run of the same plan has done. All of these come before the first case that begins.
    CaseKept {
        /// Its place in the plan.
        index: usize,
        /// The case.
        case: &'a Case,
        /// The baseline's reason, when its deviation is known and accepted.
        known: Option<String>,
        /// Counts so far, this one included.
        tally: Tally,
    },
    /// A case ended. Cases end in any order; `index` restores the plan's.
    CaseFinished {
        /// Its place in the plan.
        index: usize,
        /// The case.
        case: &'a Case,
        /// How it ended.
        result: &'a CaseResult,
        /// Counts so far, this one included.
        tally: Tally,
    },
    /// The last event.
    RunFinished {
        /// The end.
        summary: &'a RunSummary,
    },
}

impl Tally {
    /// Counts one more outcome.
    pub fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Pass => self.pass += 1,
            Outcome::Fail => self.fail += 1,
            Outcome::Warn => self.warn += 1,
            Outcome::Inconclusive => self.inconclusive += 1,
            Outcome::NotApplicable => self.not_applicable += 1,
            Outcome::Error => self.error += 1,
        }
    }

    /// All outcomes together.
    pub fn total(&self) -> usize {
        self.pass + self.fail + self.warn + self.inconclusive + self.not_applicable + self.error
    }
}
