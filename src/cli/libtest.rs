//! `payerspec libtest`: every case as a libtest trial, for those who know `cargo test` and its runners.

use std::sync::Arc;

use libtest_mimic::{Conclusion, Failed, Trial};

use super::exit::{BadInput, Exit};
use super::run::{self, interrupted};
use crate::check::outcome::Outcome;
use crate::report::Mask;
use crate::run::event::{CaseResult, Event};

/// Arguments of `libtest`.
#[derive(Debug, clap::Args)]
// Its options are those of `run`, which already form a group of this name.
#[group(skip)]
pub struct Arguments {
    #[command(flatten)]
    run: run::Arguments,
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

/// Runs the suite once and then tells its results as trials: the runner's own filters choose what is shown, not what is sent.
pub fn run(arguments: &Arguments) -> Result<Exit, BadInput> {
    let job = run::job(&arguments.run)?;
    let runtime = super::runtime()?;
    let mut endings: Vec<(String, Ending)> = Vec::new();
    let mut mask = Mask::default();
    let summary = runtime.block_on(crate::run::run(job, interrupted(), &mut |event| match event {
        Event::RunStarted { facts, plan, catalogue } => {
            mask = Mask::new(facts, catalogue);
            endings.extend(plan.cases.iter().map(|case| (case.id(), Ending::Ignored)));
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
    let endings = Arc::new(endings);
    let trials = (0..endings.len()).filter_map(|place| trial(&endings, place)).collect();
    let words = std::iter::once("payerspec libtest".to_owned()).chain(arguments.libtest.iter().cloned());
    let Conclusion { num_failed, .. } = libtest_mimic::run(&libtest_mimic::Arguments::from_iter(words), trials);
    Ok(if num_failed > 0 { Exit::Deviates } else { Exit::Done })
}

fn trial(endings: &Arc<Vec<(String, Ending)>>, place: usize) -> Option<Trial> {
    let (id, ending) = endings.get(place)?;
    let ending = ending.clone();
    let ignored = matches!(ending, Ending::Ignored);
    let judge = move || match ending {
        Ending::Failed(why) => Err(Failed::from(why)),
        Ending::Passed | Ending::Ignored => Ok(()),
    };
    Some(Trial::test(id, judge).with_ignored_flag(ignored))
}

fn ending_of(required: bool, result: &CaseResult, mask: &Mask) -> Ending {
    let why = || {
        let lines = result.findings.iter().map(|finding| {
            let [at, expected, actual] = [&finding.at, &finding.expected, &finding.actual].map(|said| mask.said(said));
            format!("{} at {at}: expected {expected}, actual {actual}", finding.check)
        });
        lines
            .chain(result.reason.as_ref().map(|reason| mask.said(reason)))
            .map(|line| crate::report::clean(&line))
            .collect::<Vec<_>>()
            .join("\n")
    };
    match result.outcome {
        Outcome::Pass | Outcome::Warn => Ending::Passed,
        Outcome::Fail if result.known.is_some() => Ending::Ignored,
        Outcome::Fail | Outcome::Error => Ending::Failed(why()),
        Outcome::Inconclusive if required => Ending::Failed(why()),
        Outcome::Inconclusive | Outcome::NotApplicable => Ending::Ignored,
    }
}
