//! The reference payer against the whole suite: all green when sound, and for each fault exactly the cases meant for it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it does not expect")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::stream::{self, StreamExt};
use payerspec::check::outcome::{Level, Outcome};
use payerspec::guide::{Catalogue, GuideId, Sources};
use payerspec::plan::Selection;
use payerspec::proof::{self, Questions, Row};
use payerspec::reference::{self, Options, fault::FAULTS};
use payerspec::run::Limits;
use payerspec::run::event::{Event, RunSummary, Verdict};
use payerspec::suite;
use payerspec::target::{Target, TargetConfig};

#[path = "demo/faults.rs"]
mod faults;

/// Faults that are tried at once: one run does not keep a core busy while it waits for the payer's answers.
const AT_ONCE: usize = 4;

struct Ran {
    summary: RunSummary,
    cases: Vec<(String, Level, Outcome)>,
}

async fn demo(guide: &str, faults: &[String], allow_writes: bool) -> Ran {
    demo_of(guide, faults, allow_writes, reference::Auth::Bearer).await
}

/// A payer that asks for no token has its first two members told to the run.
async fn demo_of(guide: &str, faults: &[String], allow_writes: bool, auth: reference::Auth) -> Ran {
    let questions = questions(guide, allow_writes);
    let options = Options::new(&questions.guide, faults, 3, 1).unwrap().with_writes(allow_writes).with_auth(auth);
    let payer = reference::start(options).await.unwrap();
    let mut job = questions.job(&payer).unwrap();
    if auth == reference::Auth::None {
        job.target = Arc::new(Target::new(TargetConfig::of_base(payer.base()).unwrap()).unwrap());
        job.patients = payer.members().iter().take(2).map(|member| member.patient.clone()).collect();
        job.other_patient = None;
    }
    let mut cases = Vec::new();
    let summary = payerspec::run::run(job, Box::pin(std::future::pending()), &mut |event| {
        if let Event::CaseFinished { case, result, .. } = event {
            cases.push((case.id(), case.level, result.outcome));
        }
    })
    .await;
    payer.shutdown().await;
    Ran { summary, cases }
}

fn questions(guide: &str, allow_writes: bool) -> Questions {
    let guide: GuideId = guide.parse().unwrap();
    Questions {
        catalogue: Arc::new(Catalogue::load(std::slice::from_ref(&guide), &Sources::default()).unwrap()),
        guide,
        suites: suite::embedded().unwrap(),
        selection: Selection::default(),
        limits: Limits { concurrency: 4, max_pages: 100, total: None, allow_inconclusive: false, allow_writes },
        as_of: proof::DAY,
        with_facts: true,
        as_public_client: false,
    }
}

fn ended_badly(ran: &Ran) -> BTreeSet<&str> {
    let bad = |outcome: &Outcome| matches!(outcome, Outcome::Fail | Outcome::Warn | Outcome::Error);
    ran.cases.iter().filter(|(_, _, outcome)| bad(outcome)).map(|(id, _, _)| id.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sound_payer_passes_every_case_of_every_version() {
    for version in ["1.1.0", "2.0.0", "2.1.0", "2.2.0"] {
        let guide = format!("hl7.fhir.us.carin-bb#{version}");
        let ran = demo_of(&guide, &[], false, reference::Auth::Smart).await;
        assert_eq!(ended_badly(&ran), BTreeSet::new(), "{version}");
        assert_eq!(ended_badly(&demo(&guide, &[], false).await), BTreeSet::new(), "{version} with a token");
        let unanswered: Vec<_> =
            ran.cases.iter().filter(|(_, level, outcome)| level.is_required() && *outcome == Outcome::Inconclusive).collect();
        assert!(unanswered.is_empty(), "{version}: {unanswered:?}");
        assert_eq!(ran.summary.verdict, Verdict::Conformant, "{version}: {}", ran.summary.because);
        assert!(ran.cases.len() > 300, "{version} has {} cases", ran.cases.len());
    }
}

#[test]
fn every_fault_is_caught_by_exactly_the_cases_meant_for_it() {
    let (matrix, expected) = (faults::matrix(), faults::expected());
    let rows: BTreeSet<&str> = matrix.faults.iter().map(|row| row.fault.as_str()).collect();
    assert_eq!(rows, expected.keys().map(String::as_str).collect(), "reports/fault-matrix.json and tests/faults name the same faults");
    assert_eq!(rows, FAULTS.iter().map(|fault| fault.name).collect(), "and these are the payer's");
    let wrong: Vec<String> = matrix.faults.iter().flat_map(|row| row.differences(&expected[&row.fault])).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(matrix.gaps, Vec::<serde_json::Value>::new());
    assert_eq!(matrix.templates_without_fault, [""; 0], "a question that no fault fails proves nothing");
    let schema = jsonschema::validator_for(&serde_json::from_str(proof::SCHEMA).unwrap()).unwrap();
    let errors: Vec<String> = schema.iter_errors(&faults::committed()).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!(errors, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_of_each_family_is_caught_as_the_matrix_says() {
    let (questions, matrix) = (questions("hl7.fhir.us.carin-bb#2.0.0", false), faults::matrix());
    let mut families = BTreeSet::new();
    let tried = FAULTS.iter().filter(|fault| families.insert(fault.family())).map(|fault| proof::row(&questions, fault));
    let rows: Vec<Row> = stream::iter(tried).buffered(AT_ONCE).map(Result::unwrap).collect().await;
    assert!(rows.len() > 40, "{} families", rows.len());
    for row in rows {
        let committed = matrix.faults.iter().find(|committed| committed.fault == row.fault).unwrap();
        let caught: Vec<&str> = row.cases.iter().map(|case| case.id.as_str()).collect();
        assert_eq!(caught, committed.caught(), "{}: {}", row.fault, faults::RENEW);
        assert_eq!((row.writes, row.rules), (committed.writes, committed.rules.clone()), "{}: {}", row.fault, faults::RENEW);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_users_own_suite_is_asked_of_each_harvested_resource() {
    let suites = suite::load(&["tests/demo/own.toml".to_owned()]).unwrap();
    let questions = Questions { suites, ..questions("hl7.fhir.us.carin-bb#2.0.0", false) };
    for (name, caught) in [
        ("read.stale-content", &["c4bb.ExplanationOfBenefit.read-each"][..]),
        ("search.ignores-type", &["c4bb.ExplanationOfBenefit.search/type"]),
        ("metadata.no-kind", &[]),
    ] {
        let fault = FAULTS.iter().find(|fault| fault.name == name).unwrap();
        let row = proof::row(&questions, fault).await.unwrap();
        assert_eq!(row.cases.iter().map(|case| case.id.as_str()).collect::<Vec<_>>(), caught, "{name}");
    }
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
    let both = demo_of(guide, &[], false, reference::Auth::None).await;
    assert_eq!(ended_badly(&both), BTreeSet::new());
    let of = |ran: &Ran, wanted: &str| ran.summary.harvested.iter().find(|(name, _)| name == wanted).map_or(0, |(_, count)| *count);
    assert_eq!((of(&one, "Patient"), of(&both, "Patient")), (1, 2));
    assert!(of(&both, "ExplanationOfBenefit") > of(&one, "ExplanationOfBenefit"));
    let stale = demo_of(guide, &["search.drops-newest-match".to_owned()], false, reference::Auth::None).await;
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

/// Outcome and paths of the requests of each selected case, at a payer of CARIN 2.0.0.
async fn asked(only: &[&str], refine: impl Fn(Options) -> Options) -> BTreeMap<String, (Outcome, Vec<String>)> {
    let only: Vec<String> = only.iter().map(|pattern| (*pattern).to_owned()).collect();
    let questions = Questions { selection: Selection::new(&only, &[], None).unwrap(), ..questions("hl7.fhir.us.carin-bb#2.0.0", false) };
    let payer = reference::start(refine(Options::new(&questions.guide, &[""; 0], 3, 1).unwrap())).await.unwrap();
    let job = questions.job(&payer).unwrap();
    let mut cases = BTreeMap::new();
    payerspec::run::run(job, Box::pin(std::future::pending()), &mut |event| {
        if let Event::CaseFinished { case, result, .. } = event {
            let paths = result.exchanges.iter().map(|exchange| exchange.request.path.clone()).collect();
            cases.insert(case.id(), (result.outcome, paths));
        }
    })
    .await;
    payer.shutdown().await;
    cases
}

#[tokio::test(flavor = "multi_thread")]
async fn another_member_is_not_refused_what_is_theirs_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let to = |member: &str| serde_json::json!({ "reference": format!("Patient/{member}") });
    let shared = serde_json::json!({ "resourceType": "Coverage", "id": "a-shared", "status": "active",
        "beneficiary": to("member-1"), "subscriber": to("member-2"), "payor": [to("member-2")] });
    std::fs::write(folder.path().join("shared.json"), shared.to_string()).unwrap();
    let reads = ["*.access.other-token.read", "*.access.other-token.vread", "*.access.other-token.history"];
    let cases = asked(&reads, |options| options.with_data(folder.path()).unwrap()).await;
    let of_coverage: Vec<_> = cases.iter().filter(|(id, _)| id.contains(".Coverage.")).collect();
    assert_eq!(of_coverage.len(), 3, "{cases:?}");
    for (id, (outcome, paths)) in of_coverage {
        assert_eq!(*outcome, Outcome::Pass, "{id}");
        assert!(
            !paths.is_empty() && paths.iter().all(|path| path.starts_with("Coverage/") && !path.contains("a-shared")),
            "{id}: {paths:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sound_payer_passes_over_tls() {
    let only = ["r4.tls.*", "*.oauth.*", "*.read", "*.search.type"];
    let cases = asked(&only, |options| options.with_auth(reference::Auth::Smart).with_tls(true)).await;
    let bad = |outcome: &Outcome| matches!(outcome, Outcome::Fail | Outcome::Warn | Outcome::Error);
    assert_eq!(cases.iter().filter(|(_, (outcome, _))| bad(outcome)).collect::<Vec<_>>(), []);
    for id in ["r4.tls.certificate", "r4.tls.hsts", "r4.tls.old-refused", "r4.tls.plain-http", "c4bb.ExplanationOfBenefit.read"] {
        assert_eq!(cases.get(id).map(|(outcome, _)| *outcome), Some(Outcome::Pass), "{id}");
    }
}
