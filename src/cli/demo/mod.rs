//! `payerspec demo`: the whole suite against the reference payer, on loopback.

mod fault_matrix;

use std::sync::Arc;

use url::Url;

use super::exit::{BadInput, Exit};
use super::options::{DEFAULT_GUIDE, SelectionOptions};
use super::run::{OutputOptions, report_on};
use crate::guide::{Catalogue, GuideId, Sources};
use crate::proof::{self, Questions};
use crate::reference::{self, Auth};
use crate::run::Limits;

/// Pages of one search at most.
const MOST_PAGES: usize = 100;

/// Arguments of `demo`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The guide that the reference payer follows and is judged by: any embedded CARIN Blue Button version.
    #[arg(long, value_name = "ID#VERSION", default_value = DEFAULT_GUIDE)]
    guide: GuideId,
    /// A way for the reference payer to be broken; repeatable.
    #[arg(long = "fault", value_name = "NAME")]
    faults: Vec<String>,
    /// Every fault in turn: prints which cases catch it, and ends 1 when a fault or a check is left unproven.
    #[arg(long, conflicts_with_all = ["faults", "members", "seed", "allow_writes", "resume"])]
    fault_matrix: bool,
    /// How many members the reference payer has.
    #[arg(long, value_name = "N", default_value_t = 3)]
    members: usize,
    /// Seed of the synthetic members.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// The reference payer takes writes, and they are asked for.
    #[arg(long)]
    allow_writes: bool,
    /// How the reference payer lets callers in: none, bearer, smart or utah; with the last two the suite signs in by script.
    #[arg(long, value_name = "KIND", default_value = "smart")]
    auth: Auth,
    /// Port of the reference payer on loopback; 0 takes any that is free, or with --resume that of the run. Parts of one run need the same.
    #[arg(long, value_name = "P", default_value_t = 0)]
    port: u16,
    /// The reference payer speaks plain http: rows about TLS stay open.
    #[arg(long)]
    plain_http: bool,
    /// The reference payer says nothing of its own data: rows that take such facts stay open.
    #[arg(long)]
    no_facts: bool,
    /// Cases at once.
    #[arg(long, value_name = "N", default_value_t = 4)]
    concurrency: usize,
    #[command(flatten)]
    selection: SelectionOptions,
    #[command(flatten)]
    output: OutputOptions,
}

impl Arguments {
    fn questions(&self) -> Result<Questions, BadInput> {
        Ok(Questions {
            guide: self.guide.clone(),
            suites: self.selection.suites()?,
            selection: self.selection.selection()?,
            catalogue: Arc::new(Catalogue::load(std::slice::from_ref(&self.guide), &Sources::default())?),
            limits: Limits {
                concurrency: self.concurrency.max(1),
                max_pages: MOST_PAGES,
                total: None,
                allow_inconclusive: self.output.allow_inconclusive,
                allow_writes: self.allow_writes,
            },
            as_of: self.selection.as_of(),
            with_facts: !self.no_facts,
            as_public_client: self.faults.iter().any(|fault| proof::needs_public_client(fault)),
        })
    }
}

/// Starts the reference payer, runs everything against it as its first member, and stops it.
pub fn run(arguments: &Arguments) -> Result<Exit, BadInput> {
    if arguments.fault_matrix {
        let questions = Questions { as_of: proof::DAY, ..arguments.questions()? };
        return fault_matrix::run(&questions, arguments.output.out.as_deref());
    }
    let unfinished = arguments.output.unfinished()?;
    // A run goes on at the address where it began.
    let port = unfinished.as_ref().and_then(|run| Url::parse(&run.facts().target).ok()?.port()).filter(|_| arguments.port == 0);
    let options = reference::Options::new(&arguments.guide, &arguments.faults, arguments.members, arguments.seed)?
        .with_port(port.unwrap_or(arguments.port))
        .with_writes(arguments.allow_writes)
        .with_tls(!arguments.plain_http)
        .with_auth(arguments.auth);
    let questions = arguments.questions()?;
    let runtime = super::runtime()?;
    let exit = runtime.block_on(async {
        let payer = reference::start(options).await.map_err(|error| BadInput(format!("the reference payer cannot start: {error}")))?;
        let mut job = questions.job(&payer)?;
        job.facts.payer = format!("{} members, seed {}, --auth {}", arguments.members, arguments.seed, arguments.auth.word());
        job.facts.faults.clone_from(&arguments.faults);
        job.facts.strict = arguments.output.strict;
        job.facts.show_member_data = arguments.output.show_member_data;
        job.facts.out = arguments.output.out.as_ref().map(|folder| folder.display().to_string());
        report_on(job, &arguments.output, unfinished).await
    });
    runtime.shutdown_background();
    exit
}
