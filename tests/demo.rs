//! The reference payer against the whole suite: all green when sound, and for each fault exactly the cases meant for it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it does not expect")]

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::stream::{self, StreamExt};
use payerspec::check::outcome::{Level, Outcome};
use payerspec::guide::{Catalogue, GuideId, Sources};
use payerspec::plan::Selection;
use payerspec::reference::{self, fault::FAULTS};
use payerspec::run::event::{Event, RunFacts, RunSummary, Verdict};
use payerspec::run::{Baseline, Job, Limits, now};
use payerspec::suite;
use payerspec::target::{Secret, Target, TargetConfig};

#[path = "demo/faults.rs"]
mod faults;

/// Faults that are tried at once: one run does not keep a core busy while it waits for the payer's answers.
const AT_ONCE: usize = 4;

struct Ran {
    summary: RunSummary,
    cases: Vec<(String, Level, Outcome)>,
}

async fn demo(guide: &str, faults: &[String], allow_writes: bool) -> Ran {
    demo_of(guide, faults, allow_writes, false).await
}

/// With `open` the payer asks for no token, and the run is told of its first two members.
async fn demo_of(guide: &str, faults: &[String], allow_writes: bool, open: bool) -> Ran {
    let guide: GuideId = guide.parse().unwrap();
    let catalogue = Arc::new(Catalogue::load(std::slice::from_ref(&guide), &Sources::default()).unwrap());
    let auth = if open { reference::Auth::None } else { reference::Auth::Bearer };
    let options = reference::Options::new(&guide, faults, 3, 1).unwrap().with_writes(allow_writes).with_auth(auth);
    let payer = reference::start(options).await.unwrap();
    let mut config = TargetConfig::of_base(payer.base()).unwrap();
    config.token = (!open).then(|| Secret::new(&payer.members()[0].token));
    let facts = RunFacts {
        target: payer.base().to_owned(),
        guides: vec![guide],
        suites: Vec::new(),
        started: now(),
        strict: false,
        show_member_data: false,
        out: None,
    };
    let job = Job {
        target: Arc::new(Target::new(config).unwrap()),
        catalogue,
        suites: suite::embedded().unwrap(),
        selection: Selection::default(),
        declared: None,
        patients: payer.members().iter().take(if open { 2 } else { 1 }).map(|member| member.patient.clone()).collect(),
        other_patient: (!open).then(|| payer.members()[1].patient.clone()),
        baseline: Baseline::default(),
        facts,
        limits: Limits { concurrency: 4, max_pages: 100, total: None, allow_inconclusive: false, allow_writes },
    };
    let mut cases = Vec::new();
    let summary = payerspec::run::run(job, Box::pin(std::future::pending()), &mut |event| {
        if let Event::CaseFinished { case, result, .. } = event {
            cases.push((case.id.clone(), case.level, result.outcome));
        }
    })
    .await;
    payer.shutdown().await;
    Ran { summary, cases }
}

fn ended_badly(ran: &Ran) -> BTreeSet<&str> {
    let bad = |outcome: &Outcome| matches!(outcome, Outcome::Fail | Outcome::Warn | Outcome::Error);
    ran.cases.iter().filter(|(_, _, outcome)| bad(outcome)).map(|(id, _, _)| id.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sound_payer_passes_every_case_of_every_version() {
    for version in ["1.1.0", "2.0.0", "2.1.0", "2.2.0"] {
        let ran = demo(&format!("hl7.fhir.us.carin-bb#{version}"), &[], false).await;
        assert_eq!(ended_badly(&ran), BTreeSet::new(), "{version}");
        let unanswered: Vec<_> =
            ran.cases.iter().filter(|(_, level, outcome)| level.is_required() && *outcome == Outcome::Inconclusive).collect();
        assert!(unanswered.is_empty(), "{version}: {unanswered:?}");
        assert_eq!(ran.summary.verdict, Verdict::Conformant, "{version}: {}", ran.summary.because);
        assert!(ran.cases.len() > 300, "{version} has {} cases", ran.cases.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_is_caught_by_exactly_the_cases_meant_for_it() {
    let expected = faults::expected();
    let tried = expected.iter().map(async |(fault, expected)| deviations(fault, expected).await);
    let wrong: Vec<String> = stream::iter(tried).buffered(AT_ONCE).concat().await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// In what a run against a payer with this fault differs from what is expected of it.
async fn deviations(fault: &str, expected: &faults::Expected) -> Vec<String> {
    let ran = demo("hl7.fhir.us.carin-bb#2.0.0", &[fault.to_owned()], expected.writes).await;
    let (bad, globs) = (ended_badly(&ran), expected.globs());
    let unmeant = bad.iter().filter(|id| !globs.iter().any(|(_, glob)| glob.is_match(id)));
    let mut wrong: Vec<String> = unmeant.map(|id| format!("{fault} is also caught by {id}")).collect();
    let unmet = globs.iter().filter(|(_, glob)| !bad.iter().any(|id| glob.is_match(id)));
    wrong.extend(unmet.map(|(pattern, _)| format!("{fault} is not caught by {pattern}")));
    if !ran.cases.iter().any(|(_, _, outcome)| matches!(outcome, Outcome::Fail | Outcome::Warn)) {
        wrong.push(format!("{fault} is found by no case"));
    }
    let fails = ran.cases.iter().any(|(_, _, outcome)| *outcome == Outcome::Fail);
    if ran.summary.verdict != expected.verdict(fails) {
        wrong.push(format!("{fault} ends {:?}: {}", ran.summary.verdict, ran.summary.because));
    }
    wrong
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sound_payer_takes_every_write_and_nothing_is_left_of_it() {
    for version in ["1.1.0", "2.2.0"] {
        let ran = demo(&format!("hl7.fhir.us.carin-bb#{version}"), &[], true).await;
        assert_eq!(ended_badly(&ran), BTreeSet::new(), "{version}");
        let written = ran.cases.iter().filter(|(id, _, outcome)| id.starts_with("r4.Coverage.") && *outcome == Outcome::Pass);
        let written: BTreeSet<&str> = written.map(|(id, _, _)| id.as_str()).collect();
        for wanted in ["create", "create.conditional", "update.stale", "update.create", "patch", "delete", "delete.search"] {
            assert!(written.contains(format!("r4.Coverage.{wanted}").as_str()), "{version}: {wanted} is not among {written:?}");
        }
        assert_eq!(ran.summary.left, Vec::<String>::new(), "{version}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_records_of_several_members_are_judged_together() {
    let guide = "hl7.fhir.us.carin-bb#2.0.0";
    let one = demo(guide, &[], false).await;
    let both = demo_of(guide, &[], false, true).await;
    assert_eq!(ended_badly(&both), BTreeSet::new());
    let of = |ran: &Ran, wanted: &str| ran.summary.harvested.iter().find(|(name, _)| name == wanted).map_or(0, |(_, count)| *count);
    assert_eq!((of(&one, "Patient"), of(&both, "Patient")), (1, 2));
    assert!(of(&both, "ExplanationOfBenefit") > of(&one, "ExplanationOfBenefit"));
    let stale = demo_of(guide, &["search.drops-newest-match".to_owned()], false, true).await;
    assert!(ended_badly(&stale).contains("c4bb.ExplanationOfBenefit.search.type"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_deleted_is_told() {
    let ran = demo("hl7.fhir.us.carin-bb#2.0.0", &["delete.leaves-readable".to_owned()], true).await;
    assert!(
        ran.summary.left.iter().any(|line| line.starts_with("Coverage/") && line.contains("can still be read")),
        "{:?}",
        ran.summary.left
    );
}

#[test]
fn every_fault_has_its_cases() {
    let expected = faults::expected();
    let listed: BTreeSet<&str> = expected.keys().map(String::as_str).collect();
    let known: BTreeSet<&str> = FAULTS.iter().map(|fault| fault.name).collect();
    assert_eq!(listed, known);
}
