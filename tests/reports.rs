//! Every report of one fixed run: its form, what it must not show, and its sample under `reports/sample`.

#![expect(clippy::unwrap_used, reason = "a test stops where the unexpected happens")]

#[path = "common/fixed_run.rs"]
mod fixed_run;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fixed_run::{FixedRun, MEMBER, fixed_run};
use payerspec::check::About;
use payerspec::guide::{Catalogue, Sources};
use payerspec::report::{Options, Reporters, SCHEMA, Show, Terminal, clean};
use payerspec::validate::{Neighbours, Options as ValidateOptions, Severity, Validator};
use serde_json::{Value, json};

const FILES: [&str; 9] = [
    "cpcds.csv",
    "events.ndjson",
    "evidence.har",
    "junit.xml",
    "report.html",
    "requirements.csv",
    "results.json",
    "summary.md",
    "testreport.json",
];

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Reporters whose terminal is not the test's.
fn quiet(options: &Options) -> Reporters {
    Reporters::with_terminal(options, Terminal::new(Box::new(io::sink()), options)).unwrap()
}

/// The files that the fixed run leaves.
fn reports(strict: bool, show_member_data: bool) -> BTreeMap<String, String> {
    written(&fixed_run(strict, show_member_data))
}

/// The files that a run leaves.
fn written(run: &FixedRun) -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { out: Some(folder.path().join("deep/out")), show: Show::All };
    let mut reporters = quiet(&options);
    run.tell(&mut |event| reporters.on(event));
    assert_eq!(reporters.finish(), Vec::<String>::new());
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder.path().join("deep/out")).unwrap() {
        let path = entry.unwrap().path();
        files.insert(path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(&path).unwrap());
    }
    assert_eq!(files.keys().collect::<Vec<_>>(), FILES);
    files
}

/// Somewhere to print to.
#[derive(Clone, Default)]
struct Page(Rc<RefCell<Vec<u8>>>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn terminal(show: Show, strict: bool, show_member_data: bool) -> String {
    let page = Page::default();
    let options = Options { out: None, show };
    let inner: Box<dyn Write> = Box::new(page.clone());
    let terminal = Terminal::new(Box::new(anstream::StripStream::new(inner)), &options);
    let mut reporters = Reporters::with_terminal(&options, terminal).unwrap();
    fixed_run(strict, show_member_data).tell(&mut |event| reporters.on(event));
    assert_eq!(reporters.finish(), Vec::<String>::new());
    let bytes = page.0.borrow().clone();
    String::from_utf8(bytes).unwrap()
}

/// What an XML Schema validator says of a document.
fn judge_xml(schema: &str, document: &str) -> Vec<String> {
    let schema = uppsala::parse(schema).unwrap();
    let validator = uppsala::XsdValidator::from_schema(&schema).unwrap();
    match uppsala::parse(document) {
        Ok(document) => validator.validate(&document).iter().map(ToString::to_string).collect(),
        Err(error) => vec![error.to_string()],
    }
}

#[test]
fn junit_is_valid_against_its_schema() {
    let schema = fs::read_to_string(repository("reports/junit.xsd")).unwrap();
    for (strict, show) in [(false, false), (true, false), (false, true)] {
        let junit = &reports(strict, show)["junit.xml"];
        assert_eq!(judge_xml(&schema, junit), Vec::<String>::new(), "{junit}");
    }
}

/// A validator that accepts everything would prove nothing.
#[test]
fn the_schema_validator_rejects_what_is_broken() {
    let schema = fs::read_to_string(repository("reports/junit.xsd")).unwrap();
    let junit = reports(false, false)["junit.xml"].clone();
    for (from, to) in [
        ("<testsuites>", "<testsuites id=\"1\">"),
        ("tests=\"1\"", "tests=\"one\""),
        ("tests=\"1\"", "total=\"1\""),
        ("time=\"0.038\"", "time=\"0.0382\""),
        ("time=\"0.038\"", "time=\"3e-2\""),
        ("timestamp=\"2026-01-02T03:04:05Z\"", "timestamp=\"2026-01-02\""),
        ("<failure ", "<broken "),
        ("<error type=\"inconclusive\"", "<error "),
        ("<skipped ", "<skipped extra=\"1\" "),
        ("classname=\"r4\"", ""),
        ("]]></system-out></testcase>", "]]></system-out><failure type=\"a\" message=\"b\"/></testcase>"),
        ("]]></system-out></testcase>", "]]></system-out>"),
    ] {
        assert!(junit.contains(from), "{from} is not in {junit}");
        assert!(!judge_xml(&schema, &junit.replacen(from, to, 1)).is_empty(), "{to} was accepted");
    }
}

#[test]
fn every_outcome_has_its_place_in_junit() {
    let marks = |junit: &str| {
        let document = uppsala::parse(junit).unwrap();
        let cases = document.get_elements_by_tag_name("testcase");
        let mut marks = BTreeMap::new();
        for case in cases {
            let element = document.element(case).unwrap();
            let name = format!("{}.{}", element.get_attribute("classname").unwrap(), element.get_attribute("name").unwrap());
            let mark = document.children(case).into_iter().find_map(|child| {
                let child = document.element(child)?;
                (child.name.local_name != "system-out")
                    .then(|| format!("{} {}", child.name.local_name, child.get_attribute("type").unwrap_or_default()))
            });
            marks.insert(name, mark.unwrap_or_default());
        }
        marks
    };
    let lax = marks(&reports(false, false)["junit.xml"]);
    for (case, mark) in [
        ("c4bb.Coverage.read", ""),
        ("c4bb.Coverage.include.payor", "failure search.include"),
        ("c4bb.Coverage.search.status", "skipped known"),
        ("c4bb.ExplanationOfBenefit.etag", ""),
        ("c4bb.ExplanationOfBenefit.search.service-date.ge", "error inconclusive"),
        ("server.Basic.search.code", "skipped inconclusive"),
        ("server.Coverage.create", "skipped not-applicable"),
        ("c4bb.Practitioner.read", "error transport"),
        ("r4.metadata", ""),
    ] {
        assert_eq!(lax.get(case).map(String::as_str), Some(mark), "{case}");
    }
    assert_eq!(marks(&reports(true, false)["junit.xml"])["c4bb.ExplanationOfBenefit.etag"], "failure http.etag");
    let junit = &reports(false, false)["junit.xml"];
    assert!(junit.contains("level: SHALL") && junit.contains("requirements: carin-bb-2.0.0@108 carin-bb-2.0.0@96"));
    let place = |name: &str| junit.find(&format!("name=\"{name}\"")).unwrap();
    assert!(place("read") < place("include.payor") && place("include.payor") < place("search.status"), "the plan's order is lost");
}

#[test]
fn the_archive_is_one_and_holds_the_exchanges_of_what_a_person_should_look_at() {
    let schema: Value = serde_json::from_str(include_str!("../reports/har.schema.json")).unwrap();
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    let read = |show| -> Value { serde_json::from_str(&reports(false, show)["evidence.har"]).unwrap() };
    let archive = read(false);
    for archive in [&archive, &read(true)] {
        let errors: Vec<String> = validator.iter_errors(archive).map(|error| format!("{} {error}", error.instance_path())).collect();
        assert_eq!(errors, Vec::<String>::new());
    }
    let results: Value = serde_json::from_str(&reports(false, false)["results.json"]).unwrap();
    let expected = results["cases"].as_array().unwrap().iter().filter(|case| {
        let (outcome, required) = (case["outcome"].as_str().unwrap(), case["level"] == "SHALL");
        case["known"].is_null() && (["fail", "warn", "error"].contains(&outcome) || (outcome == "inconclusive" && required))
    });
    let urls = |exchange: &Value| exchange["url"].as_str().unwrap().to_owned();
    let expected: Vec<String> = expected.flat_map(|case| case["exchanges"].as_array().unwrap().iter().map(urls)).collect();
    let entries = archive["log"]["entries"].as_array().unwrap();
    assert_eq!(entries.iter().map(|entry| urls(&entry["request"])).collect::<Vec<_>>(), expected);
    assert!(entries.iter().any(|entry| entry["response"]["status"] == 200) && entries.iter().any(|entry| entry["response"]["status"] == 0));
    for wrong in [Value::Null, "Patient/1".into(), "https://payer.example/a b".into()] {
        let mut broken = archive.clone();
        broken["log"]["entries"][0]["request"]["url"] = wrong;
        assert!(!validator.is_valid(&broken), "the schema accepts anything");
    }
}

#[test]
fn an_entry_of_the_archive_tells_the_form_the_credentials_and_why_there_is_no_answer() {
    let read = |show| -> Value { serde_json::from_str(&reports(false, show)["evidence.har"]).unwrap() };
    let of = |archive: &Value, id: &str| -> Vec<Value> {
        let is_of = |entry: &&Value| entry["comment"].as_str().unwrap().starts_with(&format!("{id}: "));
        archive["log"]["entries"].as_array().unwrap().iter().filter(is_of).cloned().collect()
    };
    let masked = read(false);
    let searched = of(&masked, "c4bb.Patient.search.birthdate");
    let kind = "application/x-www-form-urlencoded";
    assert_eq!(searched[0]["request"]["postData"], json!({"mimeType": kind, "text": "family=***&_count=10"}));
    let (form, token) =
        (json!({"name": "content-type", "value": kind}), json!({"name": "authorization", "value": "***", "comment": "as member"}));
    let has = |entry: &Value, header: &Value| entry["request"]["headers"].as_array().unwrap().contains(header);
    assert!(has(&searched[0], &form) && !has(&searched[1], &form), "{searched:?}");
    assert!(has(&searched[1], &token), "{searched:?}");
    let without_token = masked["log"]["entries"].as_array().unwrap().iter().find(|entry| !has(entry, &token));
    assert!(without_token.is_some(), "who shows no token is said to show one");
    let failed = &of(&masked, "c4bb.Practitioner.read")[0]["response"];
    assert_eq!((&failed["status"], &failed["_error"]), (&json!(0), &json!("no complete response within 30 s")));
    let shown = read(true);
    let odd = shown["log"]["entries"].as_array().unwrap().iter().find(|entry| entry["response"]["status"] == 500).unwrap();
    assert!(odd["request"]["url"].as_str().unwrap().contains("%3Cscript%3E"), "{odd}");
}

#[test]
fn the_test_report_is_a_valid_resource_with_a_test_for_each_case() {
    let guide = "hl7.fhir.r4.core#4.0.1".parse().unwrap();
    let catalogue = Arc::new(Catalogue::load(std::slice::from_ref(&guide), &Sources::default()).unwrap());
    let validator = Validator::new(catalogue, ValidateOptions::default());
    let errors = |report: &Value| -> Vec<String> {
        let findings = validator.validate(&report.clone().into(), &Neighbours::default()).findings;
        findings.iter().filter(|finding| finding.severity == Severity::Error).map(|finding| format!("{finding:?}")).collect()
    };
    let report: Value = serde_json::from_str(&reports(false, false)["testreport.json"]).unwrap();
    assert_eq!(errors(&report), Vec::<String>::new());
    assert_eq!((&report["result"], &report["status"]), (&"fail".into(), &"completed".into()));
    let run = fixed_run(false, false);
    let names: Vec<_> = report["test"].as_array().unwrap().iter().map(|test| test["name"].as_str().unwrap()).collect();
    assert_eq!(names, run.plan.cases.iter().map(|case| clean(&case.id())).collect::<Vec<_>>());
    for result in ["pass", "fail", "warning", "skip", "error"] {
        assert!(report["test"].as_array().unwrap().iter().any(|test| test["action"][0]["assert"]["result"] == result), "{result}");
    }
    let mut broken = report.clone();
    broken["test"][0]["action"][0]["assert"]["result"] = "passed".into();
    assert!(!errors(&broken).is_empty());
}

#[test]
fn results_are_valid_against_their_schema_and_complete() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for show in [false, true] {
        let results: Value = serde_json::from_str(&reports(false, show)["results.json"]).unwrap();
        let errors: Vec<String> = validator.iter_errors(&results).map(|error| format!("{} {error}", error.instance_path())).collect();
        assert_eq!(errors, Vec::<String>::new());
        let run = fixed_run(false, show);
        let ids: Vec<_> = results["cases"].as_array().unwrap().iter().map(|case| case["id"].as_str().unwrap()).collect();
        assert_eq!(ids, run.plan.cases.iter().map(|case| case.id()).collect::<Vec<_>>());
        for outcome in ["pass", "fail", "warn", "inconclusive", "not-applicable", "error"] {
            let count = results["cases"].as_array().unwrap().iter().filter(|case| case["outcome"] == outcome).count();
            assert!(count > 0 && results["tally"][outcome.replace('-', "_")] == count, "{outcome}");
        }
    }
    let mut broken: Value = serde_json::from_str(&reports(false, false)["results.json"]).unwrap();
    broken["cases"][0]["outcome"] = "passed".into();
    assert!(!validator.is_valid(&broken));
}

#[test]
fn requirements_are_summed_up() {
    let results: Value = serde_json::from_str(&reports(false, false)["results.json"]).unwrap();
    let status: BTreeMap<_, _> = results["requirements"]
        .as_array()
        .unwrap()
        .iter()
        .map(|requirement| (requirement["id"].as_str().unwrap(), requirement["status"].as_str().unwrap()))
        .collect();
    assert_eq!(status["carin-bb-2.0.0@96"], "violated", "one case passed and one failed");
    assert_eq!(status["carin-bb-2.0.0@100"], "not-exercised");
    assert_eq!(status["fhir-r4@1"], "verified");
    assert_eq!(status["carin-bb-2.0.0@2"], "needs-payer-facts");
    assert_eq!(status["carin-bb-2.0.0@3"], "excluded");
    assert_eq!(status["carin-bb-2.0.0@51"], "attested");
    assert_eq!(status["carin-bb-2.0.0@57"], "needs-statement");
    assert_eq!(status["carin-bb-2.0.0@99"], "not-exercised", "no case of this run asks for it");
    let csv = &reports(false, false)["requirements.csv"];
    assert_eq!(csv.lines().count(), 1 + status.len());
    assert!(csv.contains("\"attested\",\"Stated by =A. Officer on 2026-01-01: The API meets HIPAA.\""), "{csv}");
}

#[test]
fn what_neither_guide_nor_server_claims_answers_no_requirement() {
    let mut run = fixed_run(false, false);
    for case in &mut run.plan.cases {
        case.about = Arc::new(About { observed: true, ..(*case.about).clone() });
    }
    let results: Value = serde_json::from_str(&written(&run)["results.json"]).unwrap();
    let answered =
        results["requirements"].as_array().unwrap().iter().filter(|row| row["status"] == "violated" || row["status"] == "verified");
    assert_eq!(answered.count(), 0, "{}", results["requirements"]);
}

#[test]
fn events_are_one_json_document_a_line_and_there_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { out: Some(folder.path().to_owned()), show: Show::Fail };
    let mut reporters = quiet(&options);
    let mut finished = 0;
    fixed_run(false, false).tell(&mut |event| {
        reporters.on(event);
        finished += usize::from(matches!(event, payerspec::run::event::Event::CaseFinished { .. }));
        let lines: Vec<Value> = fs::read_to_string(folder.path().join("events.ndjson"))
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.iter().filter(|line| line["event"] == "case-finished").count(), finished);
    });
    assert_eq!(finished, fixed_run(false, false).plan.cases.len());
}

#[test]
fn member_data_is_shown_only_when_asked_for() {
    let mut masked = reports(false, false);
    masked.insert("terminal".to_owned(), terminal(Show::All, false, false));
    for (name, text) in &masked {
        for word in MEMBER {
            assert!(!text.contains(word), "{name} shows {word}: {}", text.lines().find(|line| line.contains(word)).unwrap());
        }
    }
    let shown = reports(false, true);
    for word in MEMBER {
        assert!(shown["results.json"].contains(word), "{word} is hidden although asked for");
    }
}

#[test]
fn nothing_a_server_says_can_act() {
    let mut texts = reports(false, false);
    texts.insert("terminal".to_owned(), terminal(Show::All, false, false));
    for (name, text) in &texts {
        let controls: Vec<char> = text.chars().filter(|c| c.is_control() && *c != '\n').collect();
        assert_eq!(controls, Vec::<char>::new(), "{name}");
        assert!(!text.contains('\u{202e}') || name.ends_with("json"), "{name} holds a mark that reorders text");
    }
    assert_eq!(texts["report.html"].matches("<script").count(), 1, "the page has more than its own script");
    assert!(!texts["summary.md"].contains("<script"));
    assert!(!texts["terminal"].lines().any(|line| line.starts_with("FAIL")), "a server has forged a line");
}

#[test]
fn the_terminal_shows_what_is_asked_for_and_the_verdict_last() {
    let fails = terminal(Show::Fail, false, false);
    assert!(fails.contains("FAIL [  0.091s] ( 2/11) c4bb.Coverage.include.payor"), "{fails}");
    assert!(fails.contains("and 2 more findings"), "{fails}");
    assert!(fails.contains("Authorization: Bearer $TOKEN"), "{fails}");
    assert!(!fails.contains("PASS") && !fails.contains("WARN") && !fails.contains("KNOWN"), "{fails}");
    assert_eq!(fails.lines().last(), Some("DEVIATES: 2 required cases failed"));
    assert!(terminal(Show::Warn, false, false).contains("WARN"));
    assert!(terminal(Show::Fail, true, false).contains("WARN"), "strict makes a warning a failure");
    let all = terminal(Show::All, false, false);
    assert!(all.contains("PASS") && all.contains("N/A") && all.contains("KNOWN"), "{all}");
}

#[test]
fn the_page_stands_alone() {
    let page = &reports(false, false)["report.html"];
    for outside in ["src=", "<link", "@import", "url(", "<iframe", " action=", "onerror"] {
        assert!(!page.replace("&lt;", "").contains(outside), "{outside}");
    }
    // The page's own script is the only one that a browser runs there, and nothing leads out.
    let own = include_str!("../reports/report.js");
    assert!(page.contains(&format!("<script>{own}</script>")));
    let policy = page.split_once("Content-Security-Policy\" content=\"").unwrap().1.split('"').next().unwrap();
    let hash = STANDARD.encode(ring::digest::digest(&ring::digest::SHA256, own.as_bytes()));
    let expected =
        format!("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{hash}'; form-action 'none'; base-uri 'none'");
    assert_eq!(policy, expected);
    let dom = uppsala::parse(page.trim_start_matches("<!doctype html>").trim_start());
    assert!(dom.is_ok(), "every element is closed and every value quoted: {:?}", dom.err());
}

#[test]
fn a_folder_that_cannot_be_written_is_refused_before_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let options = Options { out: Some(file.join("out")), show: Show::Fail };
    let error = Reporters::open(&options).err().unwrap().to_string();
    assert!(error.contains("file/out") && error.contains("--out"), "{error}");
}

#[test]
fn one_broken_report_does_not_stop_the_others() {
    let folder = tempfile::tempdir().unwrap();
    // A folder in the place of a file cannot be replaced by one.
    fs::create_dir_all(folder.path().join("junit.xml/in-the-way")).unwrap();
    let options = Options { out: Some(folder.path().to_owned()), show: Show::Fail };
    let mut reporters = quiet(&options);
    fixed_run(false, false).tell(&mut |event| reporters.on(event));
    let problems = reporters.finish();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].contains("junit.xml"), "{problems:?}");
    assert!(!folder.path().join("junit.xml.part").exists());
    for file in FILES.iter().filter(|file| **file != "junit.xml") {
        assert!(folder.path().join(file).is_file(), "{file} is missing");
    }
}

#[test]
fn a_killed_run_leaves_no_earlier_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { out: Some(folder.path().to_owned()), show: Show::Fail };
    let mut whole = quiet(&options);
    fixed_run(false, false).tell(&mut |event| whole.on(event));
    assert!(folder.path().join("junit.xml").is_file());
    let run = fixed_run(false, false);
    let mut killed = quiet(&options);
    killed.on(&payerspec::run::event::Event::RunStarted { facts: &run.facts, plan: &run.plan, catalogue: &run.catalogue });
    drop(killed);
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["events.ndjson"]);
}

/// `UPDATE_SAMPLES=1 cargo test --test reports` writes them anew.
#[test]
fn samples_are_current() {
    let mut samples = reports(false, false);
    samples.insert("terminal.txt".to_owned(), terminal(Show::Warn, false, false));
    // It changes with the version.
    let results: Value = serde_json::from_str(&samples["results.json"]).unwrap();
    let sha256 = results["evidence"]["sha256"].as_str().unwrap().to_owned();
    let folder = repository("reports/sample");
    for (name, text) in &samples {
        let path = folder.join(name);
        let text = text.replace(&format!("payerspec {}", env!("CARGO_PKG_VERSION")), "payerspec VERSION");
        let text = text.replace(&format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION")), "\"version\": \"VERSION\"");
        let text = text.replace(&format!("\"version\":\"{}\"", env!("CARGO_PKG_VERSION")), "\"version\":\"VERSION\"");
        let text = text.replace(&sha256, "SHA256");
        if std::env::var_os("UPDATE_SAMPLES").is_some() {
            fs::write(&path, &text).unwrap();
        }
        let sample = fs::read_to_string(&path).unwrap_or_default();
        assert!(sample == text, "{} is not what is written now; run UPDATE_SAMPLES=1 cargo test --test reports", path.display());
    }
    let extra: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| !samples.contains_key(name))
        .collect();
    assert_eq!(extra, Vec::<String>::new(), "samples of nothing");
}
