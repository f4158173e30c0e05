//! The whole demo as wall time against a bare replay of the same requests at the same concurrency: what the judging costs.
//!
//! `cargo bench --bench demo`. The payer runs in this process in both. A full run includes loading the catalogue, planning, harvesting and
//! judging. One run goes through a relay that writes down every request as the payer gets it; the replay sends these again, with
//! their headers and bodies, in the order in which they came, and reads the bytes, unpacked.

#![expect(clippy::unwrap_used, reason = "a bench stops at what it does not expect")]

mod relay;

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt};
use mimalloc::MiMalloc;
use payerspec::guide::{Catalogue, GuideId, Sources};
use payerspec::plan::Selection;
use payerspec::reference::{self, MemberAccess};
use payerspec::run::event::{Event, RunFacts};
use payerspec::run::{Baseline, Job, Limits, now};
use payerspec::suite;
use payerspec::target::{Secret, Target, TargetConfig};
use relay::{Asked, Relay};

/// As in the program.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const GUIDE: &str = "hl7.fhir.us.carin-bb#2.0.0";
const CONCURRENCY: usize = 4;
const ROUNDS: usize = 15;

/// What a full run took and did.
struct Full {
    time: Duration,
    cases: usize,
    requests: usize,
}

fn main() {
    // As in the program.
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::disable_transparent_huge_pages(true);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let guide: GuideId = GUIDE.parse().unwrap();
        let payer = reference::start(reference::Options::new(&guide, &[""; 0], 3, 1).unwrap()).await.unwrap();
        let members = payer.members().to_vec();
        let Full { cases, requests, .. } = full(payer.base(), &members).await;
        // Before the relay and what it writes down are added to it.
        let peak = peak_memory();
        let relay = Relay::start(payer.base()).await;
        full(&relay.base, &members).await;
        let asked = relay.asked();
        drop(relay);
        let client = relay::client(true);
        let mut answered = replay(&client, payer.base(), &asked).await.1;
        let (mut full_times, mut replay_times) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            full_times.push(full(payer.base(), &members).await.time);
            let (time, bytes) = replay(&client, payer.base(), &asked).await;
            replay_times.push(time);
            answered = bytes;
        }
        let (full_median, replay_median) = (median(full_times), median(replay_times));
        println!("cases {cases}, requests {requests}, replayed {}, concurrency {CONCURRENCY}, rounds {ROUNDS}", asked.len());
        println!("bytes that a replay gets {answered}");
        println!("full run    median {:8.1} ms", full_median.as_secs_f64() * 1e3);
        println!("bare replay median {:8.1} ms", replay_median.as_secs_f64() * 1e3);
        println!("ratio {:.2}", full_median.as_secs_f64() / replay_median.as_secs_f64());
        if let Some(peak) = peak {
            println!("peak memory of the process after one run, payer included: {peak}");
        }
    });
}

async fn full(base: &str, members: &[MemberAccess]) -> Full {
    let began = Instant::now();
    let guide: GuideId = GUIDE.parse().unwrap();
    let catalogue = Arc::new(Catalogue::load(std::slice::from_ref(&guide), &Sources::default()).unwrap());
    let mut config = TargetConfig::of_base(base).unwrap();
    config.token = Some(Secret::new(&members[0].token));
    let facts = RunFacts { target: base.to_owned(), guides: vec![guide], started: now(), ..RunFacts::default() };
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
    let mut cases = 0;
    let mut count = |event: &Event<'_>| cases += usize::from(matches!(event, Event::CaseFinished { .. }));
    let requests = payerspec::run::run(job, Box::pin(std::future::pending()), &mut count).await.requests;
    Full { time: began.elapsed(), cases, requests }
}

async fn replay(client: &reqwest::Client, base: &str, asked: &[Asked]) -> (Duration, usize) {
    let began = Instant::now();
    let origin = relay::origin(base);
    let answers = stream::iter(asked).map(|asked| async move { relay::send(client, origin, asked).await.bytes().await.unwrap().len() });
    let answers: Vec<usize> = answers.buffer_unordered(CONCURRENCY).collect().await;
    assert!(answers.iter().sum::<usize>() > 0, "nothing came back");
    (began.elapsed(), answers.iter().sum())
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
