//! How a run began and how it ended.

use serde::{Deserialize, Serialize};

use crate::guide::facts::GuideId;
use crate::guide::requirements::Requirement;
use crate::run::event::{Resumption, RunFacts, StopReason, Tally, Verdict};

/// The program that made a record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// What is known of a run before its first case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// The program that ran it.
    pub tool: Tool,
    /// What it was told.
    pub facts: RunFacts,
    /// The members that it was told of, the other member last: as pseudonyms, where member data is masked.
    pub members: Vec<String>,
    /// The pseudonym of a word that every run knows: two records have the same pseudonyms if they have the same here.
    pub pseudonyms: String,
    /// What the payer said of its own data, as one pseudonym, where member data is masked: two records have the same if it said the same.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub payer_facts_said: String,
    /// Cases of this run.
    pub cases: usize,
    /// Those that a specification requires and that apply.
    pub required: usize,
    /// What these cases are of the whole.
    pub plan: PlanFacts,
    /// Every package at its version that the cases are judged by: the guides, and what they build on.
    pub catalogues: Vec<GuideId>,
    /// Packages that could not be had: what is defined there is not judged.
    pub missing: Vec<GuideId>,
    /// The rows of the requirement lists.
    pub requirements: Vec<Requirement>,
}

/// Which plan a run follows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanFacts {
    /// What tells it from others: SHA-256, in hexadecimal.
    pub sha256: String,
    /// How many cases the whole has.
    pub cases: usize,
    /// How many of them a specification requires, and apply.
    pub required: usize,
    /// K and N of `--partition K/N`.
    pub part: Option<(usize, usize)>,
}

/// The end of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct End {
    /// The verdict.
    pub verdict: Verdict,
    /// Why it is what it is.
    pub because: String,
    /// Why the run ended.
    pub stop: StopReason<String>,
    /// Counts over all cases.
    pub tally: Tally,
    /// End, RFC 3339 in UTC.
    pub finished: String,
    /// Wall time in milliseconds, to the microsecond.
    pub duration_ms: f64,
    /// HTTP requests sent, retries included.
    pub requests: usize,
    /// Resources harvested, by type.
    pub harvested: Vec<(String, usize)>,
    /// Baseline entries that matched nothing.
    pub stale: Vec<String>,
    /// What the run made on the server and could not delete, each with the reason.
    pub left: Vec<String>,
    /// What the record shows of must-support elements, by profile.
    pub must_support: Vec<Support>,
    /// What the record shows of the Common Payer Consumer Data Set.
    pub cpcds: Vec<Count>,
}

/// What the resources of one profile show of its must-support elements.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Support {
    /// Canonical URL without version.
    pub profile: String,
    /// How many resources are of the profile.
    pub resources: usize,
    /// Its must-support elements and slices, in its order.
    pub elements: Vec<Element>,
}

/// How often one element or slice is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Element {
    /// Element id.
    pub element: String,
    /// Resources that have it.
    pub present: usize,
    /// Resources that have only a reason why it is absent.
    pub reason_only: usize,
    /// Resources that lack it.
    pub lacking: usize,
    /// The first resource that has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
}

/// One element of the Common Payer Consumer Data Set in one profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// The number that the guide names it by.
    pub map_id: String,
    /// Its name in the data dictionary.
    pub name: String,
    /// The last part of the profile's canonical URL.
    pub profile: String,
    /// Resources of the profile.
    pub resources: usize,
    /// Those that have it in any of its places.
    pub present: usize,
    /// Where it can be.
    pub places: Vec<Place>,
    /// The first resource that has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
}

/// One place of an element.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// FHIRPath from the resource.
    pub expression: String,
    /// Of the place within its parent, where the profile states it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cardinality: Option<String>,
    /// Resources that have it there.
    pub present: usize,
}

impl Tool {
    /// This program.
    pub fn this() -> Self {
        Self { name: env!("CARGO_PKG_NAME").to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }
    }
}

impl Start {
    /// How often the run was taken up again, in one sentence; none for a run in one go.
    pub fn resumed(&self) -> Option<String> {
        let (last, before) = self.facts.resumed.split_last()?;
        let told = |one: &Resumption| format!("{} ({} of {} cases were carried over)", one.at, one.carried_over, self.cases);
        let before = before.iter().map(|one| told(one) + ", ").collect::<String>();
        Some(format!("The run was broken off and resumed: {before}{}; times and requests are those since then.", told(last)))
    }

    /// What becomes of member data, in one word.
    pub fn member_data(&self) -> &'static str {
        if self.facts.show_member_data { "shown" } else { "masked" }
    }
}
