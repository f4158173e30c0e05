//! The requirement lists against the cases that are to answer them, and how their rows stand at a sound payer.

#![expect(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

use std::collections::BTreeSet;
use std::sync::Arc;

use globset::Glob;
use payerspec::check::Declared;
use payerspec::guide::requirements;
use payerspec::guide::{Catalogue, GuideId, Sources};
use payerspec::plan::{Plan, Selection};
use payerspec::proof::Questions;
use payerspec::reference;
use payerspec::run::Limits;
use payerspec::suite;

const VERSIONS: [&str; 4] = ["1.1.0", "2.0.0", "2.1.0", "2.2.0"];

/// The plan of a payer that is signed in at, takes writes and speaks https: every question that a payer can be asked.
async fn whole_plan(version: &str) -> Plan {
    let guide: GuideId = format!("hl7.fhir.us.carin-bb#{version}").parse().unwrap();
    let catalogue = Arc::new(Catalogue::load(std::slice::from_ref(&guide), &Sources::default()).unwrap());
    let options = reference::Options::new(&guide, &[""; 0], 1, 1).unwrap().with_writes(true).with_auth(reference::Auth::Smart);
    let payer = reference::start(options).await.unwrap();
    let questions = Questions {
        guide,
        catalogue: catalogue.clone(),
        suites: suite::embedded().unwrap(),
        selection: Selection::default(),
        limits: Limits { concurrency: 4, max_pages: 100, total: None, allow_inconclusive: false, allow_writes: true },
        as_of: "2026-11-01".parse().unwrap(),
        as_public_client: false,
    };
    let job = questions.job(&payer).unwrap();
    let declared = payerspec::run::discover(&job.target, &catalogue).await.unwrap();
    payer.shutdown().await;
    let sign_in = job.target.expected_sign_in().map(Arc::new);
    let declared = Declared { sign_in, secure: true, as_of: Some(questions.as_of), ..declared };
    payerspec::plan::plan(&questions.suites, &declared.extend(&catalogue), &declared, true)
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
    // No list asks for these: what an identifier or a date can be, and the sums of the one kind of claim whose sums the guide leaves out.
    let no_row = ["amounts.pharmacy", "dates", "npi", "placeholders", "tax-number"];
    assert_eq!(untied, no_row.iter().map(|name| format!("data#data.{name}")).collect());
}
