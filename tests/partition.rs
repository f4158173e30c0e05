//! A run in parts: merged they are the whole run, and what does not belong together is refused.

#![expect(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

use std::fs;
use std::path::Path;
use std::process::Output;

use command::{payerspec, said};
use serde_json::{Value, json};
use served::Served;

#[path = "common/command.rs"]
mod command;
#[path = "common/served.rs"]
mod served;
#[path = "common/without_times.rs"]
mod without_times;

use without_times::without_times;

/// Cases enough to be telling and few enough to be quick.
const SOME: &str = "{c4bb.{Coverage,Patient}.read*,r4.access.compartment}";

/// What one case is excused by, and entries that excuse nothing in any part.
const BASELINE: &str = r#"
[[known]]
case = "c4bb.ExplanationOfBenefit.search.type"
check = "search.precision"
because = "told to"

[[known]]
case = "c4bb.Coverage.read"
check = "*"
because = "repaired"
"#;

fn merge(out: &Path, parts: &[&Path]) -> Output {
    let mut command = payerspec(&["report", "merge", "--out"]);
    command.arg(out).args(parts).output().unwrap()
}

fn results(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("results.json")).unwrap()).unwrap()
}

#[test]
fn the_parts_of_a_run_make_the_whole() {
    let served = Served::start(&["--fault", "search.ignores-type", "--fault", "auth.other-member-by-read"]);
    let other = serde_json::from_str::<Value>(&served.line).unwrap()["members"][1]["patient"].as_str().unwrap().to_owned();
    fs::write(served.path("baseline.toml"), BASELINE).unwrap();
    let baseline = served.path("baseline.toml");
    let options = ["--baseline", baseline.to_str().unwrap(), "--other-patient", &other];
    let (code, whole) = served.run("whole", &options);
    assert_eq!((code, whole["stale_baseline"].as_array().unwrap().len()), (1, 1));
    let parts = ["1/3", "2/3", "3/3"].map(|part| {
        let folder = part.replace('/', "-of-");
        let (_, results) = served.run(&folder, &[&options[..], &["--partition", part]].concat());
        assert!(results["tally"]["pass"].as_u64().unwrap() > 1000, "{part}");
        assert!(!results["because"].as_str().unwrap().contains("stale"), "one part cannot know what others excuse");
        served.path(&folder)
    });
    let merged = served.path("merged");
    // Neither their order nor how they are named matters.
    let output = merge(&merged, &[&parts[2], &parts[0].join("events.ndjson"), &parts[1]]);
    assert_eq!(output.status.code(), Some(code), "{}", said(&output));
    let (mut whole, mut again) = (without_times(whole), without_times(results(&merged)));
    let seen = |results: &Value, id: &str| results["cases"].as_array().unwrap().iter().find(|case| case["id"] == id).cloned().unwrap();
    let watched = seen(&again, "r4.access.compartment");
    assert_eq!(watched["outcome"], "fail");
    assert!(watched["examined"].as_u64().unwrap() > 1000 && !watched["findings"].as_array().unwrap().is_empty(), "{watched}");
    for name in ["cases", "requirements", "must_support", "cpcds"] {
        let (whole, again) = (whole[name].take(), again[name].take());
        let (whole, again) = (whole.as_array().unwrap(), again.as_array().unwrap());
        assert!(whole.len() > 10 && whole.len() == again.len(), "{name}: {} and {}", whole.len(), again.len());
        for (one, other) in whole.iter().zip(again) {
            assert_eq!(one, other, "{name}");
        }
    }
    assert_eq!(whole, again);
    for file in ["requirements.csv", "cpcds.csv"] {
        assert!(fs::read(served.path("whole").join(file)).unwrap() == fs::read(merged.join(file)).unwrap(), "{file}");
    }
    anew(&served, &merged);
}

/// What was merged is a record as well.
fn anew(served: &Served, merged: &Path) {
    let anew = served.path("anew");
    let rendered = payerspec(&["report", "render", "--out"]).args([&anew, merged]).output().unwrap();
    assert_eq!(rendered.status.code(), Some(0), "{}", said(&rendered));
    let files: Vec<_> = fs::read_dir(merged).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(files.len() >= 7, "{files:?}");
    for file in files {
        let text = fs::read_to_string(merged.join(&file)).unwrap();
        assert!(text == fs::read_to_string(anew.join(&file)).unwrap(), "{file:?}");
        assert!(!text.contains(&served.token), "{file:?} holds the token");
    }
}

#[test]
fn what_makes_no_whole_run_is_refused() {
    let served = Served::start(&[]);
    let part = |name: &str, part: &str, more: &[&str]| {
        served.run(name, &[&["--only", SOME, "--partition", part], more].concat());
        served.path(name)
    };
    let (one, two, three) = (part("one", "1/3", &[]), part("two", "2/3", &[]), part("three", "3/3", &[]));
    served.run("whole", &["--only", SOME]);
    let out = served.path("out");
    let refused = |parts: &[&Path], words: &[&str]| {
        let output = merge(&out, parts);
        let told = said(&output);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(words.iter().all(|word| told.contains(word)), "{words:?} in {told}");
        assert!(!out.exists(), "reports were begun: {told}");
    };
    assert_eq!(merge(&served.path("good"), &[&one, &two, &three]).status.code(), Some(0));
    refused(&[&one, &three], &["of the 3 parts one is not given: 2/3"]);
    refused(&[&two], &["some are not given: 1/3, 3/3"]);
    refused(&[&one, &two, &one.join("events.ndjson"), &three], &["both hold part 1/3"]);
    refused(&[&part("again", "1/3", &[]), &one, &two, &three], &["both hold part 1/3"]);
    refused(&[&served.path("whole")], &["holds a whole run", "report render"]);
    refused(&[&one, &two, &part("half", "1/2", &[])], &["the number of parts: 3 and 2"]);
    refused(
        &[&one, &two, &part("strict", "3/3", &["--strict"])],
        &["one/events.ndjson", "strict/events.ndjson", "--strict: false and true"],
    );
    refused(&[&one, &two, &part("shown", "3/3", &["--show-member-data"])], &["whether member data is shown: masked and shown"]);
    refused(&[&one, &two, &part("guide", "3/3", &["--guide", "hl7.fhir.us.carin-bb#2.1.0"])], &["the guides", "2.0.0", "2.1.0"]);
    refused(&[&one, &two, &part("plan", "3/3", &["--skip", "c4bb.Patient.read"])], &["the plan"]);
    let other = Served::start(&["--seed", "2"]);
    other.run("three", &["--only", SOME, "--partition", "3/3"]);
    refused(&[&one, &two, &other.path("three")], &["the target", &other.base]);
    refused(&[&one, &two, &served.path("absent")], &["cannot read", "absent"]);
    let into = merge(&one, &[&one, &two, &three]);
    assert_eq!(into.status.code(), Some(2));
    assert!(said(&into).contains("is one of the parts"), "{}", said(&into));
    changed(&served, [&one, &two, &three], &refused);
}

/// Records that were tampered with, or are of a server that changed.
fn changed(served: &Served, [one, two, three]: [&Path; 3], refused: &dyn Fn(&[&Path], &[&str])) {
    let with = |name: &str, change: &dyn Fn(&mut Value)| {
        let lines = fs::read_to_string(three.join("events.ndjson")).unwrap();
        let changed = lines.lines().map(|line| {
            let mut line: Value = serde_json::from_str(line).unwrap();
            change(&mut line);
            format!("{line}\n")
        });
        let path = served.path(name);
        fs::write(&path, changed.collect::<String>()).unwrap();
        path
    };
    let harvest = with("harvest", &|line| {
        if line["event"] == "run-finished" {
            line["harvested"][0][1] = json!(99);
        }
    });
    refused(&[one, two, &harvest], &["what was harvested", "99"]);
    let tool = with("tool", &|line| {
        if line["event"] == "run-started" {
            line["tool"]["version"] = json!("9.9.9");
        }
    });
    refused(&[one, two, &tool], &["the program", "payerspec 9.9.9"]);
    let astray = with("astray", &|line| {
        if line["event"] == "case-finished" && line["index"] == 5 {
            line["index"] = json!(6);
        }
    });
    refused(&[one, two, &astray], &["holds case 6, which is not of its part"]);
}
