//! A run that was broken off goes on where it ended, and its reports are those of a whole run.

#![expect(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use command::{payerspec, said};
use serde_json::{Value, json};
use served::Served;
use without_times::without_times;

#[path = "common/command.rs"]
mod command;
#[path = "common/served.rs"]
mod served;
#[path = "common/without_times.rs"]
mod without_times;

/// Cases enough to be telling and few enough to be quick.
const SOME: &str = "{c4bb.{Coverage,Patient}.read*,r4.access.compartment}";
/// Cases that are waited for before a run is broken off.
const ENOUGH: usize = 300;

fn results(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("results.json")).unwrap()).unwrap()
}

fn record(folder: &Path) -> PathBuf {
    folder.join("events.ndjson")
}

/// The cases of a record that have their answer, by id; a line that is cut off is left out.
fn done(folder: &Path) -> BTreeMap<String, Value> {
    let text = fs::read_to_string(record(folder)).unwrap_or_default();
    let whole = &text[..text.rfind('\n').map_or(0, |end| end + 1)];
    let lines = whole.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let cases = lines.filter(|line| line["event"] == "case-finished" && line["case"].get("ran").is_none());
    cases.map(|line| (line["case"]["id"].as_str().unwrap().to_owned(), line["case"].clone())).collect()
}

/// Lets a run that was taken up so many times come to some cases that have their answer.
fn come_to(child: &mut Child, folder: &Path, times: usize, cases: usize) {
    for _ in 0..6000 {
        let text = fs::read_to_string(record(folder)).unwrap_or_default();
        let start = text.lines().find(|line| line.contains("\"run-started\"")).and_then(|line| serde_json::from_str::<Value>(line).ok());
        let resumed = start.map(|start| start["facts"]["resumed"].as_array().map_or(0, Vec::len));
        if resumed == Some(times) && done(folder).len() >= cases {
            return;
        }
        assert!(child.try_wait().unwrap().is_none(), "the run ended before it could be broken off");
        sleep(Duration::from_millis(10));
    }
    unreachable!("the run came to nothing within a minute");
}

fn quiet(mut command: Command) -> Child {
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Changes the record as text.
fn changed(folder: &Path, change: impl FnOnce(String) -> String) {
    let path = record(folder);
    let text = change(fs::read_to_string(&path).unwrap());
    fs::write(path, text).unwrap();
}

fn interrupt(child: &Child) {
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
}

#[test]
fn a_run_that_was_killed_ends_as_a_whole_one() {
    let served = Served::start(&["--fault", "search.ignores-type", "--fault", "auth.other-member-by-read"]);
    let other = serde_json::from_str::<Value>(&served.line).unwrap()["members"][1]["patient"].as_str().unwrap().to_owned();
    let baseline = served.path("baseline.toml");
    fs::write(
        &baseline,
        "[[known]]\ncase = \"c4bb.ExplanationOfBenefit.search.type\"\ncheck = \"search.precision\"\nbecause = \"told to\"\n",
    )
    .unwrap();
    let options = ["--other-patient", &other, "--baseline", baseline.to_str().unwrap()];
    let (code, whole) = served.run("whole", &options);
    let out = served.path("out");
    let mut command = served.command("run", &options);
    command.arg("--out").arg(&out);
    let mut killed = quiet(command);
    come_to(&mut killed, &out, 0, ENOUGH);
    killed.kill().unwrap();
    killed.wait().unwrap();
    // As if it had been killed in the middle of a line, and a connection had broken before.
    let (torn, kept) = (done(&out).into_keys().next().unwrap(), done(&out));
    changed(&out, |text| {
        let line = text
            .lines()
            .find(|line| line.contains("\"case-finished\"") && line.contains(&format!("\"id\":\"{torn}\"")))
            .unwrap()
            .to_owned();
        let mut broken: Value = serde_json::from_str(&line).unwrap();
        broken["case"]["outcome"] = json!("error");
        format!("{}{{\"event\":\"case-fin", text.replace(&line, &broken.to_string()))
    });
    assert!(!out.join("results.json").exists() && kept.len() >= ENOUGH && kept.len() < whole["cases"].as_array().unwrap().len() - 100);
    let (again, resumed) = served.run("out", &[&options[..], &["--resume"]].concat());
    assert_eq!(again, code);
    let now = done(&out);
    let same = kept.iter().filter(|(id, case)| case["exchanges"] == now[*id]["exchanges"]).count();
    // What showed another member's data is asked again, and so are the cases without a request of their own.
    assert!(same >= kept.len() - 20, "{same} of {} cases were taken over", kept.len());
    let started = |case: &Value| case["exchanges"][0]["started"].clone();
    let is_new = |id: &str| started(&kept[id]) != started(&now[id]);
    assert!(kept[&torn]["exchanges"].as_array().unwrap().is_empty() || is_new(&torn), "what was in error was not run again");
    assert!(resumed["requests"].as_u64() < whole["requests"].as_u64(), "everything was asked again");
    let carried_over = resumed["resumed"][0]["carried_over"].as_u64().unwrap();
    assert!(carried_over as usize <= kept.len() && carried_over as usize >= kept.len() - 20, "{carried_over} of {}", kept.len());
    let told = format!("({carried_over} of {} cases were carried over)", whole["cases"].as_array().unwrap().len());
    assert!(fs::read_to_string(out.join("report.html")).unwrap().contains(&told));
    assert!(fs::read_to_string(out.join("summary.md")).unwrap().contains("The run was broken off and resumed"));
    let (mut whole, mut resumed) = (without_times(whole), without_times(resumed));
    for name in ["cases", "requirements", "must_support", "cpcds"] {
        let (whole, resumed) = (whole[name].take(), resumed[name].take());
        assert_eq!(whole.as_array().unwrap().len(), resumed.as_array().unwrap().len(), "{name}");
        for (one, other) in whole.as_array().unwrap().iter().zip(resumed.as_array().unwrap()) {
            assert_eq!(one, other, "{name}");
        }
    }
    assert_eq!(whole, resumed);
    let names = |folder: &Path| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect::<BTreeSet<_>>();
    assert_eq!(names(&out), names(&served.path("whole")), "something is left over");
    for name in names(&out) {
        assert!(!fs::read_to_string(out.join(&name)).unwrap().contains(&served.token), "{name:?} holds the token");
    }
    let anew = payerspec(&["report", "render", "--out"]).args([&served.path("anew"), &out]).output().unwrap();
    assert_eq!(anew.status.code(), Some(0), "{}", said(&anew));
    for name in names(&out) {
        assert!(fs::read(out.join(&name)).unwrap() == fs::read(served.path("anew").join(&name)).unwrap(), "{name:?} is rendered otherwise");
    }
}

#[cfg(unix)]
#[test]
fn a_run_that_was_interrupted_goes_on_as_often_as_it_takes() {
    let served = Served::start(&[]);
    let (code, whole) = served.run("whole", &[]);
    let out = served.path("out");
    let mut so_far = 0;
    for (times, more) in [&[][..], &["--resume"], &["--resume"]].into_iter().enumerate() {
        let mut command = served.command("run", more);
        command.arg("--out").arg(&out);
        let mut child = quiet(command);
        come_to(&mut child, &out, times, so_far + ENOUGH);
        interrupt(&child);
        assert_eq!(child.wait().unwrap().code(), Some(3), "the run ended before every case had run");
        let results = results(&out);
        assert_eq!(results["stop"], "interrupted");
        assert_eq!(results["cases"].as_array().unwrap().len(), whole["cases"].as_array().unwrap().len());
        let done = done(&out).len();
        assert!(done > so_far, "{done} cases after {so_far}");
        so_far = done;
    }
    let (again, resumed) = served.run("out", &["--resume"]);
    assert_eq!(again, code);
    assert!(without_times(resumed) == without_times(whole));
    // Of a run that has ended nothing is left to do but what was in error.
    let (again, resumed) = served.run("out", &["--resume"]);
    assert_eq!((again, resumed["verdict"].as_str()), (code, Some("conformant")));
}

#[test]
fn what_is_no_part_of_the_run_is_refused_and_nothing_is_lost() {
    let served = Served::start(&[]);
    let config = served.path("payerspec.toml");
    let facts = |number: &str| fs::write(&config, format!("[[facts.member]]\nmember-ids = ['{number}']\n")).unwrap();
    facts("W1234567801");
    let only = ["--only", SOME, "--config", config.to_str().unwrap()];
    served.run("out", &only);
    let out = served.path("out");
    let before = fs::read(record(&out)).unwrap();
    let resume = |served: &Served, out: &Path, more: &[&str]| -> Output {
        let mut command = served.command("run", &[&only[..], &["--resume"], more].concat());
        command.arg("--out").arg(out).output().unwrap()
    };
    let refused = |output: Output, words: &[&str]| {
        let told = said(&output);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(words.iter().all(|word| told.contains(word)), "{words:?} in {told}");
        assert!(fs::read(record(&out)).unwrap() == before, "the record was touched: {told}");
        assert!(out.join("results.json").exists(), "a report was lost: {told}");
    };
    refused(resume(&served, &served.path("none"), &[]), &["holds no events.ndjson", "leave --resume out"]);
    assert!(!served.path("none").exists());
    refused(resume(&Served::start(&[]), &out, &[]), &["it differs in the target", &served.base]);
    refused(resume(&served, &out, &["--guide", "hl7.fhir.us.carin-bb#2.1.0"]), &["the guides", "2.0.0 there", "2.1.0 here"]);
    refused(resume(&served, &out, &["--show-member-data"]), &["whether member data is shown: masked there, shown here"]);
    refused(resume(&served, &out, &["--other-patient", "nobody"]), &["the members"]);
    facts("W1234567802");
    refused(resume(&served, &out, &[]), &["what [facts] says"]);
    facts("W1234567801");
    assert!(!String::from_utf8_lossy(&before).contains("W12345678"));
    refused(resume(&served, &out, &["--skip", "c4bb.Patient.read"]), &["is of another plan", "--skip"]);
    refused(resume(&served, &out, &["--partition", "1/2"]), &["is of another plan", "--partition"]);
    refused(payerspec(&["run", "--target", &served.base, "--resume"]).output().unwrap(), &["--out"]);
    let names = |folder: &Path| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect::<BTreeSet<_>>();
    assert_eq!(names(&out).len(), 9, "{:?}", names(&out));
    let away = Served::start(&[]);
    away.run("away", &["--only", SOME]);
    let kept = fs::read(record(&away.path("away"))).unwrap();
    let mut command = away.command("run", &["--only", SOME, "--resume", "--timeout", "2"]);
    command.arg("--out").arg(away.path("away"));
    let folder = away.path("away");
    let mut away = away;
    away.child.kill().unwrap();
    away.child.wait().unwrap();
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    assert!(said(&output).contains("is as it was"), "{}", said(&output));
    assert!(fs::read(record(&folder)).unwrap() == kept, "a server that is away costs the record");
}

/// No file may become longer than some: as on a disk that is full.
#[cfg(unix)]
#[test]
fn a_disk_that_is_full_costs_nothing_of_what_was_measured() {
    let served = Served::start(&[]);
    served.run("out", &["--only", SOME]);
    let out = served.path("out");
    // Of a run that was killed there is no end.
    changed(&out, |text| text[..text.find("{\"event\":\"run-finished\"").unwrap()].to_owned());
    fs::remove_file(out.join("results.json")).unwrap();
    let before = fs::read(record(&out)).unwrap();
    let resume = |blocks: &str| {
        let command = served.command("run", &["--only", SOME, "--resume"]);
        let limit = ["-c", "trap '' XFSZ; ulimit -f \"$0\"; exec \"$@\"", blocks];
        let mut limited = Command::new("sh");
        limited.args(limit).arg(command.get_program()).args(command.get_args()).arg("--out").arg(&out);
        limited.env_remove("PAYERSPEC_TOKEN").env("NO_COLOR", "1").output().unwrap()
    };
    let full = resume("8");
    assert_eq!(full.status.code(), Some(4), "{}", said(&full));
    assert!(said(&full).contains("events.ndjson could not be written"), "{}", said(&full));
    assert!(fs::read(record(&out)).unwrap() == before, "the record was touched");
    for name in ["events.ndjson.resumed", "results.json", "junit.xml", "report.html"] {
        assert!(!out.join(name).exists(), "{name} is there, and not of this run");
    }
    let enough = resume("unlimited");
    assert_eq!(enough.status.code(), Some(0), "{}", said(&enough));
    let results = results(&out);
    assert_eq!(results["resumed"].as_array().unwrap().len(), 1);
    assert_eq!(results["stop"], "completed");
}

/// Who names no member is told by the server whose record it is.
#[test]
fn a_token_for_another_member_does_not_go_on_with_the_first() {
    let served = Served::start(&["--auth", "bearer"]);
    let ready: Value = serde_json::from_str(&served.line).unwrap();
    let out = served.path("out");
    let run = |member: usize, more: &[&str]| {
        let token = served.path("one");
        fs::write(&token, ready["members"][member]["token"].as_str().unwrap()).unwrap();
        let mut command = payerspec(&[&["run", "--target", &served.base, "--only", SOME], more].concat());
        command.arg("--token-file").arg(&token).arg("--out").arg(&out).output().unwrap()
    };
    assert_eq!(run(0, &[]).status.code(), Some(0));
    let before = fs::read(record(&out)).unwrap();
    let refused = run(1, &["--resume"]);
    let told = said(&refused);
    assert_eq!(refused.status.code(), Some(2), "{told}");
    assert!(told.contains("the member whose record the credentials show: ~") && told.contains("leave --resume out"), "{told}");
    assert!(fs::read(record(&out)).unwrap() == before && out.join("results.json").exists(), "the first member's record was touched");
    assert!(!out.join("events.ndjson.resumed").exists());
    assert_eq!(run(0, &["--resume"]).status.code(), Some(0));
}

#[test]
fn a_record_that_is_damaged_is_refused_with_its_line() {
    let served = Served::start(&[]);
    served.run("out", &["--only", SOME]);
    let out = served.path("out");
    let whole = fs::read_to_string(record(&out)).unwrap();
    let refused = |text: &str, words: &str| {
        fs::write(record(&out), text).unwrap();
        let output = served.command("run", &["--only", SOME, "--resume"]).arg("--out").arg(&out).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(said(&output).contains(words), "{words} in {}", said(&output));
        assert!(fs::read_to_string(record(&out)).unwrap() == text);
    };
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    refused(&whole.replacen("\"outcome\":\"pass\"", "\"outcome\":\"fail\"", 1), "results.json was made from it");
    // Of a run that was killed there are no results.
    fs::remove_file(out.join("results.json")).unwrap();
    refused(&lines.concat().replacen("\"case-finished\"", "\"case-vanished\"", 1), "which is not known");
    refused("id,verb\n", "line 1: is no record of payerspec");
    refused(lines[0], "ends before the run knew its cases");
    let mut twice = lines.clone();
    let case = lines.iter().position(|line| line.contains("\"case-finished\"")).unwrap();
    twice.insert(case, lines[case]);
    refused(&twice.concat(), "a second time");
    refused(&whole.replace("payerspec-events-1", "payerspec-events-9"), "payerspec-events-9");
    refused(&whole.replacen(&format!("\"version\":\"{}\"", env!("CARGO_PKG_VERSION")), "\"version\":\"9.9.9\"", 2), "the program");
    refused(&whole.replace("\"id\":\"c4bb.Coverage.read\"", "\"id\":\"c4bb.Coverage.dear\""), "the case c4bb.Coverage.dear is not where");
    refused(&whole.replacen("[\"Coverage\",", "[\"Coverage\",7", 1), "what the member's record holds: ");
    fs::File::create(record(&out)).unwrap().write_all(whole.as_bytes()).unwrap();
    assert_eq!(served.run("out", &["--only", SOME, "--resume"]).0, 0, "the record itself is a good one");
}

#[test]
fn a_demo_goes_on_with_the_same_payer() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let demo = |more: &[&str]| {
        let mut command = payerspec(&[&["demo", "--fault", "read.wrong-id", "--skip", "*.search.*"], more].concat());
        command.arg("--out").arg(&out);
        command
    };
    let mut killed = quiet(demo(&[]));
    come_to(&mut killed, &out, 0, 100);
    killed.kill().unwrap();
    killed.wait().unwrap();
    let kept = done(&out).len();
    let other = demo(&["--resume", "--seed", "2"]).output().unwrap();
    assert_eq!(other.status.code(), Some(2), "{}", said(&other));
    assert!(said(&other).contains("the reference payer: 3 members, seed 1"), "{}", said(&other));
    let output = demo(&["--resume"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let results = results(&out);
    assert!(results["stop"] == "completed" && results["cases"].as_array().unwrap().len() > kept, "{}", results["stop"]);
    assert!(results["cases"].as_array().unwrap().iter().all(|case| case["ran"] == true));
}
