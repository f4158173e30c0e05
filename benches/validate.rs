//! How fast resources are judged: a claim at a time on one core, and NDJSON through the built program on all of them.
//!
//! `cargo bench --bench validate`. `PAYERSPEC_BENCH_MEGABYTES` sets the length of the NDJSON (default 256).

#![expect(clippy::unwrap_used, clippy::panic, reason = "a bench stops at what it does not expect")]

use std::fs::File;
use std::hint::black_box;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use payerspec::fhir::json::parse;
use payerspec::guide::{Catalogue, Sources};
use payerspec::reference::data::{CarinVersion, generate};
use payerspec::validate::{Alone, Options, Validator};

const GUIDE: &str = "hl7.fhir.us.carin-bb#2.0.0";
const PACKAGE: &str = "../shared/packages/hl7.fhir.us.carin-bb-2.0.0.tgz";
const INPATIENT: &str = "package/example/ExplanationOfBenefit-EOBInpatient1.json";
const ROUND: Duration = Duration::from_secs(1);
const ROUNDS: usize = 9;

fn main() {
    one_core();
    all_cores();
}

fn one_core() {
    let text = example();
    let catalogue = Catalogue::load(&[GUIDE.parse().unwrap()], &Sources::default()).unwrap();
    let validator = Validator::new(Arc::new(catalogue), Options::default());
    let resource = parse(&text).unwrap().value;
    let verdict = validator.validate(&resource, &Alone);
    assert!(verdict.profiles.iter().any(|judged| judged.profile.contains("Inpatient")), "judged by {:?}", verdict.profiles);
    let judged = rate(|| drop(black_box(validator.validate(black_box(&resource), &Alone))));
    let read = rate(|| drop(black_box(parse(black_box(&text)))));
    let both = rate(|| drop(black_box(validator.validate(&parse(black_box(&text)).unwrap().value, &Alone))));
    println!("{INPATIENT}, {} bytes, one core, median of {ROUNDS} rounds", text.len());
    println!("judged            {judged:10.0} a second");
    println!("parsed            {read:10.0} a second");
    println!("parsed and judged {both:10.0} a second");
}

/// Calls in a second: the median over rounds.
fn rate(mut call: impl FnMut()) -> f64 {
    let mut rates: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let (began, mut calls) = (Instant::now(), 0_u32);
            while began.elapsed() < ROUND {
                (0..50).for_each(|_| call());
                calls += 50;
            }
            f64::from(calls) / began.elapsed().as_secs_f64()
        })
        .collect();
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

fn example() -> Vec<u8> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/")).join(PACKAGE);
    let file =
        File::open(&path).unwrap_or_else(|error| panic!("{}: {error}; put the reference material beside the checkout", path.display()));
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        if entry.path().unwrap() == Path::new(INPATIENT) {
            let mut text = Vec::new();
            entry.read_to_end(&mut text).unwrap();
            return text;
        }
    }
    panic!("{INPATIENT} is not in {}", path.display());
}

fn all_cores() {
    let wanted = std::env::var("PAYERSPEC_BENCH_MEGABYTES").map_or(256, |text| text.parse::<usize>().unwrap()) * 1_000_000;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("record.ndjson");
    let (bytes, lines) = write_record(&path, wanted);
    let began = Instant::now();
    let mut program = Command::new(env!("CARGO_BIN_EXE_payerspec"))
        .args(["validate", "--guide", GUIDE, "--format", "ndjson"])
        .arg(&path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = program.stdout.take().unwrap();
    let reading = thread::spawn(move || {
        let (mut block, mut printed) = (vec![0; 1 << 16], 0);
        loop {
            let count = output.read(&mut block).unwrap();
            if count == 0 {
                return printed;
            }
            printed += block[..count].iter().filter(|byte| **byte == b'\n').count();
        }
    });
    let mut peak = 0;
    let status = loop {
        peak = peak.max(peak_kilobytes(program.id()).unwrap_or_default());
        match program.try_wait().unwrap() {
            Some(status) => break status,
            None => thread::sleep(Duration::from_millis(20)),
        }
    };
    let seconds = began.elapsed().as_secs_f64();
    let printed = reading.join().unwrap();
    assert_eq!(printed, lines, "a result for every line");
    let cores = thread::available_parallelism().map_or(1, usize::from);
    println!(
        "NDJSON of {} MB, {lines} resources, {cores} cores, catalogue loaded in the same time; ended with {status}",
        bytes / 1_000_000
    );
    println!(
        "{:.1} s, {:.1} MB a second, {:.0} resources a second",
        seconds,
        megabytes(bytes) / seconds,
        f64::from(u32::try_from(lines).unwrap()) / seconds
    );
    println!("peak memory {peak} kB");
}

fn megabytes(bytes: usize) -> f64 {
    u32::try_from(bytes / 1000).map_or(f64::INFINITY, f64::from) / 1000.0
}

/// The reference payer's record as NDJSON, over and over; its bytes and lines.
fn write_record(path: &Path, wanted: usize) -> (usize, usize) {
    let world = generate("2.0.0".parse::<CarinVersion>().unwrap(), 50, 1);
    let resources = world.shared.iter().chain(world.members.iter().flat_map(|member| &member.resources));
    let lines: Vec<Vec<u8>> = resources.map(|resource| serde_json::to_vec(resource).unwrap()).collect();
    let mut file = BufWriter::new(File::create(path).unwrap());
    let (mut bytes, mut count) = (0, 0);
    for line in lines.iter().cycle() {
        if bytes >= wanted {
            break;
        }
        file.write_all(line).unwrap();
        file.write_all(b"\n").unwrap();
        bytes += line.len() + 1;
        count += 1;
    }
    file.flush().unwrap();
    (bytes, count)
}

/// The high-water mark of a process's memory, where the system tells it.
fn peak_kilobytes(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok())
}
