//! Each fault with the cases that it makes end badly.

use std::collections::BTreeSet;
use std::io;

use futures_util::stream::{self, Stream, StreamExt};
use serde::{Serialize, Serializer};
use thiserror::Error;

use super::gap::{self, Gap};
use super::questions::{Questions, QuestionsError};
use super::sign_in::needs_public_client;
use crate::check::outcome::{Finding, Outcome};
use crate::reference::fault::{FAULTS, Fault};
use crate::reference::{self, Auth, OptionsError};
use crate::run::Limits;
use crate::run::event::{Event, Tally, Verdict};

/// Members of each payer: one who asks, one whose data must stay hidden, and one more.
const MEMBERS: usize = 3;
/// Seed of the members of each payer.
const SEED: u64 = 1;
/// Families of faults that only a run that signs in meets.
const SIGN_IN: [&str; 3] = ["oauth", "access-token", "tls"];
/// The version of the form of `fault-matrix.json`; it changes when a reader would have to.
const VERSION: &str = "payerspec-fault-matrix-1";

/// A case that a fault makes end badly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caught {
    /// The case.
    pub id: String,
    /// The suite and its case that made this one, such as `read#{type}.read`.
    pub template: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Ids of the checks that found something, sorted.
    pub checks: BTreeSet<String>,
}

/// One payer, and what the suite says of it.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The fault; empty for the sound payer.
    pub fault: &'static str,
    /// The first part of its name.
    pub family: &'static str,
    /// What it breaks, as a sentence.
    pub breaks: &'static str,
    /// Whether only a run with writes meets it.
    pub writes: bool,
    /// How the run ended.
    pub verdict: Verdict,
    /// Counts of outcomes.
    pub tally: Tally,
    /// The validator's rules that the record breaks, as the cases about types and profiles found them.
    pub rules: BTreeSet<String>,
    /// The cases that ended badly, in the order of their ids; written together where they ended alike.
    #[serde(serialize_with = "alike")]
    pub cases: Vec<Caught>,
}

/// The sound payer and one for each fault, with what is still unproven.
#[derive(Clone, Debug, Serialize)]
pub struct Matrix {
    schema: &'static str,
    /// The guide that the payer follows and is judged by.
    pub guide: String,
    /// The sound payer, asked to take writes too.
    pub sound: Row,
    /// One row for each fault, in the order of the payer's list.
    pub faults: Vec<Row>,
    /// What the rows do not prove.
    pub gaps: Vec<Gap>,
    /// Templates of cases of which no fault makes any end badly.
    pub templates_without_fault: BTreeSet<String>,
}

/// Why there is no matrix.
#[derive(Debug, Error)]
pub enum MatrixError {
    /// The payer cannot be as wanted.
    #[error(transparent)]
    Options(#[from] OptionsError),
    /// The payer cannot start.
    #[error("the reference payer cannot start: {0}")]
    Start(#[from] io::Error),
    /// The payer cannot be asked.
    #[error(transparent)]
    Questions(#[from] QuestionsError),
}

/// What one run against one payer gave.
struct Ran {
    row: Row,
    /// Templates of the cases that were judged.
    judged: BTreeSet<String>,
}

/// Tries the sound payer and then each fault, some at once, and tells `sink` of each row in the order of the payer's list.
///
/// # Errors
/// When a payer cannot be started or asked.
pub async fn measure(questions: &Questions, at_once: usize, sink: &mut dyn FnMut(&Row)) -> Result<Matrix, MatrixError> {
    let Ran { row: sound, judged } = ran(questions, None, true).await?;
    sink(&sound);
    let mut faults = Vec::new();
    let mut rows = std::pin::pin!(rows(questions, at_once));
    while let Some(row) = rows.next().await {
        let row = row?;
        sink(&row);
        faults.push(row);
    }
    let gaps = gap::gaps(&sound, &faults);
    let failed: BTreeSet<&str> = faults.iter().flat_map(Row::deviating).map(|case| case.template.as_str()).collect();
    let templates_without_fault = judged.into_iter().filter(|template| !failed.contains(template.as_str())).collect();
    Ok(Matrix { schema: VERSION, guide: questions.guide.to_string(), sound, faults, gaps, templates_without_fault })
}

fn rows(questions: &Questions, at_once: usize) -> impl Stream<Item = Result<Row, MatrixError>> {
    stream::iter(FAULTS.iter().map(move |fault| row(questions, fault))).buffered(at_once.max(1))
}

/// The rule of the validator that a finding about a type or a profile names before what it expects.
fn rule(finding: &Finding) -> Option<String> {
    let (rule, _) = finding.expected.split_once(": ").filter(|_| finding.check.starts_with("profile."))?;
    Some(rule.to_owned())
}

/// Tries one fault. One that reads do not meet is looked for with writes.
///
/// # Errors
/// When a payer cannot be started or asked.
pub async fn row(questions: &Questions, fault: &Fault) -> Result<Row, MatrixError> {
    let row = ran(questions, Some(fault), false).await?.row;
    if row.cases.is_empty() { Ok(ran(questions, Some(fault), true).await?.row) } else { Ok(row) }
}

async fn ran(questions: &Questions, fault: Option<&Fault>, writes: bool) -> Result<Ran, MatrixError> {
    // Only what is about the sign-in needs one.
    let signs_in = fault.is_none_or(|fault| SIGN_IN.contains(&fault.family()));
    let auth = if signs_in { Auth::Smart } else { Auth::Bearer };
    let names: Vec<&str> = fault.iter().map(|fault| fault.name).collect();
    let options = reference::Options::new(&questions.guide, &names, MEMBERS, SEED)?;
    // The sound payer is asked everything, TLS included.
    let options = options.with_writes(writes).with_auth(auth).with_tls(fault.is_none());
    let payer = reference::start(options).await?;
    let as_public_client = fault.is_some_and(|fault| needs_public_client(fault.name));
    let limits = Limits { allow_writes: writes, ..questions.limits };
    let questions = Questions { limits, as_public_client, ..questions.clone() };
    let job = questions.job(&payer)?;
    let (mut cases, mut rules, mut judged) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    let summary = crate::run::run(job, Box::pin(std::future::pending()), &mut |event| {
        let Event::CaseFinished { case, result, .. } = event else { return };
        match result.outcome {
            Outcome::NotApplicable | Outcome::Inconclusive => {}
            Outcome::Pass => drop(judged.insert(case.origin().to_owned())),
            Outcome::Fail | Outcome::Warn | Outcome::Error => {
                judged.insert(case.origin().to_owned());
                rules.extend(result.findings.iter().filter_map(rule));
                cases.push(Caught {
                    id: case.id(),
                    template: case.origin().to_owned(),
                    outcome: result.outcome,
                    checks: result.findings.iter().map(|finding| finding.check.clone()).collect(),
                });
            }
        }
    })
    .await;
    payer.shutdown().await;
    cases.sort_by(|one, other| one.id.cmp(&other.id));
    let row = Row {
        fault: fault.map_or("", |fault| fault.name),
        family: fault.map_or("", Fault::family),
        breaks: fault.map_or("", |fault| fault.summary),
        writes,
        verdict: summary.verdict,
        tally: summary.tally,
        rules,
        cases,
    };
    Ok(Ran { row, judged })
}

/// Cases of one fault that ended alike, as they are written.
#[derive(Serialize)]
struct Alike<'a> {
    outcome: Outcome,
    checks: &'a BTreeSet<String>,
    ids: Vec<&'a str>,
}

/// A fault of the whole server is caught by hundreds of cases in the same way.
fn alike<S: Serializer>(cases: &[Caught], serializer: S) -> Result<S::Ok, S::Error> {
    let mut groups: Vec<Alike<'_>> = Vec::new();
    for case in cases {
        match groups.iter_mut().find(|group| group.outcome == case.outcome && *group.checks == case.checks) {
            Some(group) => group.ids.push(&case.id),
            None => groups.push(Alike { outcome: case.outcome, checks: &case.checks, ids: vec![&case.id] }),
        }
    }
    serializer.collect_seq(groups)
}

impl Row {
    /// The cases that found a deviation, those in error left out.
    pub fn deviating(&self) -> impl Iterator<Item = &Caught> {
        self.cases.iter().filter(|case| matches!(case.outcome, Outcome::Fail | Outcome::Warn))
    }
}
