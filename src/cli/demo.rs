//! `payerspec demo`: the whole suite against the reference payer, on loopback.

use std::sync::Arc;

use super::exit::{BadInput, Exit};
use super::options::{DEFAULT_GUIDE, SelectionOptions};
use super::run::{OutputOptions, conclude, interrupted, reporters};
use crate::guide::{Catalogue, GuideId, Sources};
use crate::reference;
use crate::run::event::RunFacts;
use crate::run::{Baseline, Job, Limits, now};
use crate::target::{Secret, Target, TargetConfig};

/// Arguments of `demo`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The guide that the reference payer follows and is judged by: any embedded CARIN Blue Button version.
    #[arg(long, value_name = "ID#VERSION", default_value = DEFAULT_GUIDE)]
    guide: GuideId,
    /// A way for the reference payer to be broken; repeatable.
    #[arg(long = "fault", value_name = "NAME")]
    faults: Vec<String>,
    /// How many members the reference payer has.
    #[arg(long, value_name = "N", default_value_t = 3)]
    members: usize,
    /// Seed of the synthetic members.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// The reference payer takes writes, and they are asked for.
    #[arg(long)]
    allow_writes: bool,
    /// Cases at once.
    #[arg(long, value_name = "N", default_value_t = 4)]
    concurrency: usize,
    #[command(flatten)]
    selection: SelectionOptions,
    #[command(flatten)]
    output: OutputOptions,
}

/// Starts the reference payer, runs everything against it as its first member, and stops it.
pub fn run(arguments: &Arguments) -> Result<Exit, BadInput> {
    let suites = arguments.selection.suites()?;
    let selection = arguments.selection.selection()?;
    let options = reference::Options::new(&arguments.guide, &arguments.faults, arguments.members, arguments.seed)?
        .with_writes(arguments.allow_writes);
    let catalogue = Arc::new(Catalogue::load(std::slice::from_ref(&arguments.guide), &Sources::default())?);
    let mut reporters = reporters(&arguments.output)?;
    let runtime = super::runtime()?;
    let summary = runtime.block_on(async {
        let payer = reference::start(options).await.map_err(|error| BadInput(format!("the reference payer cannot start: {error}")))?;
        let member =
            payer.members().first().ok_or_else(|| BadInput("the reference payer needs at least one member: --members 1".to_owned()))?;
        let mut config = TargetConfig::of_base(payer.base())?;
        config.token = Some(Secret::new(&member.token));
        config.limits.concurrency = arguments.concurrency.max(1);
        let limits = Limits {
            concurrency: config.limits.concurrency,
            max_pages: config.limits.pages,
            total: None,
            allow_inconclusive: arguments.output.allow_inconclusive,
            allow_writes: arguments.allow_writes,
        };
        let target = Arc::new(Target::new(config)?);
        let facts = RunFacts {
            target: target.base().to_owned(),
            guides: vec![arguments.guide.clone()],
            suites: suites.iter().map(|suite| suite.id.clone()).collect(),
            started: now(),
            strict: arguments.output.strict,
            show_member_data: arguments.output.show_member_data,
            out: arguments.output.out.as_ref().map(|folder| folder.display().to_string()),
        };
        let patients = vec![member.patient.clone()];
        let other_patient = payer.members().get(1).map(|other| other.patient.clone());
        let job = Job {
            target,
            catalogue,
            suites,
            selection,
            declared: None,
            patients,
            other_patient,
            baseline: Baseline::default(),
            facts,
            limits,
        };
        Ok::<_, BadInput>(crate::run::run(job, interrupted(), &mut |event| reporters.on(event)).await)
    })?;
    runtime.shutdown_background();
    conclude(reporters, summary.verdict)
}
