//! One run with every outcome, its text chosen to break careless writers, and with fixed times.

use std::sync::Arc;

use payerspec::check::About;
use payerspec::check::exchange::{Body, Exchange, Identity, Payload, Request, Response, SendError};
use payerspec::check::outcome::{Finding, Level, Outcome};
use payerspec::check::said::{Said, code, foreign, id, key, parameter, words};
use payerspec::fhir::capability::Expectation;
use payerspec::guide::facts::GuideId;
use payerspec::guide::requirements;
use payerspec::guide::{Catalogue, Sources};
use payerspec::plan::{Case, Plan, Selection, Template};
use payerspec::run::attestation::Attestation;
use payerspec::run::cpcds::{CpcdsCount, CpcdsPlace};
use payerspec::run::event::{CaseResult, Event, Harvest, Look, Resumption, RunFacts, RunSummary, Stage, StopReason, Tally, Verdict};
use payerspec::run::support::{Shown, Support};

/// Text as a hostile server would send it.
pub const HOSTILE: &str = "<script>alert(1)</script>\u{1b}[2J]]>\u{0}\u{202e}\"'&amp;\r\nFAIL";
/// What names the member of the run, and must not be seen unless asked for.
pub const MEMBER: [&str; 5] = ["jane-roe-1", "1EG4TE5MK73", "jane@roe.example", "1970-04-05", "Roe"];
/// An answer with the member in it.
const FOUND: &str = r#"{"resourceType":"Bundle","type":"searchset","link":[{"relation":"self","url":"https://payer.example/fhir/Patient?family=Roe"}],
"entry":[{"fullUrl":"https://payer.example/fhir/Patient/jane-roe-1","resource":{"resourceType":"Patient","id":"jane-roe-1","gender":"female",
"birthDate":"1970-04-05","identifier":[{"system":"http://hl7.org/fhir/sid/us-mbi","value":"1EG4TE5MK73"}],"name":[{"family":"Roe"}],
"telecom":[{"system":"email","value":"jane@roe.example"}]}}]}"#;
const BASE: &str = "https://payer.example/fhir";

/// Everything that a run says.
pub struct FixedRun {
    pub facts: RunFacts,
    pub plan: Plan,
    pub catalogue: Arc<Catalogue>,
    pub results: Vec<CaseResult>,
    pub summary: RunSummary,
}

impl FixedRun {
    /// Says it, cases in another order than the plan's, as a run with several workers does.
    pub fn tell(&self, on: &mut dyn FnMut(&Event<'_>)) {
        on(&Event::StageStarted { stage: Stage::Discover });
        on(&Event::RunStarted { facts: &self.facts, plan: &self.plan, catalogue: &self.catalogue });
        on(&Event::StageStarted { stage: Stage::Harvest });
        let harvest = Harvest { members: vec![MEMBER[0].to_owned()], counts: self.summary.harvested.clone() };
        on(&Event::Harvested { harvest: &harvest });
        on(&Event::StageStarted { stage: Stage::Judge });
        on(&Event::RequestRetried { url: &format!("{BASE}/Coverage/c1"), reason: &words("the connection was reset") });
        let mut tally = Tally::default();
        let pairs: Vec<_> = self.plan.cases.iter().zip(&self.results).enumerate().collect();
        for swapped in pairs.chunks(2) {
            for (index, (case, result)) in swapped.iter().rev() {
                on(&Event::CaseStarted { index: *index, case });
                tally.count(result.outcome);
                on(&Event::CaseFinished { index: *index, case, result, tally });
            }
        }
        on(&Event::RunFinished { summary: &self.summary });
    }
}

/// Rows of the guide's list that the reports tell of.
const LISTED: [&str; 6] = ["@2", "@3", "@51", "@57", "@99", "@101"];

/// The run.
pub fn fixed_run(strict: bool, show_member_data: bool) -> FixedRun {
    let (cases, results): (Vec<Case>, Vec<CaseResult>) = [judged(), unanswered(), odd()].concat().into_iter().unzip();
    let mut tally = Tally::default();
    results.iter().for_each(|result| tally.count(result.outcome));
    let guide = GuideId { package: "hl7.fhir.us.carin-bb".to_owned(), version: "2.0.0".to_owned() };
    let listed = requirements::of(&guide).into_iter().filter(|row| LISTED.iter().any(|number| row.id.ends_with(number))).collect();
    let attested = Attestation {
        requirement: "carin-bb-2.0.0@51".to_owned(),
        statement: "The API meets HIPAA.".to_owned(),
        by: "=A. Officer".to_owned(),
        date: "2026-01-01".to_owned(),
        evidence: None,
    };
    FixedRun {
        catalogue: Arc::new(Catalogue::load(std::slice::from_ref(&guide), &Sources::default()).unwrap()),
        facts: RunFacts {
            target: BASE.to_owned(),
            guides: vec![guide],
            suites: vec!["rest".to_owned(), "search".to_owned()],
            started: "2026-01-02T03:04:05Z".to_owned(),
            strict,
            show_member_data,
            resumed: vec![Resumption { at: "2026-01-02T03:04:06Z".to_owned(), carried_over: 3 }],
            members: vec!["jane-roe-1".to_owned()],
            out: Some("out".to_owned()),
            as_of: Some("2026-01-02".parse().unwrap()),
            payer_facts: Vec::new(),
            attestations: vec![attested],
            ..RunFacts::default()
        },
        plan: Selection::default().apply(Plan { cases, requirements: listed, ..Plan::default() }),
        results,
        summary: RunSummary {
            tally,
            verdict: Verdict::Deviates,
            because: "2 required cases failed".into(),
            stop: StopReason::Completed,
            finished: "2026-01-02T03:04:17.400Z".to_owned(),
            duration_ms: 12_400.0,
            requests: 21,
            harvested: vec![("Coverage".to_owned(), 2), ("ExplanationOfBenefit".to_owned(), 31)],
            must_support: vec![support()],
            cpcds: vec![cpcds()],
            stale: Vec::new(),
            left: Vec::new(),
        },
    }
}

fn judged() -> Vec<(Case, CaseResult)> {
    vec![
        (
            case("c4bb.Coverage.read", "An existing Coverage is read", Level::Shall, &["carin-bb-2.0.0@96"]),
            CaseResult {
                looks: vec![Look { request: 0x00ab_cdef, examined: 1, outside: false }],
                ..result(Outcome::Pass, 1, 38.2004, vec![got("Coverage/c1", 200, r#"{"resourceType":"Coverage","id":"c1"}"#)])
            },
        ),
        (
            case(
                "c4bb.Coverage.include.payor",
                "Coverage:payor can be included",
                Level::Shall,
                &["carin-bb-2.0.0@108", "carin-bb-2.0.0@96"],
            ),
            CaseResult {
                findings: (0..7)
                    .map(|index| {
                        finding(
                            "search.include",
                            words(format!("Bundle.entry[{index}]")),
                            Said::joined([key("Organization/payer-1"), key("Coverage/c1")], ", which is referenced by Coverage:payor of "),
                            "not included",
                        )
                    })
                    .collect(),
                ..result(
                    Outcome::Fail,
                    3,
                    91.0,
                    vec![got("Coverage?patient=jane-roe-1&_include=Coverage:payor", 200, r#"{"resourceType":"Bundle"}"#)],
                )
            },
        ),
        (
            case("c4bb.Patient.search.birthdate", "Patients are found by birthdate", Level::Declared, &[]),
            CaseResult {
                findings: vec![finding(
                    "search.precision",
                    "Bundle.entry",
                    Said::joined(["only resources that meet".into(), parameter("Patient", "birthdate", "1970-04-05")], " "),
                    Said::joined([key("Patient/jane-roe-1"), "does not".into()], " "),
                )],
                ..result(Outcome::Fail, 1, 1250.0, vec![posted(), got("Patient?birthdate=1970-04-05&family=Roe,Doe", 200, FOUND)])
            },
        ),
        (
            case("c4bb.Coverage.search.status", "Coverages are found by status", Level::Shall, &["carin-bb-2.0.0@97"]),
            CaseResult {
                findings: vec![finding("search.total", "Bundle.total", 2_usize, 3_usize)],
                known: Some("Ticket 7: fixed in the March release".to_owned()),
                ..result(Outcome::Fail, 2, 12.0, vec![got("Coverage?status=active", 200, "{}")])
            },
        ),
        (
            case("c4bb.ExplanationOfBenefit.etag", "A read carries an ETag", Level::Should, &["carin-bb-2.0.0@12"]),
            CaseResult {
                findings: vec![finding("http.etag", "header etag", "W/\"<version>\"", code(HOSTILE))],
                ..result(Outcome::Warn, 1, 5.0, vec![got("ExplanationOfBenefit/eob-1", 200, "{}")])
            },
        ),
    ]
}

fn unanswered() -> Vec<(Case, CaseResult)> {
    vec![
        (
            case(
                "c4bb.ExplanationOfBenefit.search.service-date.ge",
                "Claims are found by service-date, ge",
                Level::Shall,
                &["carin-bb-2.0.0@100"],
            ),
            CaseResult {
                reason: Some(Said::joined(
                    [
                        "no claim of".into(),
                        key("Patient/jane-roe-1"),
                        foreign("MBI 1EG4TE5MK73, jane@roe.example"),
                        "has a billablePeriod".into(),
                    ],
                    " ",
                )),
                ..result(Outcome::Inconclusive, 0, 20.0, vec![got("ExplanationOfBenefit?patient=jane-roe-1", 200, "{}")])
            },
        ),
        (
            case("server.Basic.search.code", "Basics are found by code", Level::Declared, &[]),
            CaseResult { reason: Some("no Basic was harvested".into()), ..result(Outcome::Inconclusive, 0, 0.0, vec![]) },
        ),
        (
            case("server.Coverage.create", "A Coverage is created", Level::Declared, &[]),
            CaseResult { reason: Some("read-only run".into()), ..result(Outcome::NotApplicable, 0, 0.0, vec![]) },
        ),
        (
            case("c4bb.Practitioner.read", "An existing Practitioner is read", Level::Shall, &["carin-bb-2.0.0@101"]),
            CaseResult {
                reason: Some("no complete response within 30 s".into()),
                ..result(Outcome::Error, 0, 90_000.0, vec![timed_out()])
            },
        ),
    ]
}

fn odd() -> Vec<(Case, CaseResult)> {
    vec![
        (
            case(&format!("server.Thing.search.{HOSTILE}"), HOSTILE, Level::Declared, &[]),
            CaseResult {
                findings: vec![finding("http.status", words(HOSTILE), words(HOSTILE), words(HOSTILE))],
                reason: Some(words(HOSTILE)),
                ..result(Outcome::Fail, 1, 0.1, vec![got(&format!("Thing?x={HOSTILE}"), 500, HOSTILE)])
            },
        ),
        (
            case("r4.metadata", "The statement is there", Level::Shall, &["fhir-r4@1"]),
            result(Outcome::Pass, 1, 1.0, vec![got("metadata", 200, "{}")]),
        ),
    ]
}

fn case(id: &str, title: &str, level: Level, requirements: &[&str]) -> Case {
    let (guide, id) = id.split_once('.').unwrap();
    Case {
        level,
        about: Arc::new(About { expected: Some((guide.into(), Expectation::Shall)), ..About::default() }),
        not_applicable: None,
        template: Arc::new(Template {
            id: id.to_owned(),
            title: title.to_owned(),
            origin: "rest#read".to_owned(),
            requirements: requirements.iter().map(|&requirement| requirement.to_owned()).collect(),
            ..Template::default()
        }),
        words: Arc::default(),
    }
}

fn result(outcome: Outcome, examined: usize, duration_ms: f64, exchanges: Vec<Exchange>) -> CaseResult {
    let exchanges = exchanges.into_iter().map(Arc::new).collect();
    CaseResult { outcome, examined, findings: Vec::new(), reason: None, known: None, duration_ms, exchanges, ran: true, looks: vec![] }
}

fn finding(check: &str, at: impl Into<Said>, expected: impl Into<Said>, actual: impl Into<Said>) -> Finding {
    Finding { check: check.to_owned(), at: at.into(), expected: expected.into(), actual: actual.into() }
}

fn got(path: &str, status: u16, body: &str) -> Exchange {
    let response = Response {
        packed: None,
        status,
        headers: vec![("content-type".to_owned(), "application/fhir+json".to_owned())],
        bytes: bytes::Bytes::copy_from_slice(body.as_bytes()),
        body: serde_json::from_str::<payerspec::fhir::json::Value>(body)
            .map_or_else(|error| Body::Unreadable(error.to_string()), |value| Body::Resource(Arc::new(value.into()))),
    };
    exchange(Request::get(path), path, Ok(response))
}

fn posted() -> Exchange {
    let mut request = Request::get("Patient/_search");
    request.method = payerspec::check::exchange::Method::Post;
    request.payload = Some(Payload::Form(vec![("family".to_owned(), "Roe".to_owned()), ("_count".to_owned(), "10".to_owned())]));
    Exchange { request, ..got("Patient/_search", 200, "{}") }
}

fn timed_out() -> Exchange {
    let mut request = Request::get("Practitioner/p1");
    request.identity = Identity::Anonymous;
    let retries = vec![words("no complete response within 30 s"); 2];
    Exchange { attempts: 3, retries, ..exchange(request, "Practitioner/p1", Err(SendError::Timeout { seconds: 30 })) }
}

fn exchange(request: Request, path: &str, result: Result<Response, SendError>) -> Exchange {
    let started = "2026-01-02T03:04:06Z".to_owned();
    Exchange { request, url: format!("{BASE}/{path}"), result, attempts: 1, retries: Vec::new(), started, duration_ms: 7.5 }
}

/// What two Coverages show.
fn support() -> Support {
    let example = Some(Said::joined([code("Coverage"), id("coverage-1")], "/"));
    let shown = |element: &str, present: usize, reason_only: usize, example| Shown {
        element: element.to_owned(),
        present,
        reason_only,
        lacking: 2 - present - reason_only,
        example,
    };
    Support {
        profile: "http://hl7.org/fhir/us/carin-bb/StructureDefinition/C4BB-Coverage".to_owned(),
        resources: 2,
        elements: vec![shown("Coverage.payor", 2, 0, example), shown("Coverage.class:plan", 0, 1, None)],
    }
}

/// Where two Coverages have one element of the data set.
fn cpcds() -> CpcdsCount {
    let place = CpcdsPlace { expression: "payor.resolve().name".to_owned(), cardinality: Some("1..1".to_owned()), present: 1 };
    CpcdsCount {
        map_id: "186".to_owned(),
        name: "Payer name".to_owned(),
        profile: "C4BB-Coverage".to_owned(),
        resources: 2,
        present: 1,
        places: vec![place],
        example: Some(Said::joined([code("Coverage"), id("coverage-1")], "/")),
    }
}
