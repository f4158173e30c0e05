//! The record of a run, `events.ndjson`: complete, so that every report can be made anew from it, and refused where it is not what it should be.

#![expect(clippy::unwrap_used, reason = "a test stops where the unexpected happens")]

#[path = "common/fixed_run.rs"]
mod fixed_run;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use fixed_run::{MEMBER, fixed_run};
use payerspec::report::render::render;
use payerspec::report::{EVENTS_SCHEMA, Options, Reporters, Show, Terminal};
use serde_json::{Value, json};

/// What the fixed run leaves in a folder.
fn recorded(folder: &Path, strict: bool, show_member_data: bool) {
    let options = Options { out: Some(folder.to_owned()), show: Show::All };
    let mut reporters = Reporters::with_terminal(&options, Terminal::new(Box::new(io::sink()), &options)).unwrap();
    fixed_run(strict, show_member_data).tell(&mut |event| reporters.on(event));
    assert_eq!(reporters.finish(), Vec::<String>::new());
}

fn files(folder: &Path) -> BTreeMap<String, String> {
    let entry = |entry: io::Result<fs::DirEntry>| {
        let path = entry.unwrap().path();
        (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(&path).unwrap())
    };
    fs::read_dir(folder).unwrap().map(entry).collect()
}

#[test]
fn every_report_is_made_anew_from_the_record() {
    for (strict, show) in [(false, false), (true, false), (false, true)] {
        let folder = tempfile::tempdir().unwrap();
        let (run, anew) = (folder.path().join("run"), folder.path().join("anew"));
        recorded(&run, strict, show);
        let whole = files(&run);
        assert_eq!(render(&run.join("events.ndjson"), &anew).unwrap(), Vec::<String>::new());
        assert!(files(&anew) == whole, "another folder");
        for name in whole.keys().filter(|name| *name != "events.ndjson") {
            fs::write(run.join(name), "old").unwrap();
        }
        assert_eq!(render(&run, &run).unwrap(), Vec::<String>::new());
        assert!(files(&run) == whole, "the folder of the run itself");
    }
}

#[test]
fn every_line_is_valid_against_the_schema() {
    let schema: Value = serde_json::from_str(EVENTS_SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for show in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        recorded(folder.path(), false, show);
        let text = fs::read_to_string(folder.path().join("events.ndjson")).unwrap();
        for line in text.lines() {
            let mut line: Value = serde_json::from_str(line).unwrap();
            let errors: Vec<String> = validator.iter_errors(&line).map(|error| format!("{} {error}", error.instance_path())).collect();
            assert_eq!(errors, Vec::<String>::new(), "{line}");
            line["more"] = json!(1);
            assert!(!validator.is_valid(&line), "a member that nobody knows was accepted: {line}");
        }
    }
}

#[test]
fn requests_and_answers_are_there_in_full_where_a_person_should_look_and_masked() {
    let folder = tempfile::tempdir().unwrap();
    recorded(folder.path(), false, false);
    let text = fs::read_to_string(folder.path().join("events.ndjson")).unwrap();
    assert!(MEMBER.iter().all(|word| !text.contains(word)));
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let cases: Vec<Value> = lines.filter(|line| line["event"] == "case-finished").map(|line| line["case"].clone()).collect();
    let of = |id: &str| cases.iter().find(|case| case["id"] == id).unwrap();
    let found = &of("c4bb.Patient.search.birthdate")["exchanges"][1];
    let body: Value = serde_json::from_str(found["got"]["body"]["text"].as_str().unwrap()).unwrap();
    assert_eq!(body["entry"][0]["resource"]["gender"], "female");
    assert_eq!(body["entry"][0]["resource"]["identifier"][0], json!({ "system": "http://hl7.org/fhir/sid/us-mbi", "value": "***" }));
    assert_eq!(body["link"][0]["url"], "https://payer.example/fhir/Patient?family=***");
    let posted = &of("c4bb.Patient.search.birthdate")["exchanges"][0]["sent"];
    assert_eq!(posted["form"], json!([["family", "***"], ["_count", "10"]]));
    for id in ["c4bb.Coverage.read", "c4bb.Coverage.search.status"] {
        assert!(of(id)["exchanges"][0].get("got").is_none(), "{id} passed or is known");
    }
}

#[test]
fn the_hash_of_the_evidence_is_that_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    recorded(folder.path(), false, false);
    let files = files(folder.path());
    let digest = ring::digest::digest(&ring::digest::SHA256, files["events.ndjson"].as_bytes());
    let sha256: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let results: Value = serde_json::from_str(&files["results.json"]).unwrap();
    assert_eq!(results["evidence"], json!({ "file": "events.ndjson", "sha256": sha256 }));
    assert!(files["report.html"].contains(&sha256));
}

/// What is said of a record whose lines were changed.
fn said(change: impl FnOnce(&mut Vec<String>)) -> String {
    let folder = tempfile::tempdir().unwrap();
    let (run, anew) = (folder.path().join("run"), folder.path().join("anew"));
    recorded(&run, false, false);
    let path = run.join("events.ndjson");
    let mut lines: Vec<String> = fs::read_to_string(&path).unwrap().split_inclusive('\n').map(str::to_owned).collect();
    change(&mut lines);
    fs::write(&path, lines.concat()).unwrap();
    let error = render(&path, &anew).unwrap_err().to_string();
    assert!(!anew.exists(), "reports were begun before the record was known to be whole");
    assert!(error.starts_with(&path.display().to_string()), "{error}");
    error.replace(&path.display().to_string(), "FILE")
}

#[test]
fn what_is_no_whole_record_is_refused_with_its_line() {
    let last = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/sample/events.ndjson")).unwrap().lines().count();
    let case = |lines: &[String]| lines.iter().position(|line| line.contains("\"case-finished\"")).unwrap();
    let cut = said(|lines| lines.last_mut().unwrap().truncate(40));
    assert!(cut.starts_with(&format!("FILE, line {last}: is cut off")) && cut.contains("--resume"), "{cut}");
    let killed = said(|lines| drop(lines.pop()));
    assert!(killed.starts_with(&format!("FILE, line {}: is the last", last - 1)) && killed.contains("--resume"), "{killed}");
    let foreign = said(|lines| *lines = vec!["{\"resourceType\": \"Patient\"}\n".to_owned()]);
    assert!(foreign.starts_with("FILE, line 1: is no record of payerspec"), "{foreign}");
    let text = said(|lines| *lines = vec!["id,verb\n".to_owned()]);
    assert!(text.starts_with("FILE, line 1: is no record of payerspec: it is no JSON object"), "{text}");
    assert_eq!(said(Vec::clear), "FILE, line 1: is empty");
    let other = said(|lines| lines[0] = lines[0].replace("payerspec-events-1", "payerspec-events-9"));
    assert!(other.starts_with("FILE, line 1: has the form \"payerspec-events-9\", made by payerspec"), "{other}");
    let headless = said(|lines| drop(lines.remove(0)));
    assert!(headless.starts_with("FILE, line 1: is not how a record begins"), "{headless}");
    let twice = said(|lines| lines.insert(case(lines), lines[case(lines)].clone()));
    assert!(twice.contains("a second time"), "{twice}");
    let fewer = said(|lines| drop(lines.remove(case(lines))));
    assert!(fewer.ends_with("ends the run after 10 of its 11 cases"), "{fewer}");
    let early = said(|lines| {
        let begins = case(lines) - 1;
        lines.swap(2, begins);
    });
    assert!(early.starts_with("FILE, line 3: comes before the start of the run"), "{early}");
    let far = said(|lines| {
        let place = case(lines);
        lines[place] = lines[place].replacen("\"index\":", "\"index\":4000000", 1);
    });
    assert!(far.contains("of a plan of 11 cases"), "{far}");
    let wrong = said(|lines| {
        let place = case(lines);
        lines[place] = lines[place].replacen("\"outcome\":\"", "\"outcome\":\"un", 1);
    });
    assert!(wrong.contains("is not what its event asks for") && wrong.contains("column"), "{wrong}");
    let unknown = said(|lines| lines[1] = lines[1].replace("stage-started", "stage-fright"));
    assert!(unknown.starts_with("FILE, line 2: has the event \"stage-fright\""), "{unknown}");
    let after = said(|lines| lines.push(lines[1].clone()));
    assert!(after.ends_with("comes after the end of the run"), "{after}");
    let two = said(|lines| lines.extend(lines.clone()));
    assert!(two.starts_with(&format!("FILE, line {}: comes after the end", last + 1)), "{two}");
}

#[test]
fn a_line_that_is_too_long_is_refused_before_it_is_read_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.ndjson");
    recorded(folder.path(), false, false);
    let first = fs::read_to_string(&path).unwrap().lines().next().unwrap().to_owned();
    let mut file = fs::File::create(&path).unwrap();
    writeln!(file, "{first}").unwrap();
    // Holes take no room on the disk.
    file.set_len(80 << 20).unwrap();
    let error = render(&path, &folder.path().join("anew")).unwrap_err().to_string();
    assert!(error.contains("line 2: is longer than 64 MB"), "{error}");
}

#[test]
fn a_record_that_is_not_there_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let error = render(folder.path(), &folder.path().join("anew")).unwrap_err().to_string();
    assert!(error.starts_with("cannot read ") && error.contains("events.ndjson"), "{error}");
}
