//! `payerspec libtest`: every case as a libtest trial, for those who know `cargo test` and its runners.

mod results;

use std::path::PathBuf;
use std::sync::Arc;

use libtest_mimic::{Conclusion, Failed, Trial};

use super::exit::{BadInput, Exit};
use super::run::{self, interrupted};
use crate::check::Declared;
use crate::check::outcome::Outcome;
use crate::check::said::Said;
use crate::plan::Plan;
use crate::report::Mask;
use crate::run::Job;
use crate::run::event::{CaseResult, Event};

/// Arguments of `libtest`.
#[derive(Debug, clap::Args)]
// Its options are those of `run`, which already form a group of this name.
#[group(skip)]
pub struct Arguments {
    #[command(flatten)]
    run: run::Arguments,
    /// Sends nothing and tells the trials of a run that was made earlier: its `results.json`, or the folder that holds it.
    #[arg(long, value_name = "PATH", env = "PAYERSPEC_RESULTS")]
    results: Option<PathBuf>,
    /// What a libtest runner gives, after `--`: a filter, --list, --exact, --format, --ignored and the like.
    #[arg(last = true)]
    libtest: Vec<String>,
}

/// How a case ended, as a trial can say it.
#[derive(Clone)]
enum Ending {
    Passed,
    Ignored,
    Failed(String),
}

/// What a case's ending is made of.
struct Told {
    required: bool,
    outcome: Outcome,
    /// Whether the baseline names it.
    known: bool,
    /// Findings and reason.
    lines: Vec<String>,
}

/// Tells the trials of an earlier run; else lists the plan; else runs the suite, or the one case that a runner asks for by its exact name,
/// and tells the results. Other filters choose what is shown, not what is sent.
pub fn run(arguments: &Arguments) -> Result<Exit, BadInput> {
    let words = std::iter::once("payerspec libtest".to_owned()).chain(arguments.libtest.iter().cloned());
    let asked = libtest_mimic::Arguments::from_iter(words);
    if let Some(path) = &arguments.results {
        return Ok(conclude(&asked, results::read(path)?));
    }
    if arguments.run.resumes() {
        return Err(BadInput("--resume goes on with the reports of a run, and libtest writes none: resume with `payerspec run`, and give its folder with --results".to_owned()));
    }
    let mut job = run::job(&arguments.run)?;
    let runtime = super::runtime()?;
    if asked.list {
        return Ok(match runtime.block_on(planned(&job)) {
            Ok(plan) => conclude(&asked, listed(&plan)),
            Err(error) => {
                anstream::eprintln!("payerspec: {error}; nothing could be planned from the declaration of {}", job.target.base());
                Exit::NotMeasured
            }
        });
    }
    if let Some(id) = asked.filter.as_ref().filter(|_| asked.exact) {
        job.selection = job.selection.exactly(id);
    }
    let mut endings: Vec<(String, Ending)> = Vec::new();
    let mut mask = Mask::default();
    let summary = runtime.block_on(crate::run::run(job, interrupted(), &mut |event| match event {
        Event::RunStarted { facts, plan, catalogue } => {
            mask = Mask::new(facts, catalogue);
            endings = listed(plan);
        }
        Event::CaseFinished { index, case, result, .. } => {
            if let Some((_, ending)) = endings.get_mut(*index) {
                *ending = ending_of(case.level.is_required(), result, &mask);
            }
        }
        _ => {}
    }));
    runtime.shutdown_background();
    if endings.is_empty() {
        anstream::eprintln!("payerspec: {}", crate::report::clean(&mask.said(&summary.because)));
        return Ok(Exit::NotMeasured);
    }
    Ok(conclude(&asked, endings))
}

/// The plan, from the declaration alone.
async fn planned(job: &Job) -> Result<Plan, Said> {
    let declared = match &job.declared {
        Some(declared) => declared.clone(),
        None => crate::run::discover(&job.target, &job.catalogue).await?,
    };
    let declared = Declared {
        sign_in: job.target.expected_sign_in().map(Arc::new),
        secure: job.target.is_secure(),
        as_of: job.facts.as_of,
        ..declared
    };
    let catalogue = declared.extend(&job.catalogue);
    Ok(job.selection.apply(crate::plan::plan(&job.suites, &catalogue, &declared, job.limits.allow_writes)))
}

/// The cases of a plan. What does not apply is ignored; of the rest nothing is known before it ran.
fn listed(plan: &Plan) -> Vec<(String, Ending)> {
    let ending = |applies: bool| if applies { Ending::Failed("the run ended before this case".to_owned()) } else { Ending::Ignored };
    plan.cases.iter().map(|case| (case.id(), ending(case.not_applicable.is_none()))).collect()
}

/// Lets libtest-mimic list or tell the trials.
fn conclude(asked: &libtest_mimic::Arguments, endings: Vec<(String, Ending)>) -> Exit {
    let trials = endings.into_iter().map(|(id, ending)| {
        let ignored = matches!(ending, Ending::Ignored);
        let judge = move || match ending {
            Ending::Failed(why) => Err(Failed::from(why)),
            Ending::Passed | Ending::Ignored => Ok(()),
        };
        Trial::test(id, judge).with_ignored_flag(ignored)
    });
    let Conclusion { num_failed, .. } = libtest_mimic::run(asked, trials.collect());
    if num_failed > 0 { Exit::Deviates } else { Exit::Done }
}

fn ending_of(required: bool, result: &CaseResult, mask: &Mask) -> Ending {
    let lines = result.findings.iter().map(|finding| {
        let [at, expected, actual] = [&finding.at, &finding.expected, &finding.actual].map(|said| mask.said(said));
        format!("{} at {at}: expected {expected}, actual {actual}", finding.check)
    });
    let lines = lines.chain(result.reason.as_ref().map(|reason| mask.said(reason))).collect();
    Told { required, outcome: result.outcome, known: result.known.is_some(), lines }.ending()
}

impl Told {
    fn ending(&self) -> Ending {
        let why = || self.lines.iter().map(|line| crate::report::clean(line)).collect::<Vec<_>>().join("\n");
        match self.outcome {
            Outcome::Pass | Outcome::Warn => Ending::Passed,
            Outcome::Fail if self.known => Ending::Ignored,
            Outcome::Fail | Outcome::Error => Ending::Failed(why()),
            Outcome::Inconclusive if self.required => Ending::Failed(why()),
            Outcome::Inconclusive | Outcome::NotApplicable => Ending::Ignored,
        }
    }
}
