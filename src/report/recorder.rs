//! Turns what a run says into its record: masked, bounded, made once for all reports.

use std::sync::Arc;

use super::clean::shorten;
use super::curl::curl;
use super::mask::{Bodies, Mask};
use super::recorded::{self, MOST_FINDINGS, PlanFacts, Start, Tool, needs_attention};
use crate::check::exchange::Exchange;
use crate::check::outcome::{Finding, Outcome};
use crate::check::said::Said;
use crate::guide::Catalogue;
use crate::plan::{Case, Part, Plan};
use crate::run::cpcds::CpcdsCount;
use crate::run::event::{CaseResult, Harvest, RunFacts, RunSummary};
use crate::run::support::Support;

/// Exchanges told of one case.
const MOST_EXCHANGES: usize = 500;
/// Bytes of the findings of one case, and of its exchanges without their bodies.
const MOST_TOLD: usize = 4 * 1024 * 1024;
/// Characters of one text: a URL may be of the length that servers have to take.
const MOST_TEXT: usize = 16 * 1024;
/// Bytes of bodies that are kept of one case.
const MOST_OF_CASE: usize = 64 * 1024;
/// Bytes of bodies that are kept of a whole run: what fails everywhere is seen from the first failures.
const MOST_OF_RUN: usize = 64 * 1024 * 1024;
/// A word whose pseudonym tells runs apart that have other pseudonyms.
const KNOWN_WORD: &str = "payerspec";

/// Makes the record of one run.
#[derive(Default)]
pub struct Recorder {
    mask: Mask,
    bodies: Bodies,
    /// Whether requests and answers are kept in full where a person should look.
    in_full: bool,
    part: Part,
    /// Bytes of bodies that were kept.
    kept: usize,
}

impl Recorder {
    /// In full for files; the terminal shows less.
    pub fn new(in_full: bool) -> Self {
        Self { in_full, ..Self::default() }
    }

    /// The start of a run; what is recorded next belongs to it.
    pub fn start(&mut self, facts: &RunFacts, plan: &Plan, catalogue: &Arc<Catalogue>) -> Start {
        self.mask = Mask::new(facts, catalogue);
        self.bodies = Bodies::default();
        self.part = plan.part.clone();
        let Part { of, whole, required, digest, .. } = &plan.part;
        let said = &facts.payer_facts_text;
        let is_plain = said.is_empty() || self.mask.shows();
        Start {
            tool: Tool::this(),
            facts: facts.clone(),
            members: facts.members.iter().map(|id| self.mask.id(id)).collect(),
            pseudonyms: self.mask.pseudonym(KNOWN_WORD),
            payer_facts_said: if is_plain { said.clone() } else { self.mask.pseudonym(said) },
            cases: plan.cases.len(),
            required: plan.cases.iter().filter(|case| case.is_required()).count(),
            plan: PlanFacts { sha256: digest.clone(), cases: *whole, required: *required, part: *of },
            catalogues: catalogue.packages(),
            missing: catalogue.missing().iter().map(|missing| missing.guide.clone()).collect(),
            requirements: plan.requirements.clone(),
        }
    }

    /// Where a case stands in the whole plan, by its place in the run's.
    pub fn place(&self, index: usize) -> usize {
        self.part.place(index)
    }

    /// What was harvested.
    pub fn harvest(&self, harvest: &Harvest) -> Harvest {
        masked(&self.mask, harvest)
    }

    /// URL and reason of a request that was sent again.
    pub fn retried(&self, url: &str, reason: &Said) -> (String, String) {
        (self.mask.url(url), self.text(reason))
    }

    /// A case that ended.
    pub fn case(&mut self, case: &Case, result: &CaseResult) -> recorded::Case {
        let passed = matches!(result.outcome, Outcome::Pass | Outcome::NotApplicable);
        let in_full = self.in_full && needs_attention(case.level, result.outcome, result.known.is_some());
        let mut room = MOST_OF_CASE;
        let exchanges = bounded(&result.exchanges, MOST_EXCHANGES, |exchange| {
            let mut recorded = self.exchange(exchange);
            recorded.curl = (!passed).then(|| shorten(&curl(exchange, &self.mask).text, MOST_TEXT));
            let size = recorded.url.len() + recorded.curl.as_ref().map_or(0, String::len);
            if in_full {
                room = room.min(MOST_OF_RUN.saturating_sub(self.kept));
                let before = room;
                recorded.sent = Some(self.bodies.sent(&self.mask, &exchange.request, &mut room));
                recorded.got = exchange.response().map(|response| self.bodies.got(&self.mask, response, &mut room));
                self.kept += before - room;
            }
            (recorded, size)
        });
        let findings = bounded(&result.findings, MOST_FINDINGS, |finding| {
            let told = self.finding(finding);
            let size = told.at.len() + told.expected.len() + told.actual.len();
            (told, size)
        });
        let mut recorded = recorded::Case {
            id: case.id(),
            title: case.title(),
            level: case.level,
            observed: case.about.observed,
            requirements: case.requirements().to_vec(),
            origin: case.origin().to_owned(),
            outcome: result.outcome,
            examined: result.examined,
            more_findings: result.findings.len() - findings.len(),
            findings,
            reason: result.reason.as_ref().map(|reason| self.text(reason)),
            known: result.known.clone(),
            duration_ms: milliseconds(result.duration_ms),
            more_exchanges: result.exchanges.len() - exchanges.len(),
            exchanges,
            ran: result.ran,
            looked: result.looks.iter().map(|look| (format!("{:016x}", look.request), look.examined)).collect(),
            outside: result.looks.iter().any(|look| look.outside),
        };
        if case.about.whole_run {
            recorded.in_order();
        }
        recorded
    }

    /// The end of the run.
    pub fn end(&self, summary: &RunSummary) -> recorded::End {
        recorded::End {
            verdict: summary.verdict,
            because: self.text(&summary.because),
            stop: summary.stop.told(|why| self.text(why)),
            tally: summary.tally,
            finished: summary.finished.clone(),
            duration_ms: milliseconds(summary.duration_ms),
            requests: summary.requests,
            harvested: summary.harvested.clone(),
            stale: summary.stale.clone(),
            left: summary.left.clone(),
            must_support: summary.must_support.iter().map(|support| self.support(support)).collect(),
            cpcds: summary.cpcds.iter().map(|count| self.count(count)).collect(),
        }
    }

    fn text(&self, said: &Said) -> String {
        shorten(&self.mask.said(said), MOST_TEXT)
    }

    fn finding(&self, finding: &Finding) -> recorded::Finding {
        recorded::Finding {
            check: finding.check.clone(),
            at: self.text(&finding.at),
            expected: self.text(&finding.expected),
            actual: self.text(&finding.actual),
        }
    }

    fn exchange(&self, exchange: &Exchange) -> recorded::Exchange {
        let response = exchange.response();
        recorded::Exchange {
            method: exchange.request.method.word().to_owned(),
            url: shorten(&self.mask.url(&exchange.url), MOST_TEXT),
            status: response.map(|response| response.status),
            content_type: response.and_then(|response| response.header("content-type")).map(|text| shorten(text, MOST_TEXT)),
            bytes: response.map(|response| response.bytes.len()),
            error: exchange.result.as_ref().err().map(|error| self.text(&error.said())),
            attempts: exchange.attempts,
            retries: exchange.retries.iter().map(|retry| self.text(retry)).collect(),
            started: exchange.started.clone(),
            duration_ms: milliseconds(exchange.duration_ms),
            curl: None,
            sent: None,
            got: None,
        }
    }

    fn support(&self, support: &Support) -> recorded::Support {
        let elements = support.elements.iter().map(|shown| recorded::Element {
            element: shown.element.clone(),
            present: shown.present,
            reason_only: shown.reason_only,
            lacking: shown.lacking,
            example: shown.example.as_ref().map(|example| self.text(example)),
        });
        recorded::Support { profile: support.profile.clone(), resources: support.resources, elements: elements.collect() }
    }

    fn count(&self, count: &CpcdsCount) -> recorded::Count {
        let places = count.places.iter().map(|place| recorded::Place {
            expression: place.expression.clone(),
            cardinality: place.cardinality.clone(),
            present: place.present,
        });
        recorded::Count {
            map_id: count.map_id.clone(),
            name: count.name.clone(),
            profile: count.profile.clone(),
            resources: count.resources,
            present: count.present,
            places: places.collect(),
            example: count.example.as_ref().map(|example| self.text(example)),
        }
    }
}

/// What was harvested, as a record tells it.
pub fn masked(mask: &Mask, harvest: &Harvest) -> Harvest {
    Harvest { members: harvest.members.iter().map(|id| mask.id(id)).collect(), counts: harvest.counts.clone() }
}

/// What is told of the first ones, up to a number and to [`MOST_TOLD`] bytes together.
fn bounded<T, R>(all: &[T], most: usize, mut tell: impl FnMut(&T) -> (R, usize)) -> Vec<R> {
    let (mut told, mut bytes) = (Vec::new(), 0);
    for one in all.iter().take(most) {
        if bytes > MOST_TOLD {
            break;
        }
        let (one, size) = tell(one);
        told.push(one);
        bytes += size;
    }
    told
}

/// To the microsecond, so that it reads as it was written; no other number than one that JSON can hold.
fn milliseconds(duration_ms: f64) -> f64 {
    if duration_ms.is_finite() { (duration_ms.clamp(0.0, 1e12) * 1000.0).round() / 1000.0 } else { 0.0 }
}
