//! The whole demo as wall time against a bare replay of the same requests at the same concurrency: what the judging costs.
//!
//! `cargo bench --bench demo`. The payer runs in this process in both. A full run includes loading the catalogue, planning, harvesting and
//! judging; the replay sends each distinct request once, in the order of the run, and reads the bytes.

#![expect(clippy::unwrap_used, reason = "a bench stops at what it does not expect")]

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt};
use payerspec::check::exchange::{Identity, Method, Payload, Request};
use payerspec::guide::{Catalogue, GuideId, Sources};
use payerspec::plan::Selection;
use payerspec::reference::{self, MemberAccess, Running};
use payerspec::run::event::{Event, RunFacts};
use payerspec::run::{Baseline, Job, Limits, now};
use payerspec::suite;
use payerspec::target::{Secret, Target, TargetConfig};

const GUIDE: &str = "hl7.fhir.us.carin-bb#2.0.0";
const CONCURRENCY: usize = 4;
const ROUNDS: usize = 15;

/// What was sent, for the replay.
struct Sent {
    url: String,
    request: Request,
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let guide: GuideId = GUIDE.parse().unwrap();
        let payer = reference::start(reference::Options::new(&guide, &[""; 0], 3, 1).unwrap()).await.unwrap();
        let members = payer.members().to_vec();
        let (_, sent, cases, requests) = full(&payer, &members).await;
        let client = reqwest::Client::builder().build().unwrap();
        replay(&client, &sent, &members[0].token).await;
        let (mut full_times, mut replay_times) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            full_times.push(full(&payer, &members).await.0);
            replay_times.push(replay(&client, &sent, &members[0].token).await);
        }
        let (full_median, replay_median) = (median(full_times), median(replay_times));
        println!("cases {cases}, requests sent {requests}, distinct replayed {}, concurrency {CONCURRENCY}, rounds {ROUNDS}", sent.len());
        println!("full run    median {:8.1} ms", full_median.as_secs_f64() * 1e3);
        println!("bare replay median {:8.1} ms", replay_median.as_secs_f64() * 1e3);
        println!("ratio {:.2}", full_median.as_secs_f64() / replay_median.as_secs_f64());
        if let Some(peak) = peak_memory() {
            println!("peak memory of the process, payer included: {peak}");
        }
    });
}

async fn full(payer: &Running, members: &[MemberAccess]) -> (Duration, Vec<Sent>, usize, usize) {
    let began = Instant::now();
    let guide: GuideId = GUIDE.parse().unwrap();
    let catalogue = Arc::new(Catalogue::load(std::slice::from_ref(&guide), &Sources::default()).unwrap());
    let mut config = TargetConfig::of_base(payer.base()).unwrap();
    config.token = Some(Secret::new(&members[0].token));
    let facts = RunFacts { target: payer.base().to_owned(), guides: vec![guide], started: now(), ..RunFacts::default() };
    let job = Job {
        target: Arc::new(Target::new(config).unwrap()),
        catalogue,
        suites: suite::embedded().unwrap(),
        selection: Selection::default(),
        declared: None,
        patients: vec![members[0].patient.clone()],
        payer_facts: Arc::default(),
        other_patient: Some(members[1].patient.clone()),
        baseline: Baseline::default(),
        facts,
        limits: Limits { concurrency: CONCURRENCY, max_pages: 100, total: None, allow_inconclusive: false, allow_writes: false },
    };
    let mut seen = HashSet::new();
    let mut sent = Vec::new();
    let mut cases = 0;
    let summary = payerspec::run::run(job, Box::pin(std::future::pending()), &mut |event| {
        if let Event::CaseFinished { result, .. } = event {
            cases += 1;
            for exchange in &result.exchanges {
                if seen.insert(exchange.request.clone()) {
                    sent.push(Sent { url: exchange.url.clone(), request: exchange.request.clone() });
                }
            }
        }
    })
    .await;
    (began.elapsed(), sent, cases, summary.requests)
}

async fn replay(client: &reqwest::Client, sent: &[Sent], token: &str) -> Duration {
    let began = Instant::now();
    let answers: Vec<usize> = stream::iter(sent).map(|sent| one(client, sent, token)).buffer_unordered(CONCURRENCY).collect().await;
    assert!(answers.iter().sum::<usize>() > 0, "nothing came back");
    began.elapsed()
}

async fn one(client: &reqwest::Client, sent: &Sent, token: &str) -> usize {
    let method = if sent.request.method == Method::Post { reqwest::Method::POST } else { reqwest::Method::GET };
    let mut builder = client.request(method, &sent.url).header("accept", "application/fhir+json");
    if sent.request.identity == Identity::Member {
        builder = builder.bearer_auth(token);
    }
    for (name, value) in &sent.request.headers {
        builder = builder.header(name, value);
    }
    if let Some(Payload::Form(pairs)) = &sent.request.payload {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        let body = body.extend_pairs(pairs).finish();
        builder = builder.header("content-type", "application/x-www-form-urlencoded").body(body);
    }
    builder.send().await.unwrap().bytes().await.unwrap().len()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// The high-water mark of this process's memory, where the system tells it.
fn peak_memory() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:").map(|peak| peak.trim().to_owned()))
}
