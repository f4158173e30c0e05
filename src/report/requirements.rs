//! What the cases of a requirement say of it, together.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use globset::{Glob, GlobMatcher, GlobSet, GlobSetBuilder};

use super::recorded::{Case, Finding, Start};
use crate::check::outcome::{Level, Outcome};
use crate::guide::requirements::{self, Requirement};
use crate::run::attestation::Attestation;
use crate::run::event::Tally;

/// Case ids kept of one requirement.
const MOST_CASES: usize = 100;

/// How a requirement stands after a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// A case broke it.
    Violated,
    /// Cases could answer it, and none did.
    NotExercised,
    /// It takes facts that only the payer has.
    NeedsPayerFacts,
    /// It takes somebody's statement.
    NeedsStatement,
    /// Somebody stated that it is met; nothing was verified.
    Attested,
    /// A case held and none broke it.
    Verified,
    /// It asks nothing of a server that does not offer what it is about.
    NotApplicable,
    /// It is not in force on the day of the run, or the run goes by a version of a standard that is not.
    NotInForce,
    /// No run answers it.
    Excluded,
}

impl Status {
    /// All of them, what wants attention first.
    pub const ALL: [Self; 9] = [
        Self::Violated,
        Self::NotExercised,
        Self::NeedsPayerFacts,
        Self::NeedsStatement,
        Self::Attested,
        Self::Verified,
        Self::NotApplicable,
        Self::NotInForce,
        Self::Excluded,
    ];

    /// The stable word for reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Violated => "violated",
            Self::NotExercised => "not-exercised",
            Self::NeedsPayerFacts => "needs-payer-facts",
            Self::NeedsStatement => "needs-statement",
            Self::Attested => "attested",
            Self::Verified => "verified",
            Self::NotApplicable => "not-applicable",
            Self::NotInForce => "not-in-force",
            Self::Excluded => "excluded",
        }
    }
}

/// Requirements in the order of their lists, with what the cases said.
#[derive(Debug, Default)]
pub struct Requirements {
    rows: Vec<Row>,
    by_id: HashMap<String, usize>,
    /// The patterns of all rows that are of ids of cases, and those that are of questions.
    cases: Patterns,
    questions: Patterns,
}

/// Patterns, and whose each is.
#[derive(Debug, Default)]
struct Patterns {
    set: GlobSet,
    owners: Vec<usize>,
}

impl Patterns {
    fn of(patterns: Vec<(Glob, usize)>) -> Self {
        let mut builder = GlobSetBuilder::new();
        let owners = patterns.iter().map(|(_, owner)| *owner).collect();
        for (glob, _) in patterns {
            builder.add(glob);
        }
        builder.build().map_or_else(|_| Self::default(), |set| Self { set, owners })
    }

    fn owners_of(&self, text: &str) -> impl Iterator<Item = usize> {
        self.set.matches(text).into_iter().filter_map(|pattern| self.owners.get(pattern).copied())
    }
}

/// One requirement.
#[derive(Debug, Default)]
pub struct Row {
    /// What it asks.
    pub told: Requirement,
    /// Ids of cases that held; the first in their order, bounded.
    pub verified_by: BTreeSet<String>,
    /// Ids of cases that broke it; likewise.
    pub violated_by: BTreeSet<String>,
    /// How all its cases ended.
    pub tally: Tally,
    /// Why a case had no answer.
    pub reason: Option<String>,
    attested: Option<Attestation>,
    /// Whether the run was not given the facts that it takes.
    lacks_facts: bool,
    broken_by: Vec<GlobMatcher>,
    strongest: Option<Level>,
}

impl Row {
    /// How it stands.
    pub fn status(&self) -> Status {
        match &self.told {
            told if told.not_in_force.is_some() => Status::NotInForce,
            _ if !self.violated_by.is_empty() => Status::Violated,
            _ if !self.verified_by.is_empty() && self.is_settled() => Status::Verified,
            _ if self.attested.is_some() => Status::Attested,
            told if told.excluded_because.is_some() => Status::Excluded,
            _ if self.lacks_facts => Status::NeedsPayerFacts,
            told if told.needs_statement.is_some() => Status::NeedsStatement,
            told if told.where_offered && self.tally.total() == self.tally.not_applicable => Status::NotApplicable,
            _ => Status::NotExercised,
        }
    }

    /// Whether what held is enough. What takes facts is not settled by some of its cases: what was never seen may be what the payer does not
    /// hold, and what does not apply for want of a fact was never asked.
    fn is_settled(&self) -> bool {
        let unasked = if self.lacks_facts { self.tally.not_applicable } else { 0 };
        self.told.facts.is_empty() || self.tally.inconclusive + unasked == 0
    }

    /// Why it has no answer: what is needed, why it is excluded, or why a case of it had none.
    pub fn why(&self) -> Option<String> {
        let told = &self.told;
        match self.status() {
            Status::Verified | Status::Violated => None,
            Status::Attested => self.attested.as_ref().map(|said| {
                let evidence = said.evidence.as_ref().map_or_else(String::new, |evidence| format!(" ({evidence})"));
                format!("Stated by {} on {}: {}{evidence}", said.by, said.date, said.statement)
            }),
            Status::NotApplicable => Some(self.reason.clone().unwrap_or_else(|| "The server does not offer it.".to_owned())),
            Status::NotInForce => told.not_in_force.clone(),
            Status::Excluded => told.excluded_because.clone(),
            Status::NeedsPayerFacts => told.needs_facts.as_ref().map(|facts| format!("The payer would have to say {facts}.")),
            Status::NeedsStatement => told.needs_statement.as_ref().map(|said| format!("Somebody would have to state {said}.")),
            Status::NotExercised => Some(self.reason.clone().unwrap_or_else(|| "No case of this run asks for it.".to_owned())),
        }
    }

    fn count(&mut self, case: &Case) {
        self.tally.count(case.outcome);
        // Levels are ordered from the strongest on.
        self.strongest = Some(self.strongest.map_or(case.level, |known| known.min(case.level)));
        let ids = match case.outcome {
            Outcome::Fail | Outcome::Warn if self.is_broken_by(&case.findings) => &mut self.violated_by,
            Outcome::Fail | Outcome::Warn | Outcome::Pass => &mut self.verified_by,
            Outcome::Inconclusive | Outcome::NotApplicable | Outcome::Error => {
                // Cases end in any order; the report is the same in all of them.
                self.reason = self.reason.take().into_iter().chain(case.reason.clone()).min();
                return;
            }
        };
        if ids.len() < MOST_CASES || ids.last().is_some_and(|last| case.id < *last) {
            ids.insert(case.id.clone());
            if ids.len() > MOST_CASES {
                ids.pop_last();
            }
        }
    }

    fn is_broken_by(&self, findings: &[Finding]) -> bool {
        let says = |finding: &Finding| format!("{} {} {}", finding.check, finding.at, finding.expected);
        self.broken_by.is_empty() || findings.iter().map(says).any(|said| self.broken_by.iter().any(|pattern| pattern.is_match(&said)))
    }
}

impl Requirements {
    /// Takes over what the start of a run knows of them, and what is stated of them.
    pub fn describe(&mut self, start: &Start) {
        *self = Self::default();
        let (mut cases, mut questions) = (Vec::new(), Vec::new());
        for told in &start.requirements {
            let index = self.row(&told.id);
            let Some(row) = self.rows.get_mut(index).filter(|row| row.told.text.is_empty()) else { continue };
            // A pattern that cannot be read matches nothing; a test reads those of every list, and `lint` those of a suite.
            let globs = |patterns: &[String]| patterns.iter().filter_map(|pattern| Glob::new(pattern).ok()).collect::<Vec<_>>();
            row.broken_by = globs(&told.broken_by).iter().map(Glob::compile_matcher).collect();
            for glob in globs(&told.verified_by) {
                if requirements::is_of_questions(glob.glob()) { &mut questions } else { &mut cases }.push((glob, index));
            }
            row.lacks_facts = told.needs_facts.is_some() && !told.has_facts(&start.facts.payer_facts);
            row.told = told.clone();
        }
        for said in &start.facts.attestations {
            let index = self.row(&said.requirement);
            if let Some(row) = self.rows.get_mut(index) {
                row.attested = Some(said.clone());
            }
        }
        (self.cases, self.questions) = (Patterns::of(cases), Patterns::of(questions));
    }

    /// Takes one more case into account. What neither a guide nor the server claims answers no requirement.
    pub fn count(&mut self, case: &Case) {
        if case.observed {
            return;
        }
        let mut rows: Vec<usize> = case.requirements.iter().map(|id| self.row(id)).collect();
        rows.extend(self.cases.owners_of(&case.id));
        rows.extend(self.questions.owners_of(&case.origin));
        rows.sort_unstable();
        rows.dedup();
        for index in rows {
            if let Some(row) = self.rows.get_mut(index) {
                row.count(case);
            }
        }
    }

    /// In the order of their lists.
    pub fn iter(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter()
    }

    /// How many mandatory ones stand in each way: first those of the guides' own lists and of no list, then each other list by its title.
    pub fn mandatory(&self) -> Vec<(Option<&str>, BTreeMap<Status, usize>)> {
        let mut lists: Vec<(Option<&str>, BTreeMap<Status, usize>)> = vec![(None, BTreeMap::new())];
        for row in self.rows.iter().filter(|row| row.is_mandatory()) {
            let title = row.told.list.as_deref();
            let place = lists.iter().position(|(known, _)| *known == title).unwrap_or(lists.len());
            if place == lists.len() {
                lists.push((title, BTreeMap::new()));
            }
            if let Some((_, counts)) = lists.get_mut(place) {
                *counts.entry(row.status()).or_default() += 1;
            }
        }
        lists.retain(|(_, counts)| !counts.is_empty());
        lists
    }

    /// A line with the counts of each list that has a mandatory row.
    pub fn lines(&self) -> Vec<String> {
        self.mandatory().iter().map(|(title, counts)| line(title.unwrap_or("Requirements"), counts)).collect()
    }

    /// The place of a row; one that no list knows is told by its cases alone.
    fn row(&mut self, id: &str) -> usize {
        if let Some(index) = self.by_id.get(id) {
            return *index;
        }
        let index = self.rows.len();
        self.rows.push(Row { told: Requirement { id: id.to_owned(), ..Requirement::default() }, ..Row::default() });
        self.by_id.insert(id.to_owned(), index);
        index
    }
}

fn line(title: &str, counts: &BTreeMap<Status, usize>) -> String {
    let of = |status: Status| counts.get(&status).copied().unwrap_or_default();
    let all: usize = counts.values().sum();
    let mut line = format!(
        "{title}: {} of {all} mandatory verified, {} violated, {} not exercised",
        of(Status::Verified),
        of(Status::Violated),
        of(Status::NotExercised)
    );
    for (status, words) in [
        (Status::NeedsPayerFacts, "need payer facts"),
        (Status::NeedsStatement, "need a statement"),
        (Status::Attested, "attested"),
        (Status::NotApplicable, "not applicable"),
        (Status::NotInForce, "not in force"),
    ] {
        if of(status) > 0 {
            line.push_str(&format!(", {} {words}", of(status)));
        }
    }
    line
}

impl Row {
    /// How strongly it is asked: as its list says, else as the strongest of its cases is.
    pub fn verb(&self) -> &str {
        if self.told.verb.is_empty() { self.strongest.map_or("", Level::word) } else { &self.told.verb }
    }

    fn is_mandatory(&self) -> bool {
        if self.told.verb.is_empty() { self.strongest == Some(Level::Shall) } else { self.told.is_mandatory() }
    }
}
