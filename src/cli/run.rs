//! `payerspec run`: the main job.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::exit::{BadInput, Exit};
use super::options::{GuideOptions, SelectionOptions, TargetOptions};
use crate::report::resume::{ResumeError, Unfinished};
use crate::report::{Mask, Options as ReportOptions, Reporters, Show, Terminal, clean};
use crate::run::event::{RunFacts, Verdict};
use crate::run::{Baseline, Job, Limits, NotResumed, OtherHarvest, attestation, now};

/// Arguments of `run`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    target: TargetOptions,
    #[command(flatten)]
    guides: GuideOptions,
    #[command(flatten)]
    selection: SelectionOptions,
    #[command(flatten)]
    output: OutputOptions,
    /// Logical id of the member's Patient; repeatable for a token that covers several: each record is judged.
    #[arg(long = "patient", value_name = "ID")]
    patients: Vec<String>,
    /// Logical id of another member's Patient, whom the token must not reach.
    #[arg(long, value_name = "ID")]
    other_patient: Option<String>,
    /// Writes too, on what the run itself makes and deletes again: copies of harvested resources, marked by a tag. Not for production.
    #[arg(long)]
    allow_writes: bool,
    /// Known deviations.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// What somebody states of requirements that no run answers: told as attested, never as verified.
    #[arg(long, value_name = "FILE")]
    attestations: Option<PathBuf>,
    /// Seconds for the whole run.
    #[arg(long, value_name = "S")]
    total_timeout: Option<u64>,
}

/// What a run prints and writes.
#[derive(Debug, clap::Args)]
pub struct OutputOptions {
    /// Folder for the reports.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Goes on with the run that was broken off and left its events.ndjson in that folder: what it has done is not run again, but for cases in error.
    #[arg(long, requires = "out")]
    pub resume: bool,
    /// Which cases to print.
    #[arg(long, value_enum, default_value = "fail")]
    pub show: Show,
    /// Warnings count as failures.
    #[arg(long)]
    pub strict: bool,
    /// Required cases without an answer do not make the run unmeasured.
    #[arg(long)]
    pub allow_inconclusive: bool,
    /// Member data stays unmasked in reports.
    #[arg(long)]
    pub show_member_data: bool,
}

impl Arguments {
    /// Whether they ask to take up a run again.
    pub fn resumes(&self) -> bool {
        self.output.resume
    }
}

/// Runs the suite against a server.
pub fn run(arguments: &Arguments) -> Result<Exit, BadInput> {
    execute(job(arguments)?, &arguments.output)
}

/// Everything that a run needs. What the user gave is checked here, before anything is sent.
pub fn job(arguments: &Arguments) -> Result<Job, BadInput> {
    let mut config = arguments.target.config()?;
    let payer_facts = arguments.target.payer_facts()?;
    // What the user names may be asked wherever it is.
    config.allow_origins.extend(payer_facts.pages().cloned());
    let suites = arguments.selection.suites()?;
    let selection = arguments.selection.selection()?;
    let declared = arguments.target.declared_from_file()?;
    let baseline = match &arguments.baseline {
        Some(path) => Baseline::read(path, time::OffsetDateTime::now_utc().date())?,
        None => Baseline::default(),
    };
    let guides = arguments.guides.guides(&arguments.target.guides()?)?;
    let catalogue = Arc::new(arguments.guides.load(&guides)?);
    let attestations = match &arguments.attestations {
        Some(path) => attestation::read(path, &crate::plan::requirements(&suites, &catalogue))?,
        None => Vec::new(),
    };
    let patients = if arguments.patients.is_empty() { config.patients.clone() } else { arguments.patients.clone() };
    if let Some(what) = payer_facts.nameless().filter(|_| patients.len() > 1) {
        return Err(BadInput(format!("[facts] of the configuration: {what}")));
    }
    let other_patient = arguments.other_patient.clone().or_else(|| config.other_patient.clone());
    let limits = Limits {
        concurrency: config.limits.concurrency,
        max_pages: config.limits.pages,
        total: arguments.total_timeout.map(Duration::from_secs).or(config.limits.total),
        allow_inconclusive: arguments.output.allow_inconclusive,
        allow_writes: arguments.allow_writes,
    };
    let target = Arc::new(crate::target::Target::new(config)?);
    let members = patients.iter().chain(&other_patient).cloned().collect();
    let facts = RunFacts {
        target: target.base().to_owned(),
        guides,
        suites: suites.iter().map(|suite| suite.id.clone()).collect(),
        started: now(),
        strict: arguments.output.strict,
        allow_inconclusive: arguments.output.allow_inconclusive,
        show_member_data: arguments.output.show_member_data,
        pseudonym_key: super::pseudonym_key(),
        members,
        out: arguments.output.out.as_ref().map(|folder| folder.display().to_string()),
        as_of: Some(arguments.selection.as_of()),
        payer_facts_text: payer_facts.text.clone(),
        payer_facts: payer_facts.given(Some(arguments.selection.as_of())).into_iter().map(str::to_owned).collect(),
        attestations,
        ..RunFacts::default()
    };
    Ok(Job { target, catalogue, suites, selection, declared, patients, other_patient, payer_facts, baseline, facts, limits })
}

/// Runs a job with its reports, until it ends or ctrl-C ends it.
fn execute(job: Job, output: &OutputOptions) -> Result<Exit, BadInput> {
    let unfinished = output.unfinished()?;
    let runtime = super::runtime()?;
    let exit = runtime.block_on(report_on(job, output, unfinished));
    // Requests that were given up must not hold the process.
    runtime.shutdown_background();
    exit
}

impl OutputOptions {
    /// The run that is taken up again, if one is.
    pub fn unfinished(&self) -> Result<Option<Unfinished>, BadInput> {
        Ok(self.out.as_deref().filter(|_| self.resume).map(Unfinished::read).transpose()?)
    }
}

/// Runs a job with its reports, from where an earlier run was broken off if there is one.
pub async fn report_on(mut job: Job, output: &OutputOptions, unfinished: Option<Unfinished>) -> Result<Exit, BadInput> {
    let options = ReportOptions { out: output.out.clone(), show: output.show };
    let (Some(mut unfinished), Some(folder)) = (unfinished, &output.out) else {
        let mut reporters = Reporters::open(&options)?;
        let summary = crate::run::run(job, interrupted(), &mut |event| reporters.on(event)).await;
        return Ok(concluded(reporters.finish(), summary.verdict));
    };
    unfinished.agrees(&job.facts, &job.catalogue)?;
    job.facts.started.clone_from(&unfinished.facts().started);
    job.facts.resumed.clone_from(&unfinished.facts().resumed);
    let mask = Mask::new(&job.facts, &job.catalogue);
    let (path, earlier) = (unfinished.path().to_owned(), unfinished.take_earlier(mask.clone()));
    let mut reporters = Reporters::resuming(folder, unfinished, Terminal::for_process(&options))?;
    let why = match crate::run::resume(job, earlier, interrupted(), &mut |event| reporters.on(event)).await {
        Ok(summary) => return Ok(concluded(reporters.finish(), summary.verdict)),
        Err(why) => why,
    };
    reporters.abandon();
    let record = path.display();
    Err(BadInput(match why {
        NotResumed::OtherPlan => format!(
            "{record} is of another plan: what the server declares, the suites, --only, --skip, --partition or --allow-writes changed; run with the same, or leave --resume out to run anew"
        ),
        NotResumed::Astray(id) => format!(
            "{record} is not what a run wrote: the case {} is not where the plan has it, or not as the plan asks it; leave --resume out to run anew",
            clean(&id)
        ),
        NotResumed::OtherHarvest(OtherHarvest { what, values: [before, found] }) => {
            return Err(ResumeError::Other { path, what, values: [before, found] }.into());
        }
        NotResumed::Early(why) => {
            anstream::eprintln!("payerspec: {}; {record} is as it was", clean(&mask.said(&why)));
            return Ok(Exit::NotMeasured);
        }
    }))
}

/// Turns what could not be written and the verdict into the exit code.
pub fn concluded(problems: Vec<String>, verdict: Verdict) -> Exit {
    if super::report::unwritten(problems) {
        return Exit::Unreported;
    }
    match verdict {
        Verdict::Conformant => Exit::Done,
        Verdict::Deviates => Exit::Deviates,
        Verdict::NotMeasured => Exit::NotMeasured,
    }
}

/// Ends at the first ctrl-C; never, where the system gives no such signal.
pub fn interrupted() -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
