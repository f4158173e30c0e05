//! Faults that are no switch of the reference payer: a proxy between harness and payer rewrites what they say to each other.

#![expect(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

#[path = "proxy/rewrites.rs"]
mod rewrites;
#[path = "proxy/server.rs"]
mod server;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::stream::{self, StreamExt};
use globset::Glob;
use payerspec::check::outcome::Outcome;
use payerspec::guide::{Catalogue, GuideId, Sources};
use payerspec::plan::Selection;
use payerspec::proof::Questions;
use payerspec::reference::{self, Options};
use payerspec::run::Limits;
use payerspec::run::event::Event;
use payerspec::suite;

use rewrites::{REWRITES, Rewrite};
use server::Proxy;

/// Proxies that are tried at once.
const AT_ONCE: usize = 4;

/// The cases that end badly, with how, when every message goes through this rewrite.
async fn bad_cases(questions: &Questions, rewrite: Option<&'static Rewrite>) -> BTreeMap<String, Outcome> {
    let payer = reference::start(Options::new(&questions.guide, &[""; 0], 3, 1).unwrap()).await.unwrap();
    let proxy = Proxy::start(&payer, rewrite).await;
    let job = questions.job_at(&proxy.base, &payer).unwrap();
    let mut bad = BTreeMap::new();
    let stop = Box::pin(std::future::pending());
    payerspec::run::run(job, stop, &mut |event| {
        if let Event::CaseFinished { case, result, .. } = event
            && matches!(result.outcome, Outcome::Fail | Outcome::Warn | Outcome::Error)
        {
            bad.insert(case.id(), result.outcome);
        }
    })
    .await;
    payer.shutdown().await;
    bad
}

fn questions() -> Questions {
    let guide: GuideId = "hl7.fhir.us.carin-bb#2.0.0".parse().unwrap();
    Questions {
        catalogue: Arc::new(Catalogue::load(std::slice::from_ref(&guide), &Sources::default()).unwrap()),
        guide,
        suites: suite::embedded().unwrap(),
        selection: Selection::default(),
        limits: Limits { concurrency: 4, max_pages: 100, total: None, allow_inconclusive: false, allow_writes: false },
        as_of: "2026-11-01".parse().unwrap(),
        with_facts: true,
        as_public_client: false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_passed_on_unchanged_is_all_green() {
    assert_eq!(bad_cases(&questions(), None).await, BTreeMap::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_rewrite_is_caught_by_exactly_the_cases_meant_for_it() {
    let questions = questions();
    let wrong: Vec<Vec<String>> = stream::iter(REWRITES).map(|rewrite| deviations(&questions, rewrite)).buffered(AT_ONCE).collect().await;
    let wrong = wrong.concat();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn deviations(questions: &Questions, rewrite: &'static Rewrite) -> Vec<String> {
    let bad = bad_cases(questions, Some(rewrite)).await;
    let globs: Vec<_> = rewrite.caught_by.iter().map(|glob| (glob, Glob::new(glob).unwrap().compile_matcher())).collect();
    let unmeant = bad.iter().filter(|(id, _)| !globs.iter().any(|(_, glob)| glob.is_match(id)));
    let mut wrong: Vec<String> = unmeant.map(|(id, outcome)| format!("{}: {id} ends in {}", rewrite.name, outcome.word())).collect();
    let unmet = globs.iter().filter(|(_, glob)| !bad.keys().any(|id| glob.is_match(id)));
    wrong.extend(unmet.map(|(glob, _)| format!("{}: not caught by {glob}", rewrite.name)));
    if !bad.values().any(|outcome| matches!(outcome, Outcome::Fail | Outcome::Warn)) {
        wrong.push(format!("{}: found by no case", rewrite.name));
    }
    wrong
}

#[test]
fn there_are_rewrites_enough_and_no_two_of_a_name() {
    let names: std::collections::BTreeSet<_> = REWRITES.iter().map(|rewrite| rewrite.name).collect();
    assert_eq!(names.len(), REWRITES.len());
    assert!(names.len() >= 20);
}
