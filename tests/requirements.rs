//! The requirement lists against the cases that are to answer them, and how their rows stand at a sound payer.

#![expect(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use globset::Glob;
use payerspec::check::Declared;
use payerspec::guide::requirements;
use payerspec::guide::{Catalogue, GuideId, Sources};
use payerspec::plan::{Plan, Selection};
use payerspec::proof::{self, Questions};
use payerspec::reference;
use payerspec::report::{self, Reporters, Show, Terminal};
use payerspec::run::Limits;
use payerspec::run::event::Verdict;
use payerspec::suite;
use payerspec::target::ConfigFile;
use serde_json::Value;

const VERSIONS: [&str; 4] = ["1.1.0", "2.0.0", "2.1.0", "2.2.0"];

fn questions(version: &str) -> Questions {
    let guide: GuideId = format!("hl7.fhir.us.carin-bb#{version}").parse().unwrap();
    Questions {
        catalogue: Arc::new(Catalogue::load(std::slice::from_ref(&guide), &Sources::default()).unwrap()),
        guide,
        suites: suite::embedded().unwrap(),
        selection: Selection::default(),
        limits: Limits { concurrency: 4, max_pages: 100, total: None, allow_inconclusive: false, allow_writes: true },
        as_of: proof::DAY,
        with_facts: true,
        as_public_client: false,
    }
}

/// Facts that the reference payer cannot tell, since they are about the last days.
const LATELY: &str = "
[[facts.claim]]
number = 'lately'
processed = '2027-02-26'
[[facts.resource]]
reference = 'Observation/lately'
processed = '2027-02-26'
";

/// The plan of a payer that is signed in at, takes writes, speaks https and tells all facts: every question that a payer can be asked.
async fn whole_plan(version: &str) -> Plan {
    let questions = questions(version);
    let options = reference::Options::new(&questions.guide, &[""; 0], 1, 1).unwrap();
    let payer = reference::start(options.with_writes(true).with_auth(reference::Auth::Smart)).await.unwrap();
    let job = questions.job(&payer).unwrap();
    let facts = ConfigFile::parse(&format!("{}{LATELY}", payer.facts()), Path::new("facts")).unwrap().facts;
    let declared = payerspec::run::discover(&job.target, &questions.catalogue).await.unwrap();
    payer.shutdown().await;
    let sign_in = job.target.expected_sign_in().map(Arc::new);
    let declared = Declared { sign_in, secure: true, as_of: Some(questions.as_of), facts: Arc::new(facts), ..declared };
    payerspec::plan::plan(&questions.suites, &declared.extend(&questions.catalogue), &declared, true)
}

/// Rows that no case answers, though they say neither what they need nor why they are excluded; and patterns of rows that meet no case.
fn unanswered(plan: &Plan) -> Vec<String> {
    let ids: BTreeSet<String> = plan.cases.iter().map(|case| case.id()).collect();
    let questions: BTreeSet<String> = plan.cases.iter().map(|case| case.origin().to_owned()).collect();
    let named: BTreeSet<&String> = plan.cases.iter().flat_map(|case| case.requirements()).collect();
    let mut unanswered = Vec::new();
    for row in &plan.requirements {
        let meets = |pattern: &&String| {
            let among = if requirements::is_of_questions(pattern) { &questions } else { &ids };
            let pattern = Glob::new(pattern).unwrap().compile_matcher();
            among.iter().any(|text| pattern.is_match(text))
        };
        unanswered
            .extend(row.verified_by.iter().filter(|pattern| !meets(pattern)).map(|pattern| format!("{}: {pattern} is no case", row.id)));
        let stated = [&row.needs_facts, &row.needs_statement, &row.excluded_because].iter().any(|why| why.is_some());
        if !stated && row.verified_by.is_empty() && !named.contains(&row.id) {
            unanswered.push(format!("{}: {} is answered by no case", row.id, row.text));
        }
    }
    unanswered
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_is_answered_by_cases_that_there_are_or_says_why_not() {
    for version in VERSIONS {
        let plan = whole_plan(version).await;
        let own = plan.requirements.iter().filter(|row| row.id.starts_with(&format!("carin-bb-{version}@"))).count();
        assert_eq!(own, if version == "1.1.0" { 159 } else { 197 }, "{version}");
        assert_eq!(unanswered(&plan), [""; 0], "{version}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cases_name_the_rows_of_the_version_that_is_judged() {
    for (version, named, other) in [("2.2.0", "carin-bb-2.2.0@117", "carin-bb-2.0.0@117"), ("1.1.0", "carin-bb-1.1.0@102", "")] {
        let plan = whole_plan(version).await;
        let ids: BTreeSet<&String> = plan.cases.iter().flat_map(|case| case.requirements()).collect();
        assert!(ids.iter().all(|id| id.starts_with(&format!("carin-bb-{version}@"))), "{ids:?}");
        // What 1.1.0 asks in row 102 is not what a suite means that names the row of 2.0.0.
        assert_eq!(ids.iter().any(|id| *id == named), !other.is_empty(), "{version}: {ids:?}");
    }
}

/// Questions whose cases no row names or matches.
fn untied(plan: &Plan) -> BTreeSet<String> {
    let patterns: Vec<(bool, globset::GlobMatcher)> = plan
        .requirements
        .iter()
        .flat_map(|row| &row.verified_by)
        .map(|pattern| (requirements::is_of_questions(pattern), Glob::new(pattern).unwrap().compile_matcher()))
        .collect();
    let is_tied = |id: &str, origin: &str| {
        patterns.iter().any(|(is_of_questions, pattern)| pattern.is_match(if *is_of_questions { origin } else { id }))
    };
    let cases = plan.cases.iter().filter(|case| case.requirements().is_empty() && !is_tied(&case.id(), case.origin()));
    cases.map(|case| case.origin().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_question_is_tied_to_a_row_but_for_these() {
    let untied = untied(&whole_plan("2.0.0").await);
    // No list asks for these: what an identifier or a date can be, the sums of the one kind of claim whose sums the guide leaves out, and that
    // a coverage, or the day on which something changed that is of no guide, is as the payer says that it is.
    let no_row = ["amounts.pharmacy", "dates", "npi", "placeholders", "tax-number"].map(|name| format!("data#data.{name}"));
    let of_facts = ["changed", "coverage"].map(|name| format!("facts#facts.{name}"));
    assert_eq!(untied, no_row.into_iter().chain(of_facts).collect());
}

/// How many mandatory rows of each list stand in each way at a sound payer, and which of the guide's own are not verified.
async fn standing(version: &str, with_facts: bool, as_of: &str) -> (BTreeMap<String, String>, Vec<String>) {
    let limits = Limits { allow_writes: false, ..questions(version).limits };
    let questions = Questions { with_facts, as_of: as_of.parse().unwrap(), limits, ..questions(version) };
    let options = reference::Options::new(&questions.guide, &[""; 0], 3, 1).unwrap();
    let payer = reference::start(options.with_auth(reference::Auth::Smart).with_tls(true)).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let options = report::Options { out: Some(folder.path().to_owned()), show: Show::Fail };
    let mut reporters = Reporters::with_terminal(&options, Terminal::new(Box::new(std::io::sink()), &options)).unwrap();
    let job = questions.job(&payer).unwrap();
    let summary = payerspec::run::run(job, Box::pin(std::future::pending()), &mut |event| reporters.on(event)).await;
    payer.shutdown().await;
    assert_eq!(reporters.finish(), [""; 0]);
    assert_eq!(summary.verdict, Verdict::Conformant, "{version}: {}", summary.because);
    let results: Value = serde_json::from_slice(&std::fs::read(folder.path().join("results.json")).unwrap()).unwrap();
    let (mut counts, mut open) = (BTreeMap::<String, BTreeMap<String, usize>>::new(), Vec::new());
    for row in results["requirements"].as_array().unwrap() {
        let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let (id, status) = (text("id"), text("status"));
        assert_ne!(status, "violated", "{version}: {row}");
        if !text("verb").starts_with("SHALL") || text("actor") == "app" {
            continue;
        }
        let list = id.split('@').next().unwrap().to_owned();
        if list.starts_with("carin-bb") && status != "verified" {
            open.push(format!("{} {status}", id.rsplit('@').next().unwrap()));
        }
        *counts.entry(list).or_default().entry(status).or_default() += 1;
    }
    let told = counts.into_iter().map(|(list, of)| {
        let of: Vec<String> = of.iter().map(|(status, count)| format!("{count} {status}")).collect();
        (list, of.join(", "))
    });
    (told.collect(), open)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_list_is_answered_at_a_sound_payer_as_far_as_a_run_can() {
    let statements = ["30", "31", "51", "57", "84"].map(|number| format!("{number} needs-statement"));
    for (version, mandatory) in [("1.1.0", 86), ("2.0.0", 120), ("2.1.0", 120), ("2.2.0", 120)] {
        let (counts, open) = standing(version, true, "2027-03-01").await;
        assert_eq!(open, statements, "{version}");
        let own = format!("5 needs-statement, {} verified", mandatory - 5);
        let is_adopted = version == "2.1.0";
        let expected = BTreeMap::from([
            (format!("carin-bb-{version}"), own.as_str()),
            (
                "cms-0057-f".to_owned(),
                if is_adopted { "4 needs-statement, 7 verified" } else { "4 needs-statement, 1 not-in-force, 6 verified" },
            ),
            (
                "cms-9115-f".to_owned(),
                if is_adopted {
                    "2 needs-payer-facts, 8 needs-statement, 16 verified"
                } else {
                    "2 needs-payer-facts, 8 needs-statement, 1 not-in-force, 15 verified"
                },
            ),
            ("fhir-4.0.1".to_owned(), "7 not-applicable, 47 verified"),
            ("smart-app-launch-2.2.0".to_owned(), "19 verified"),
        ]);
        let told: BTreeMap<String, &str> =
            counts.iter().filter(|(list, _)| *list != "cpcds").map(|(list, of)| (list.clone(), of.as_str())).collect();
        assert_eq!(told, expected, "{version}");
        assert_eq!(counts.contains_key("cpcds"), version != "1.1.0", "the map of the data set is that of 2.x");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_facts_stays_open_without_and_what_is_not_in_force_says_so() {
    let (counts, open) = standing("2.0.0", false, "2026-11-01").await;
    let facts = ["2", "7", "27", "153", "177", "178", "181"].map(|number| format!("{number} needs-payer-facts"));
    let open: BTreeSet<String> = open.into_iter().filter(|row| row.ends_with("facts")).collect();
    assert_eq!(open, facts.into());
    assert_eq!(counts["carin-bb-2.0.0"], "7 needs-payer-facts, 5 needs-statement, 108 verified");
    assert_eq!(counts["cms-0057-f"], "1 needs-statement, 10 not-in-force");
    assert_eq!(counts["cms-9115-f"], "8 needs-payer-facts, 8 needs-statement, 1 not-in-force, 9 verified");
    assert!(counts["cpcds"].contains("needs-payer-facts") && !counts["cpcds"].contains("not-exercised"), "{counts:?}");
}
