//! Runs one case: binds it, sends its steps, and lets its checks judge.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use super::bind::{Binder, placeholders};
use super::event::CaseResult;
use super::own::Own;
use super::watch::Watch;
use super::{pages, save};
use crate::check::exchange::{Exchange, Identity, Method, Request, SendError};
use crate::check::outcome::{Finding, Level, Outcome};
use crate::check::said::{Said, code, said, words};
use crate::check::{Binding, Counts, Declared, Made, Samples, Subject, Verdicts};
use crate::fhir::bundle::Bundle;
use crate::fhir::resource;
use crate::guide::Catalogue;
use crate::plan::{Bar, Case, Step};
use crate::suite::Content;
use crate::target::Target;

/// Pages of a search that is not narrowed to the member: it may be a whole directory.
const MOST_PAGES_OF_ALL: usize = 10;

/// Resources at most that the requests of a case for each sample are sent for.
const MOST_SAMPLES: usize = 100;

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
    /// The harvest, a record for each member, with what the validator says of it.
    pub records: Vec<(Samples, Verdicts)>,
    /// What was counted over the records.
    pub counts: Counts,
    /// Another member, whom the credentials must not reach.
    pub other_patient: Option<String>,
    /// How many pages of one search at most.
    pub max_pages: usize,
    /// Resource types whose cases run one at a time, and whose turn it is.
    pub heavy: Heavy,
    /// What the run makes itself.
    pub own: Own,
    /// What sees every answer.
    pub watch: Watch,
}

/// What became of the steps of a case.
enum Sent {
    /// All that could be sent, one list for each step.
    Steps(Vec<Vec<Arc<Exchange>>>),
    /// The case could not be exercised, and why.
    Stopped(Vec<Arc<Exchange>>, Said),
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
        let heavy = case.about.resource_type.as_ref().is_some_and(|resource_type| self.types().contains(&**resource_type));
        if heavy { Some(self.turn.clone().lock_owned().await) } else { None }
    }

    /// Notes how large the answers about a type are.
    pub fn learn<'e>(&self, resource_type: &str, exchanges: impl IntoIterator<Item = &'e Exchange>) {
        let bytes: usize = exchanges.into_iter().filter_map(Exchange::response).map(|response| response.bytes.len()).sum();
        if bytes > HEAVY_BYTES {
            self.types().insert(resource_type.to_owned());
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
        result.looks = result.exchanges.iter().filter_map(|exchange| self.watch.look(exchange)).collect();
        if let Some(resource_type) = &case.about.resource_type {
            self.heavy.learn(resource_type, result.exchanges.iter().map(Arc::as_ref));
        }
        result
    }

    /// Judges the case by each member's record; equal requests are sent once, and what all records share is told once.
    async fn outcome(&self, case: &Case) -> CaseResult {
        if let Some(reason) = &case.not_applicable {
            return ended(Outcome::NotApplicable, Some(words(reason.to_string())));
        }
        if let Some(part) = &case.about.sign_in {
            return self.of_sign_in(case, part);
        }
        if case.about.whole_run {
            return self.of_run(case);
        }
        let mut result: Option<CaseResult> = None;
        for record in &self.records {
            let next = self.outcome_by(case, record).await;
            let answered = next.outcome != Outcome::Inconclusive;
            result = Some(match result {
                Some(known) => merge(known, next),
                None => next,
            });
            // One record is enough to write from.
            if case.writes() && answered {
                break;
            }
        }
        result.unwrap_or_else(|| ended(Outcome::Inconclusive, Some("nothing was harvested".into())))
    }

    /// Judges a part of the sign-in, which was done before all cases.
    fn of_sign_in(&self, case: &Case, part: &str) -> CaseResult {
        let (Some(sign_in), Some(record)) = (&self.declared.sign_in, self.records.first()) else {
            return ended(Outcome::Inconclusive, Some("the run did not sign in".into()));
        };
        let exchanges = match sign_in.exchanges(part) {
            Ok(exchanges) => exchanges,
            Err(reason) => return ended(Outcome::Inconclusive, Some(reason)),
        };
        let broken = exchanges.iter().find_map(|exchange| exchange.result.as_ref().err()).map(SendError::said);
        let steps: Vec<_> = exchanges.iter().map(|exchange| vec![exchange.clone()]).collect();
        let result = match broken {
            Some(error) => ended(Outcome::Error, Some(error)),
            None => self.examine(case, record, &steps, &Binding::default(), self.max_pages),
        };
        CaseResult { exchanges, ..result }
    }

    /// Judges the answers to all other cases.
    fn of_run(&self, case: &Case) -> CaseResult {
        if !self.target.has_token() {
            return ended(Outcome::NotApplicable, Some("the run has no token, so nothing is anybody's own".into()));
        }
        let (examined, kept) = self.watch.result();
        let (Some(record), true) = (self.records.first(), examined > 0) else {
            let reason = if self.watch.rights().members().is_empty() {
                "the member is not known: name one with --patient"
            } else {
                "no case was shown a member's resource"
            };
            return ended(Outcome::Inconclusive, Some(reason.into()));
        };
        if kept.is_empty() {
            return CaseResult { examined, ..ended(Outcome::Pass, None) };
        }
        let steps: Vec<_> = kept.iter().map(|exchange| vec![exchange.clone()]).collect();
        CaseResult { examined, exchanges: kept, ..self.examine(case, record, &steps, &Binding::default(), self.max_pages) }
    }

    /// Why a case's requests cannot be sent as it asks.
    fn why_not(&self, steps: &[Step], names_other: bool) -> Option<String> {
        // A browser sends its OPTIONS without credentials, whatever the run has.
        let identities = || steps.iter().filter(|step| step.method != Method::Options).map(|step| step.identity);
        let reason = identities().find_map(|identity| self.target.why_not(identity));
        let no_token =
            || (names_other && !self.target.has_token()).then(|| "the run has no token, so nothing is another member's".to_owned());
        let unnamed = || {
            let is_other = names_other && self.other_patient.is_none() && identities().any(|identity| identity == Identity::OtherMember);
            is_other.then(|| "no other member is named with --other-patient".to_owned())
        };
        reason.or_else(no_token).or_else(unnamed)
    }

    async fn outcome_by(&self, case: &Case, record: &(Samples, Verdicts)) -> CaseResult {
        let by_id = |resource_type: &str| {
            self.bar.types.get(resource_type).and_then(|bar| bar.params.get("_id")).is_some_and(|(point, _)| point.declared)
        };
        let steps = case.steps();
        let made_up = record.0.patient.as_deref().map(|patient| made_up_id(patient, self.watch.rights().members()));
        let binder = Binder {
            steps: &steps,
            placeholders: &placeholders(&steps),
            samples: &record.0,
            catalogue: &self.catalogue,
            other_patient: self.other_patient.as_deref().or(made_up.as_deref()),
            base: self.target.base(),
            by_id: &by_id,
            bar: &self.bar,
            rights: self.watch.rights(),
            own: &self.own,
            facts: &self.declared.facts,
        };
        let names_other = binder.uses("{other-patient}");
        if let Some(reason) = self.why_not(&steps, names_other) {
            return ended(Outcome::NotApplicable, Some(words(reason)));
        }
        if names_other && binder.other_patient.is_none() {
            return ended(Outcome::Inconclusive, Some("the member is not known: name one with --patient".into()));
        }
        let binding = match binder.bind(case) {
            Ok(binding) => binding,
            Err(reason) => return ended(Outcome::Inconclusive, Some(reason)),
        };
        if !case.template.for_each_sample || steps.is_empty() {
            return self.exercise(case, record, &binder, binding).await;
        }
        let mut whole: Option<CaseResult> = None;
        for sample in record.0.of(case.about.resource_type.as_deref().unwrap_or_default()).iter().take(MOST_SAMPLES) {
            let next = self.exercise(case, record, &binder, Binding { sample: Some(sample.clone()), ..binding.clone() }).await;
            whole = Some(match whole {
                Some(known) => merge(known, next),
                None => next,
            });
        }
        whole.unwrap_or_else(|| ended(Outcome::Inconclusive, Some("nothing was harvested".into())))
    }

    /// Sends the requests of a case with what was chosen for it, and judges the answers.
    async fn exercise(&self, case: &Case, record: &(Samples, Verdicts), binder: &Binder<'_>, mut binding: Binding) -> CaseResult {
        let page_limit = if binding.scope.is_some() { self.max_pages } else { self.max_pages.min(MOST_PAGES_OF_ALL) };
        let mut made = Vec::new();
        let sent = self.send(case, binder, &mut binding, page_limit, &mut made).await;
        let mut exchanges: Vec<Arc<Exchange>> = match &sent {
            Sent::Steps(steps) => steps.iter().flatten().cloned().collect(),
            Sent::Stopped(exchanges, _) => exchanges.clone(),
        };
        let broken = exchanges.iter().find_map(|exchange| exchange.result.as_ref().err()).map(SendError::said);
        let result = match (broken, &sent) {
            (Some(error), _) => ended(Outcome::Error, Some(error)),
            (None, Sent::Stopped(_, reason)) => ended(Outcome::Inconclusive, Some(reason.clone())),
            (None, Sent::Steps(steps)) => self.examine(case, record, steps, &binding, page_limit),
        };
        for key in made {
            exchanges.extend(self.own.delete(&self.target, &self.bar, &key).await.map(Arc::new));
        }
        CaseResult { exchanges, ..result }
    }

    /// Sends the steps in order; what they make goes into `made`.
    async fn send(&self, case: &Case, binder: &Binder<'_>, binding: &mut Binding, page_limit: usize, made: &mut Vec<String>) -> Sent {
        let resource_type = case.about.resource_type.as_deref().unwrap_or_default();
        let writes = case.writes();
        let mut steps: Vec<Vec<Arc<Exchange>>> = Vec::new();
        for step in binder.steps {
            let request = if step.follows { self.linked(step, &steps) } else { binder.request(case, step, binding) };
            let request = match request {
                Ok(request) => request,
                Err(reason) => return Sent::Stopped(steps.concat(), reason),
            };
            let exchanges = match (step.all_pages, writes) {
                (true, _) => pages::all(&self.target, &request, page_limit).await,
                // What a write changes must not be read from what was kept.
                (false, true) => vec![Arc::new(self.target.send(&request).await)],
                (false, false) => vec![self.target.fetch(&request).await],
            };
            steps.push(exchanges.clone());
            let Some(exchange) = exchanges.first() else { continue };
            if steps.len() == 1 {
                binding.etag = etag(exchange);
                binding.last_modified =
                    exchange.response().and_then(|response| response.header("last-modified")).unwrap_or_default().to_owned();
            }
            if step.body == Some(Content::TransactionOverlap) {
                let own = Made { resource_type: resource_type.to_owned(), id: binding.new_id.clone(), version: None };
                let key = format!("{}/{}", own.resource_type, own.id);
                self.own.suspect(&key);
                made.push(key);
                binding.made = Some(own);
            }
            if step.makes() && !self.take(resource_type, step, exchange, binding, made) {
                let others = binder.steps.iter().filter(|other| other.writes()).count() > 1;
                let reason = || said!("no {} could be made for this: {}", code(resource_type), describe(exchange));
                return if others { Sent::Stopped(steps.concat(), reason()) } else { Sent::Steps(steps) };
            }
            self.lose(binder.steps, &steps, binding);
            match save::values(&step.save, exchange) {
                Ok(values) => binding.saved.extend(values),
                Err(reason) => return Sent::Stopped(steps.concat(), reason),
            }
        }
        Sent::Steps(steps)
    }

    /// The request that follows a link of the pages that were read last.
    fn linked(&self, step: &Step, steps: &[Vec<Arc<Exchange>>]) -> Result<Request, Said> {
        let relation = step.path.as_str();
        let pages = steps.last().map_or(&[][..], Vec::as_slice);
        if pages.len() < 2 && relation == "previous" {
            return Err("the result has only one page".into());
        }
        let page = if relation == "last" { pages.first() } else { pages.last() };
        let bundle = page.and_then(|exchange| exchange.resource()).and_then(|resource| Bundle::in_document(resource));
        // IANA registers both words.
        let link = bundle.and_then(|bundle| bundle.link(relation).or_else(|| bundle.link("prev").filter(|_| relation == "previous")));
        let link = link.ok_or_else(|| said!("there is no {} link, which is the server's right", code(relation)))?;
        if !self.target.is_own(link) {
            return Err(said!("the {} link leads to another server, and was not followed", code(relation)));
        }
        Ok(Request { identity: step.identity, ..Request::get(link) })
    }

    /// Notes what a step made. Returns whether the case has something of its own to go on with.
    fn take(&self, resource_type: &str, step: &Step, exchange: &Exchange, binding: &mut Binding, made: &mut Vec<String>) -> bool {
        if let Some(own) = self.own.made(resource_type, step, exchange) {
            let key = format!("{}/{}", own.resource_type, own.id);
            if !made.contains(&key) {
                made.push(key);
            }
            binding.made.get_or_insert(own);
        }
        binding.made.is_some()
    }

    /// Takes what a case deleted off the record, once a read shows that it is gone.
    fn lose(&self, asked: &[Step], steps: &[Vec<Arc<Exchange>>], binding: &Binding) {
        let (Some(made), Some(last)) = (&binding.made, steps.last().and_then(|exchanges| exchanges.first())) else { return };
        let key = format!("{}/{}", made.resource_type, made.id);
        let deleted = |(step, sent): (&Step, &Vec<Arc<Exchange>>)| {
            let done = step.method == Method::Delete && sent.iter().any(|exchange| matches!(exchange.status(), Some(200..=299)));
            done || (step.body == Some(Content::TransactionOverlap) && last.status() != Some(200))
        };
        if last.request.method == Method::Get && last.request.path == key && asked.iter().zip(steps).any(deleted) {
            match last.status() {
                Some(404 | 410) => self.own.forget(&key),
                Some(200) => self.own.defies(&key),
                _ => {}
            }
        }
    }

    fn examine(
        &self,
        case: &Case,
        record: &(Samples, Verdicts),
        steps: &[Vec<Arc<Exchange>>],
        binding: &Binding,
        page_limit: usize,
    ) -> CaseResult {
        let subject = Subject {
            about: &case.about,
            steps,
            binding,
            samples: &record.0,
            verdicts: &record.1,
            records: &self.records,
            counts: &self.counts,
            declared: &self.declared,
            catalogue: &self.catalogue,
            page_limit,
            base: self.target.base(),
            rights: self.watch.rights(),
        };
        let mut examined = 0;
        let mut findings: Vec<Finding> = Vec::new();
        let mut idle = None;
        for check in case.checks() {
            let evidence = check.judge(&subject);
            examined += evidence.examined;
            if evidence.examined == 0 && idle.is_none() {
                idle = Some(evidence.note.unwrap_or_else(|| said!("{} had nothing to examine", code(check.id))));
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

/// Two results of one case by two records, as one. The worse outcome stands, and one that measured something before one that did not.
fn merge(known: CaseResult, next: CaseResult) -> CaseResult {
    let same = |one: &Arc<Exchange>, other: &Arc<Exchange>| Arc::ptr_eq(one, other);
    let repeats = known.outcome == next.outcome
        && known.findings == next.findings
        && known.exchanges.len() == next.exchanges.len()
        && known.exchanges.iter().zip(&next.exchanges).all(|(one, other)| same(one, other));
    if repeats && !known.exchanges.is_empty() {
        return known;
    }
    let (mut worse, other) = if next.outcome.precedence() > known.outcome.precedence() { (next, known) } else { (known, next) };
    worse.examined += other.examined;
    for finding in other.findings {
        if !worse.findings.contains(&finding) {
            worse.findings.push(finding);
        }
    }
    for exchange in other.exchanges {
        if !worse.exchanges.iter().any(|held| same(held, &exchange)) {
            worse.exchanges.push(exchange);
        }
    }
    worse
}

/// An id of the form that a member's has, of nobody who is known: each digit is another one.
fn made_up_id(patient: &str, members: &[String]) -> String {
    let other = |letter: char| letter.to_digit(10).and_then(|digit| char::from_digit((digit * 7 + 3) % 10, 10)).unwrap_or(letter);
    let made_up: String = patient.chars().map(other).collect();
    if members.contains(&made_up) { format!("{}-0", made_up.get(..62).unwrap_or(&made_up)) } else { made_up }
}

/// The ETag of an answer, or what it would be by the version in the body; empty when there is neither.
fn etag(exchange: &Exchange) -> String {
    let header = exchange.response().and_then(|response| response.header("etag"));
    let in_body = || exchange.resource().and_then(|body| resource::version_of(body)).map(|version| format!("W/\"{version}\""));
    header.map(str::to_owned).or_else(in_body).unwrap_or_default()
}

/// What became of a request, for a reason.
fn describe(exchange: &Exchange) -> Said {
    exchange.response().map_or_else(|| "there was no response".into(), |response| said!("status {}", response.status))
}

/// What a finding means at a level.
fn broken(level: Level) -> Outcome {
    match level {
        Level::Shall | Level::Declared => Outcome::Fail,
        Level::Should | Level::May => Outcome::Warn,
    }
}

/// A result without findings or exchanges.
pub fn ended(outcome: Outcome, reason: Option<Said>) -> CaseResult {
    CaseResult {
        outcome,
        examined: 0,
        findings: Vec::new(),
        reason,
        known: None,
        duration_ms: 0.0,
        exchanges: Vec::new(),
        ran: true,
        looks: Vec::new(),
    }
}
