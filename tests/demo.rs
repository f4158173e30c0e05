//! The reference payer against the whole suite: all green when sound, and for each fault exactly the cases meant for it.

#![expect(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

use std::collections::BTreeSet;
use std::sync::Arc;

use globset::Glob;
use payerspec::check::outcome::{Level, Outcome};
use payerspec::guide::{Catalogue, GuideId, Sources};
use payerspec::plan::Selection;
use payerspec::reference::{self, fault::FAULTS};
use payerspec::run::event::{Event, RunFacts, RunSummary, Verdict};
use payerspec::run::{Baseline, Job, Limits, now};
use payerspec::suite;
use payerspec::target::{Secret, Target, TargetConfig};

/// Each fault with the cases that must catch it: patterns of case ids, all of which must be met and which must cover every case that ends
/// badly.
const CAUGHT_BY: &[(&str, &[&str])] = &[
    ("metadata.no-fhir-version", &["r4.metadata.fhir-version"]),
    ("metadata.wrong-version", &["r4.metadata.fhir-version"]),
    ("metadata.no-rest", &["r4.metadata.rest"]),
    ("metadata.no-instantiates", &["c4bb.metadata.instantiates"]),
    ("metadata.omits-type", &["c4bb.Coverage.declared"]),
    ("metadata.omits-interaction", &["c4bb.ExplanationOfBenefit.read.declared"]),
    ("metadata.omits-search-param", &["c4bb.ExplanationOfBenefit.search.service-date.declared"]),
    ("metadata.omits-include", &["c4bb.ExplanationOfBenefit.include.coverage.declared", "c4bb.ExplanationOfBenefit.include.all.declared"]),
    ("metadata.omits-profile", &["c4bb.ExplanationOfBenefit.profile.C4BB-ExplanationOfBenefit-Pharmacy.declared"]),
    ("content-type.text-html", &["r4.metadata.content-type", "c4bb.*.read.content-type", "*.search-type.content-type"]),
    ("type.unsupported-200", &["r4.unsupported-type"]),
    ("interaction.undeclared-200", &["r4.undeclared-interaction"]),
    ("read.wrong-id", &["c4bb.*.read"]),
    ("read.wrong-type", &["c4bb.Coverage.read"]),
    ("read.unknown-id-200", &["c4bb.*.read.unknown-id"]),
    ("read.unknown-id-500", &["c4bb.*.read.unknown-id"]),
    ("read.malformed-id-500", &["c4bb.*.read.malformed-id"]),
    ("read.stale-content", &["c4bb.ExplanationOfBenefit.read.same-content"]),
    ("read.no-etag", &["c4bb.*.read.etag"]),
    ("vread.ignores-version", &["c4bb.*.vread"]),
    ("vread.unknown-version-200", &["c4bb.*.vread.unknown-version"]),
    ("history.wrong-bundle-type", &["r4.*.history-instance"]),
    ("history.empty", &["r4.*.history-instance"]),
    ("read.ignores-if-none-match", &["c4bb.*.read.if-none-match"]),
    ("sort.ignored", &["c4bb.ExplanationOfBenefit.search.*.sort", "c4bb.*.search._lastUpdated.sort"]),
    ("summary.count-has-entries", &["c4bb.*.search-type.summary-count"]),
    ("search.ignores-service-date", &["c4bb.ExplanationOfBenefit.search.service-date*"]),
    (
        "search.ignores-patient",
        &["*.search.patient", "*.search.patient.id", "*.search.patient.no-match-reference", "*.access.other-member.search"],
    ),
    ("search.ignores-type", &["c4bb.ExplanationOfBenefit.search.type", "c4bb.ExplanationOfBenefit.search.type.{code,or,no-match}"]),
    ("search.ignores-id", &["*.search._id", "*.search._id.code", "*.search._id.or", "*.search._id.no-match"]),
    ("search.ignores-identifier", &["c4bb.ExplanationOfBenefit.search.identifier", "*.search.identifier.*"]),
    ("search.ignores-last-updated", &["*.search._lastUpdated", "*.search._lastUpdated.*"]),
    ("search.drops-newest-match", &["c4bb.ExplanationOfBenefit.search.*", "*.search.*"]),
    ("search.type-code-only-exact", &["c4bb.ExplanationOfBenefit.search.type.code"]),
    ("search.no-match-returns-all", &["*.no-match", "*.no-match-reference"]),
    ("search.no-match-404", &["*.no-match"]),
    ("search.prefix-ge-as-gt", &["*.search.*.ge"]),
    ("search.prefix-ignored", &["*.search.*.{ge,gt,le,lt,ne,sa,eb}"]),
    ("search.ignores-tail", &["*.search.*.or"]),
    ("search.bad-value-ignored", &["*.search.*.malformed"]),
    ("search.unknown-param-ignored", &["*.search-type.unknown-param"]),
    ("post-search.ignored", &["*.search-type.post"]),
    ("include.ignored", &["*.include.*"]),
    ("include.ignored-care-team", &["c4bb.ExplanationOfBenefit.include.care-team", "c4bb.ExplanationOfBenefit.include.all"]),
    ("include.marks-as-match", &["*.include.*"]),
    ("include.unrequested", &["c4bb.ExplanationOfBenefit.include.*"]),
    ("paging.loops", &["*.search-type.paging"]),
    ("paging.drops-last-page", &["*.search-type.paging", "c4bb.ExplanationOfBenefit.search-type.total"]),
    ("paging.repeats-entry", &["*.search-type.no-duplicates", "*.search-type.page-size", "*.search-type.total"]),
    ("paging.ignores-count", &["*.search-type.page-size"]),
    ("bundle.no-self-link", &["*.search-type.self-link"]),
    ("bundle.wrong-type", &["*.search-type.searchset"]),
    ("bundle.no-full-url", &["*.search-type.full-url"]),
    ("bundle.foreign-full-url", &["*.search-type.full-url"]),
    ("bundle.no-search-mode", &["*.search-type.search-mode", "*.include.*"]),
    ("bundle.wrong-total", &["*.search-type.total"]),
    ("bundle.duplicate-entry", &["*.search-type.no-duplicates", "*.search-type.page-size", "*.search-type.total"]),
    ("bundle.foreign-type", &["*.search-type.no-foreign-types", "*.search-type.page-size", "*.search-type.total", "*.include.*"]),
    ("create.no-location", &["r4.Coverage.create"]),
    ("create.status-200", &["r4.Coverage.create", "r4.Coverage.update.create"]),
    ("create.loses-data", &["r4.Coverage.create", "r4.Coverage.update.create"]),
    ("create.ignores-condition", &["r4.Coverage.create.conditional"]),
    ("update.keeps-version", &["r4.Coverage.update.version"]),
    ("update.accepts-stale", &["r4.Coverage.update.stale"]),
    ("update.ignored", &["r4.Coverage.update", "r4.Coverage.update.version", "r4.Coverage.update.conditional"]),
    ("patch.ignored", &["r4.Coverage.patch"]),
    ("delete.leaves-readable", &["r4.Coverage.delete", "r4.Coverage.delete.search", "r4.Coverage.delete.conditional"]),
    ("batch.empty-answer", &["r4.system.batch"]),
    ("data.unknown-element", &["c4bb.Practitioner.conforms"]),
    ("data.unknown-code", &["c4bb.Patient.conforms", "c4bb.Patient.profile.C4BB-Patient"]),
    ("data.untyped-claim-number", &["c4bb.ExplanationOfBenefit.profile.C4BB-ExplanationOfBenefit-Pharmacy"]),
    ("data.two-focal-insurances", &["c4bb.ExplanationOfBenefit.profile.C4BB-ExplanationOfBenefit-Professional-NonClinician"]),
    ("error.no-operation-outcome", &["c4bb.*.read.unknown-id.outcome"]),
    ("error.html", &["c4bb.*.read.unknown-id.outcome", "c4bb.*.read.anonymous.challenge"]),
    ("auth.token-not-required", &["c4bb.*.read.anonymous"]),
    ("auth.other-member-visible", &["r4.access.other-member.read"]),
    ("auth.no-challenge", &["c4bb.*.read.anonymous.challenge"]),
];

/// Families of faults that only a run with writes can meet.
const OF_WRITES: [&str; 5] = ["create", "update", "patch", "delete", "batch"];

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

fn of_writes(fault: &str) -> bool {
    OF_WRITES.contains(&fault.split('.').next().unwrap_or_default())
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
    let mut wrong = Vec::new();
    for (fault, patterns) in CAUGHT_BY {
        let ran = demo("hl7.fhir.us.carin-bb#2.0.0", &[(*fault).to_owned()], of_writes(fault)).await;
        let bad = ended_badly(&ran);
        let globs: Vec<_> = patterns.iter().map(|pattern| (pattern, Glob::new(pattern).unwrap().compile_matcher())).collect();
        for id in &bad {
            if !globs.iter().any(|(_, glob)| glob.is_match(id)) {
                wrong.push(format!("{fault} is also caught by {id}"));
            }
        }
        for (pattern, glob) in &globs {
            if !bad.iter().any(|id| glob.is_match(id)) {
                wrong.push(format!("{fault} is not caught by {pattern}"));
            }
        }
        let fails = ran.cases.iter().any(|(_, _, outcome)| *outcome == Outcome::Fail);
        let expected = match (*fault, fails) {
            ("metadata.wrong-version", _) => Verdict::NotMeasured,
            (_, true) => Verdict::Deviates,
            (_, false) => Verdict::Conformant,
        };
        if ran.summary.verdict != expected {
            wrong.push(format!("{fault} ends {:?}: {}", ran.summary.verdict, ran.summary.because));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
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
    let listed: BTreeSet<&str> = CAUGHT_BY.iter().map(|(fault, _)| *fault).collect();
    let known: BTreeSet<&str> = FAULTS.iter().map(|fault| fault.name).collect();
    assert_eq!(listed, known);
}
