//! The three stages: discover, harvest, judge.

use std::collections::HashSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::baseline::Baseline;
use super::cpcds::{self, CpcdsCount};
use super::discover::{discover, not_r4};
use super::earlier::{Earlier, NotResumed};
use super::event::{CaseResult, Event, Harvest, Resumption, RunFacts, RunSummary, Stage, StopReason};
use super::harvest::Harvester;
use super::judge::{Heavy, Judge, ended};
use super::own::Own;
use super::support::{self, Support};
use super::verdict::Scores;
use super::watch::Watch;
use super::workers::{News, Workers};
use crate::check::exchange::SendError;
use crate::check::outcome::Outcome;
use crate::check::said::{Said, said, words};
use crate::check::{Counts, Declared, PayerFacts, Samples, Verdicts};
use crate::fhir::day::Day;
use crate::guide::Catalogue;
use crate::plan::{Bar, Case, Plan, Selection};
use crate::suite::Suite;
use crate::target::Target;

/// How many cases in a row may fail to connect before the target counts as gone.
const MOST_DEAD_CASES: usize = 12;

/// Everything that a run needs.
pub struct Job {
    /// The endpoint.
    pub target: Arc<Target>,
    /// What the guides say.
    pub catalogue: Arc<Catalogue>,
    /// The questions.
    pub suites: Vec<Suite>,
    /// Which of them.
    pub selection: Selection,
    /// A declaration from a file, in place of `/metadata`.
    pub declared: Option<Declared>,
    /// The members whom the credentials cover, by logical id.
    pub patients: Vec<String>,
    /// Another member, whom the credentials must not reach.
    pub other_patient: Option<String>,
    /// What the payer says of its own data.
    pub payer_facts: Arc<PayerFacts>,
    /// Known deviations.
    pub baseline: Baseline,
    /// What reports say of the run, and the day by whose rules it judges.
    pub facts: RunFacts,
    /// Bounds.
    pub limits: Limits,
}

/// Bounds of a run.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Cases and harvest requests at once.
    pub concurrency: usize,
    /// Pages of one search at most.
    pub max_pages: usize,
    /// The whole run.
    pub total: Option<Duration>,
    /// Whether required cases may stay without an answer.
    pub allow_inconclusive: bool,
    /// Whether cases that write are run, on what the run itself made.
    pub allow_writes: bool,
}

/// Ends when the user stops the run.
pub type Stop = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs a job and says what happens to `sink`, from this task only. Whatever ends the run, the last event is `RunFinished`.
pub async fn run(job: Job, stop: Stop, sink: &mut dyn FnMut(&Event<'_>)) -> RunSummary {
    let (mut runner, started) = (Runner::new(job, None, sink), Instant::now());
    let (stop, harvested) = runner.stages(stop).await;
    runner.end(stop, harvested, started)
}

/// As [`run`], but takes over what an earlier run of the same plan has done, once it is certain that it belongs here.
///
/// # Errors
/// The plan or the member's record is another one, or it did not come so far. The last event is none then.
pub async fn resume(job: Job, earlier: Earlier, stop: Stop, sink: &mut dyn FnMut(&Event<'_>)) -> Result<RunSummary, NotResumed> {
    let (mut runner, started) = (Runner::new(job, Some(earlier), sink), Instant::now());
    let (stop, harvested) = runner.stages(stop).await;
    match runner.not_resumed.take() {
        Some(why) => Err(why),
        None => Ok(runner.end(stop, harvested, started)),
    }
}

/// The current time, RFC 3339 in UTC.
pub fn now() -> String {
    time::OffsetDateTime::now_utc().format(&time::format_description::well_known::Rfc3339).unwrap_or_default()
}

/// The day that it is where days begin last.
fn today() -> Day {
    Day::new((time::OffsetDateTime::now_utc() - time::Duration::hours(12)).date())
}

struct Runner<'a> {
    job: Job,
    scores: Scores,
    used: HashSet<usize>,
    retried: HashSet<String>,
    left: Vec<String>,
    must_support: Vec<Support>,
    cpcds: Vec<CpcdsCount>,
    /// Whether `--partition` leaves cases to other runs.
    is_part: bool,
    /// What need not be run again.
    earlier: Option<Earlier>,
    /// Why it could not be taken over.
    not_resumed: Option<NotResumed>,
    sink: &'a mut dyn FnMut(&Event<'_>),
}

impl<'a> Runner<'a> {
    fn new(job: Job, earlier: Option<Earlier>, sink: &'a mut dyn FnMut(&Event<'_>)) -> Self {
        Self {
            job,
            scores: Scores::default(),
            used: HashSet::new(),
            retried: HashSet::new(),
            left: Vec::new(),
            must_support: Vec::new(),
            cpcds: Vec::new(),
            is_part: false,
            earlier,
            not_resumed: None,
            sink,
        }
    }

    /// Says how the run ended.
    fn end(self, stop: StopReason, harvested: Vec<(String, usize)>, started: Instant) -> RunSummary {
        let stale = match stop {
            StopReason::Completed => self.job.baseline.stale(&self.used),
            _ => Vec::new(),
        };
        // What excuses nothing in one part may excuse something in another.
        let counted = if self.is_part { &[][..] } else { &stale };
        let (verdict, because) = self.scores.verdict(&stop, counted, self.job.limits.allow_inconclusive);
        let summary = RunSummary {
            tally: self.scores.tally,
            verdict,
            because,
            stop,
            finished: now(),
            duration_ms: started.elapsed().as_secs_f64() * 1000.0,
            requests: self.job.target.requests(),
            harvested,
            stale,
            left: self.left,
            must_support: self.must_support,
            cpcds: self.cpcds,
        };
        (self.sink)(&Event::RunFinished { summary: &summary });
        summary
    }

    async fn stages(&mut self, stop: Stop) -> (StopReason, Vec<(String, usize)>) {
        let total = self.job.limits.total;
        let mut ended = Box::pin(async move {
            match total {
                Some(total) => tokio::select! {
                    () = stop => StopReason::Interrupted,
                    () = tokio::time::sleep(total) => StopReason::TimeUp,
                },
                None => {
                    stop.await;
                    StopReason::Interrupted
                }
            }
        });
        (self.sink)(&Event::StageStarted { stage: Stage::Discover });
        let declared = tokio::select! {
            declared = declared(&self.job) => declared,
            reason = &mut ended => return (self.nothing(reason), Vec::new()),
        };
        let mut declared = match declared {
            Ok(declared) => declared,
            Err(reason) => return (self.nothing(StopReason::Unmeasurable(reason)), Vec::new()),
        };
        self.job.catalogue = declared.extend(&self.job.catalogue);
        let bar = Bar::new(&self.job.catalogue, &declared);
        let whole = crate::plan::plan(&self.job.suites, &self.job.catalogue, &declared, self.job.limits.allow_writes);
        let plan = Arc::new(self.job.selection.apply(whole));
        self.is_part = plan.part.of.is_some();
        if let Some(earlier) = &self.earlier {
            if let Err(why) = earlier.follows(&plan) {
                self.not_resumed = Some(why);
                return (StopReason::Completed, Vec::new());
            }
            self.job.facts.resumed.push(Resumption { at: now(), carried_over: earlier.kept(&plan).count() });
        }
        (self.sink)(&Event::RunStarted { facts: &self.job.facts, plan: &plan, catalogue: &self.job.catalogue });
        tokio::select! {
            () = try_out(&self.job.target, &plan, &mut declared) => {}
            reason = &mut ended => return (self.skip_all(&plan, reason), Vec::new()),
        }
        if let Some(reason) = not_r4(&declared) {
            return (self.declaration_only(&plan, declared, bar, reason).await, Vec::new());
        }
        (self.sink)(&Event::StageStarted { stage: Stage::Harvest });
        let heavy = Heavy::default();
        let harvester = Harvester {
            heavy: &heavy,
            target: &self.job.target,
            catalogue: &self.job.catalogue,
            bar: &bar,
            concurrency: self.job.limits.concurrency,
            max_pages: self.job.limits.max_pages,
        };
        let named = Some(&self.job.patients).filter(|named| !named.is_empty()).cloned();
        let patients = named.unwrap_or_else(|| self.job.target.signed_in_patient().into_iter().collect());
        let records = tokio::select! {
            records = harvester.harvest_all(&patients) => records,
            reason = &mut ended => return (self.skip_all(&plan, reason), Vec::new()),
        };
        let harvested = Samples::counts_of_all(&records);
        let members = records.iter().filter_map(|samples| samples.patient.clone()).collect();
        let harvest = Harvest { members, counts: harvested.clone() };
        (self.sink)(&Event::Harvested { harvest: &harvest });
        if let Some(Err(other)) = self.earlier.as_ref().and_then(|earlier| Some(earlier.same_harvest.as_ref()?(&harvest))) {
            self.not_resumed = Some(NotResumed::OtherHarvest(other));
            return (StopReason::Completed, harvested);
        }
        self.keep(&plan);
        (self.sink)(&Event::StageStarted { stage: Stage::Judge });
        let judge = Arc::new(self.judge_of(declared, bar, records, heavy));
        let reason = self.judge(&plan, judge.clone(), &mut ended).await;
        self.left = judge.own.sweep(&self.job.target, &judge.bar).await;
        if reason == StopReason::Completed {
            self.must_support = support::observed(&plan, &judge.counts, &judge.records, self.job.target.base());
            // Without the cases of the profiles nobody has asked what is of which.
            if !self.must_support.is_empty() {
                self.cpcds = cpcds::counted(&self.job.catalogue, &judge.counts, &judge.records, self.job.target.base());
            }
        }
        (reason, harvested)
    }

    /// Says what an earlier run has done, and counts it.
    fn keep(&mut self, plan: &Plan) {
        for (index, case, done) in self.earlier.iter().flat_map(|earlier| earlier.kept(plan)) {
            let known = match done.outcome {
                Outcome::Fail | Outcome::Warn => {
                    let (used, known) = self.job.baseline.covers(&case.id(), done.checks.iter().map(String::as_str));
                    self.used.extend(used);
                    known
                }
                _ => None,
            };
            self.scores.count(case.level, done.outcome, known.is_some(), self.job.facts.strict);
            (self.sink)(&Event::CaseKept { index, case, known, tally: self.scores.tally });
        }
    }

    /// Which cases lack their answer, by their place.
    fn open(&self, plan: &Plan) -> Vec<bool> {
        let mut open = vec![true; plan.cases.len()];
        for (index, ..) in self.earlier.iter().flat_map(|earlier| earlier.kept(plan)) {
            settle(&mut open, index);
        }
        open
    }

    fn judge_of(&self, declared: Declared, bar: Bar, records: Vec<Samples>, heavy: Heavy) -> Judge {
        let records: Vec<_> = records.into_iter().map(|samples| (samples, Verdicts::new(self.job.catalogue.clone()))).collect();
        let watch = Watch::new(self.job.catalogue.clone(), &records, self.job.other_patient.clone(), &self.job.facts);
        if let Some(earlier) = &self.earlier {
            watch.remember(&earlier.looks);
        }
        Judge {
            watch,
            records,
            target: self.job.target.clone(),
            catalogue: self.job.catalogue.clone(),
            declared,
            bar,
            other_patient: self.job.other_patient.clone(),
            max_pages: self.job.limits.max_pages,
            heavy,
            own: Own::default(),
            counts: Counts::default(),
        }
    }

    /// Runs every case, at most `concurrency` at once, until all have ended or the run is stopped.
    async fn judge(
        &mut self,
        plan: &Arc<Plan>,
        judge: Arc<Judge>,
        ended_early: &mut (impl Future<Output = StopReason> + Unpin),
    ) -> StopReason {
        // What is written would disturb the searches: it comes after them, one case at a time.
        let is_alone = |case: &Case| (case.writes() || case.about.whole_run) && case.not_applicable.is_none();
        // Cases of one type share answers: in a row, they find them as they came.
        let place = |index: &usize| {
            let case = plan.cases.get(*index)?;
            let alone = is_alone(case);
            // What is judged from all other answers comes last.
            Some((case.about.whole_run, alone, case.about.resource_type.as_ref().filter(|_| !alone)))
        };
        let mut open = self.open(plan);
        let mut order: Vec<usize> = (0..plan.cases.len()).filter(|index| open.get(*index) == Some(&true)).collect();
        order.sort_by(|one, other| place(one).cmp(&place(other)));
        let first_alone = order.iter().position(|index| plan.cases.get(*index).is_some_and(is_alone)).unwrap_or(order.len());
        let alone = order.split_off(first_alone);
        let (mut dead, mut reason) = (0, StopReason::Completed);
        for (order, at_once) in [(order, self.job.limits.concurrency), (alone, 1)] {
            if reason != StopReason::Completed {
                break;
            }
            let mut workers = Workers::start(plan, &judge, order, at_once);
            loop {
                if reason != StopReason::Completed {
                    // What is under way ends as it may.
                    workers.stop();
                    self.job.target.cancel();
                }
                let all = tokio::select! {
                    all = workers.news() => all,
                    early = &mut *ended_early, if reason == StopReason::Completed => { reason = early; continue }
                };
                if all.is_empty() {
                    break;
                }
                for news in all {
                    self.tell(plan, &mut open, &mut dead, news);
                    if dead >= MOST_DEAD_CASES && reason == StopReason::Completed {
                        reason = StopReason::Unmeasurable(said!(
                            "{} stopped answering: {} cases in a row could not connect",
                            words(&self.job.facts.target),
                            dead
                        ));
                    }
                }
            }
        }
        self.job.target.cancel();
        self.close(plan, &open, &reason);
        reason
    }

    /// Passes on what became of a case, and counts how many in a row found nobody there.
    fn tell(&mut self, plan: &Plan, open: &mut [bool], dead: &mut usize, news: News) {
        match news {
            News::Started(index) => {
                if let Some(case) = plan.cases.get(index) {
                    (self.sink)(&Event::CaseStarted { index, case });
                }
            }
            News::Finished(index, result, _turn) => {
                *dead = if unreachable(&result) { *dead + 1 } else { 0 };
                if settle(open, index) {
                    self.finish(plan, index, *result);
                }
            }
        }
    }

    /// Gives every case that is still open a result that says why.
    fn close(&mut self, plan: &Plan, open: &[bool], reason: &StopReason) {
        let why = match reason {
            StopReason::Completed => "the harness broke while running this case".into(),
            StopReason::Interrupted => "the run was stopped before this case".into(),
            StopReason::TimeUp => "the time for the whole run was up before this case".into(),
            StopReason::Unmeasurable(why) => why.clone(),
        };
        let outcome = if *reason == StopReason::Completed { Outcome::Error } else { Outcome::Inconclusive };
        for (index, _) in open.iter().enumerate().filter(|(_, open)| **open) {
            self.finish(plan, index, CaseResult { ran: false, ..ended(outcome, Some(Said::clone(&why))) });
        }
    }

    /// The end of a run that is stopped before it judges.
    fn skip_all(&mut self, plan: &Plan, reason: StopReason) -> StopReason {
        self.job.target.cancel();
        if !self.gives_up(&reason) {
            self.close(plan, &vec![true; plan.cases.len()], &reason);
        }
        reason
    }

    /// The start of a run that ends before there is a plan.
    fn nothing(&mut self, reason: StopReason) -> StopReason {
        if !self.gives_up(&reason) {
            (self.sink)(&Event::RunStarted { facts: &self.job.facts, plan: &Plan::default(), catalogue: &self.job.catalogue });
        }
        reason
    }

    /// Whether there is an earlier run: what that measured must not be lost to a server that is away for a while.
    fn gives_up(&mut self, reason: &StopReason) -> bool {
        let Some(_) = &self.earlier else { return false };
        self.not_resumed = Some(NotResumed::Early(match reason {
            StopReason::Unmeasurable(why) => why.clone(),
            StopReason::TimeUp => "the time for the whole run was up before the first case".into(),
            StopReason::Completed | StopReason::Interrupted => "the run was stopped before the first case".into(),
        }));
        true
    }

    /// Judges what the declaration alone decides, and says of the rest why it was not run.
    async fn declaration_only(&mut self, plan: &Plan, declared: Declared, bar: Bar, why: Said) -> StopReason {
        self.keep(plan);
        let open = self.open(plan);
        let judge = self.judge_of(declared, bar, vec![Samples::default()], Heavy::default());
        for (index, case) in plan.cases.iter().enumerate().filter(|(index, _)| open.get(*index) == Some(&true)) {
            let result = if case.template.steps.is_empty() && case.about.resource_type.is_none() {
                judge.judge(case).await
            } else {
                CaseResult { ran: false, ..ended(Outcome::Inconclusive, Some(why.clone())) }
            };
            self.finish(plan, index, result);
        }
        StopReason::Unmeasurable(why)
    }

    fn finish(&mut self, plan: &Plan, index: usize, mut result: CaseResult) {
        let Some(case) = plan.cases.get(index) else { return };
        for exchange in result.exchanges.iter().filter(|exchange| !exchange.retries.is_empty()) {
            if self.retried.insert(format!("{} {}", exchange.request.method.word(), exchange.url)) {
                let reason = Said::joined(exchange.retries.iter().cloned(), "; ");
                (self.sink)(&Event::RequestRetried { url: &exchange.url, reason: &reason });
            }
        }
        if matches!(result.outcome, Outcome::Fail | Outcome::Warn) {
            let (used, known) = self.job.baseline.covers(&case.id(), result.findings.iter().map(|finding| finding.check.as_str()));
            self.used.extend(used);
            result.known = known;
        }
        self.scores.count(case.level, result.outcome, result.known.is_some(), self.job.facts.strict);
        self.report(index, case, &result);
    }

    fn report(&mut self, index: usize, case: &Case, result: &CaseResult) {
        let tally = self.scores.tally;
        (self.sink)(&Event::CaseFinished { index, case, result, tally });
    }
}

/// Signs in, and takes the declaration from a file or asks the server what it says of itself.
///
/// # Errors
/// Why there was no token, or no answer at all.
async fn declared(job: &Job) -> Result<Declared, Said> {
    let sign_in = job.target.sign_in().await.map_err(|error| error.said())?.map(Arc::new);
    let declared = match &job.declared {
        Some(declared) => declared.clone(),
        None => discover(&job.target, &job.catalogue).await?,
    };
    Ok(Declared {
        sign_in,
        secure: job.target.is_secure(),
        as_of: job.facts.as_of,
        today: Some(today()),
        facts: job.payer_facts.clone(),
        ..declared
    })
}

/// Tries what the plan asks of the sign-in beside the run's own, and of TLS.
async fn try_out(target: &Target, plan: &Plan, declared: &mut Declared) {
    if declared.secure && plan.cases.iter().any(|case| case.about.transport) {
        let endpoints = declared.sign_in.iter().flat_map(|sign_in| &sign_in.endpoints);
        let stated = endpoints.flat_map(|endpoint| [&endpoint.configuration, &endpoint.statement]).flatten();
        let stated: Vec<String> = stated.cloned().collect();
        declared.transport = Some(Arc::new(target.try_transport(&stated).await));
    }
    let applicable = plan.cases.iter().filter(|case| case.not_applicable.is_none());
    let parts: Vec<&str> = applicable.filter_map(|case| case.about.sign_in.as_deref()).collect();
    if let Some(sign_in) = declared.sign_in.as_mut().map(Arc::make_mut).filter(|_| !parts.is_empty()) {
        target.try_out(sign_in, &parts).await;
    }
}

/// Notes that a case has its result. Returns whether it had none.
fn settle(open: &mut [bool], index: usize) -> bool {
    open.get_mut(index).is_some_and(std::mem::take)
}

fn unreachable(result: &CaseResult) -> bool {
    result.outcome == Outcome::Error
        && result.exchanges.iter().any(|exchange| matches!(exchange.result, Err(SendError::Connect { .. } | SendError::Timeout { .. })))
}
