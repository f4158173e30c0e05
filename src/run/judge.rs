//! Runs one case: binds it, sends its steps, and lets its checks judge.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use super::bind::Binder;
use super::event::CaseResult;
use super::pages;
use crate::check::exchange::Exchange;
use crate::check::outcome::{Finding, Level, Outcome};
use crate::check::{Binding, Declared, Samples, Subject, Verdicts};
use crate::guide::Catalogue;
use crate::plan::{Bar, Case};
use crate::target::Target;

/// Pages of a search that is not narrowed to the member: it may be a whole directory.
const MOST_PAGES_OF_ALL: usize = 10;

/// Bytes that a case's answers bring, from which the next ones of its type wait for each other: parsed, they take about ten times as much.
const HEAVY_BYTES: usize = 1024 * 1024;

/// Held while a heavy case runs and is reported.
pub type Turn = Option<OwnedMutexGuard<()>>;

/// What judging reads. Nothing in it changes any more but what is known to be heavy.
pub struct Judge {
    /// Where to ask.
    pub target: Arc<Target>,
    /// What the guides say.
    pub catalogue: Arc<Catalogue>,
    /// What the server said of itself.
    pub declared: Declared,
    /// What is asked of the server.
    pub bar: Bar,
    /// The harvest.
    pub samples: Samples,
    /// What the validator says of it.
    pub verdicts: Verdicts,
    /// Another member, whom the credentials must not reach.
    pub other_patient: Option<String>,
    /// How many pages of one search at most.
    pub max_pages: usize,
    /// Resource types whose cases run one at a time, and whose turn it is.
    pub heavy: Heavy,
}

/// Keeps cases with large answers from being in memory at once.
#[derive(Debug, Default)]
pub struct Heavy {
    types: Mutex<HashSet<String>>,
    turn: Arc<AsyncMutex<()>>,
}

impl Heavy {
    /// Waits until a case of this type may run.
    pub async fn turn(&self, case: &Case) -> Turn {
        let heavy = case.about.resource_type.as_ref().is_some_and(|resource_type| self.types().contains(resource_type));
        if heavy { Some(self.turn.clone().lock_owned().await) } else { None }
    }

    fn learn(&self, case: &Case, result: &CaseResult) {
        let bytes: usize = result.exchanges.iter().filter_map(|exchange| exchange.response()).map(|response| response.bytes.len()).sum();
        if let Some(resource_type) = case.about.resource_type.as_ref().filter(|_| bytes > HEAVY_BYTES) {
            self.types().insert(resource_type.clone());
        }
    }

    fn types(&self) -> MutexGuard<'_, HashSet<String>> {
        self.types.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Judge {
    /// Runs one case to its end.
    pub async fn judge(&self, case: &Case) -> CaseResult {
        let started = Instant::now();
        let mut result = self.outcome(case).await;
        result.duration_ms = started.elapsed().as_secs_f64() * 1000.0;
        self.heavy.learn(case, &result);
        result
    }

    async fn outcome(&self, case: &Case) -> CaseResult {
        if let Some(reason) = &case.not_applicable {
            return ended(Outcome::NotApplicable, Some(reason.clone()));
        }
        let by_id = |resource_type: &str| {
            self.bar.types.get(resource_type).and_then(|bar| bar.params.get("_id")).is_some_and(|(point, _)| point.declared)
        };
        let binder = Binder {
            samples: &self.samples,
            catalogue: &self.catalogue,
            other_patient: self.other_patient.as_deref(),
            base: self.target.base(),
            by_id: &by_id,
        };
        if case.steps.iter().any(|step| step.anonymous) && !self.target.has_token() {
            return ended(Outcome::NotApplicable, Some("the run has no token, so nothing sets an anonymous request apart".to_owned()));
        }
        if self.other_patient.is_none() && binder.uses(case, "{other-patient}") {
            return ended(Outcome::NotApplicable, Some("no other member is named with --other-patient".to_owned()));
        }
        let binding = match binder.bind(case) {
            Ok(binding) => binding,
            Err(reason) => return ended(Outcome::Inconclusive, Some(reason)),
        };
        let page_limit = if binding.scope.is_some() { self.max_pages } else { self.max_pages.min(MOST_PAGES_OF_ALL) };
        let mut steps: Vec<Vec<Arc<Exchange>>> = Vec::new();
        for step in &case.steps {
            let request = binder.request(case, step, &binding);
            let exchanges =
                if step.all_pages { pages::all(&self.target, &request, page_limit).await } else { vec![self.target.fetch(&request).await] };
            steps.push(exchanges);
        }
        let exchanges: Vec<Arc<Exchange>> = steps.iter().flatten().cloned().collect();
        if let Some(error) = exchanges.iter().find_map(|exchange| exchange.result.as_ref().err()) {
            return CaseResult { exchanges: exchanges.clone(), ..ended(Outcome::Error, Some(error.to_string())) };
        }
        CaseResult { exchanges, ..self.examine(case, &steps, &binding, page_limit) }
    }

    fn examine(&self, case: &Case, steps: &[Vec<Arc<Exchange>>], binding: &Binding, page_limit: usize) -> CaseResult {
        let subject = Subject {
            about: &case.about,
            steps,
            binding,
            samples: &self.samples,
            verdicts: &self.verdicts,
            declared: &self.declared,
            catalogue: &self.catalogue,
            page_limit,
            base: self.target.base(),
        };
        let mut examined = 0;
        let mut findings: Vec<Finding> = Vec::new();
        let mut idle = None;
        for check in case.checks.iter() {
            let evidence = check.judge(&subject);
            examined += evidence.examined;
            if evidence.examined == 0 && idle.is_none() {
                idle = Some(evidence.note.unwrap_or_else(|| format!("{} had nothing to examine", check.id)));
            }
            findings.extend(evidence.findings);
        }
        let (outcome, reason) = match (findings.is_empty(), idle) {
            (false, _) => (broken(case.level), None),
            (true, Some(note)) => (Outcome::Inconclusive, Some(note)),
            (true, None) => (Outcome::Pass, None),
        };
        CaseResult { examined, findings, ..ended(outcome, reason) }
    }
}

/// What a finding means at a level.
fn broken(level: Level) -> Outcome {
    match level {
        Level::Shall | Level::Declared => Outcome::Fail,
        Level::Should | Level::May => Outcome::Warn,
    }
}

/// A result without findings or exchanges.
pub fn ended(outcome: Outcome, reason: Option<String>) -> CaseResult {
    CaseResult { outcome, examined: 0, findings: Vec::new(), reason, known: None, duration_ms: 0.0, exchanges: Vec::new() }
}
