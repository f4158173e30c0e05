//! `payerspec validate` on files as bad as they come: a finding with its place, the documented exit code, and the published form.

#![expect(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use serde_json::Value;
use tempfile::TempDir;

const PATIENT: &str = r#"{"resourceType":"Patient","id":"one","gender":"female"}"#;
const WRONG: &str = "{\n  \"resourceType\": \"Patient\",\n  \"id\": \"two\",\n  \"gender\": \"f\"\n}";

/// What a call printed, and its exit code.
struct Ended {
    code: i32,
    out: String,
    error: String,
}

impl Ended {
    /// The output of `--format json`, held against the published schema.
    fn results(&self) -> Vec<Value> {
        let read: Result<Value, _> = serde_json::from_str(&self.out);
        assert!(read.is_ok(), "{read:?}: {}{}", self.out, self.error);
        let results = read.unwrap();
        check_form(&results);
        results.as_array().unwrap().clone()
    }

    /// Rule, line and column of every finding.
    fn rules(&self) -> Vec<(String, Option<u64>, Option<u64>)> {
        let results = self.results();
        let findings = results.iter().flat_map(|result| result["findings"].as_array().unwrap());
        findings.map(|one| (one["rule"].as_str().unwrap().to_owned(), one["line"].as_u64(), one["column"].as_u64())).collect()
    }
}

fn check_form(results: &Value) {
    let schema = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/validate.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let errors: Vec<String> = jsonschema::validator_for(&schema)
        .unwrap()
        .iter_errors(results)
        .map(|error| format!("{} {error}", error.instance_path()))
        .collect();
    assert_eq!(errors, Vec::<String>::new());
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_payerspec"));
    command.arg("validate").args(arguments).env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

fn ended(output: &std::process::Output) -> Ended {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let ended = Ended { code: output.status.code().unwrap(), out: text(&output.stdout), error: text(&output.stderr) };
    assert!(!ended.error.contains("panicked"), "{}", ended.error);
    ended
}

fn run(arguments: &[&str]) -> Ended {
    ended(&command(arguments).output().unwrap())
}

/// A folder with one file.
fn file(name: &str, bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn judge(name: &str, bytes: &[u8]) -> Ended {
    let (_folder, path) = file(name, bytes);
    let guide = ["--guide", "hl7.fhir.r4.core#4.0.1"];
    run(&[&["--format", "json", "--min-severity", "error", "--show-member-data"], &guide[..], &[path.to_str().unwrap()]].concat())
}

fn rule(name: &str) -> impl Fn(&(String, Option<u64>, Option<u64>)) -> bool {
    move |(rule, _, _)| rule == name
}

#[test]
fn a_good_file_ends_with_0_and_a_wrong_one_with_1_and_its_place() {
    let good = judge("good.json", PATIENT.as_bytes());
    assert_eq!((good.code, good.rules().len(), good.results().len()), (0, 0, 1));
    let wrong = judge("wrong.json", WRONG.as_bytes());
    assert_eq!((wrong.code, wrong.rules()), (1, vec![("binding.required".to_owned(), Some(4), Some(13))]));
    let (_folder, path) = file("wrong.json", WRONG.as_bytes());
    let text = run(&["--guide", "hl7.fhir.r4.core#4.0.1", path.to_str().unwrap()]);
    assert!(text.out.contains(&format!("{}:4:13: error binding.required: Patient.gender", path.display())), "{}", text.out);
}

#[test]
fn a_byte_order_mark_and_a_number_beyond_doubles_are_read() {
    let marked = judge("marked.json", format!("\u{feff}{PATIENT}").as_bytes());
    assert_eq!((marked.code, marked.rules()), (0, Vec::new()));
    let large = r#"{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"valueQuantity":{"value":1e400}}"#;
    let large = judge("large.json", large.as_bytes());
    assert!(large.code <= 1 && large.results().len() == 1, "{}", large.out);
    assert_eq!(large.results()[0]["resource"], "Observation/o");
}

/// What is wrong is found and told, without what tells of a member; codes stay.
#[test]
fn values_of_members_are_masked_unless_asked_for() {
    let member = r#"{"resourceType":"Patient","id":"jane-roe","gender":"femal","birthDate":"1970-02-30","name":[{"family":["Roe"]}],"telecom":[{"system":"phone","value":5550100}]}"#;
    let claim = r#"{"resourceType":"Observation","id":"x","status":"finl","code":{"text":"t"},"issued":"2019-02-30"}"#;
    let bundle = format!(
        r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"fullUrl":"http://a.example/Patient/john-doe","resource":{member}}},{{"fullUrl":"http://a.example/Observation/x","resource":{claim}}}]}}"#
    );
    let (_folder, path) = file("bundle.json", bundle.as_bytes());
    for (format, more) in [("json", &[][..]), ("ndjson", &[]), ("text", &[]), ("json", &["--show-member-data"])] {
        let arguments = ["--format", format, "--guide", "hl7.fhir.r4.core#4.0.1", path.to_str().unwrap()];
        let ended = run(&[&arguments[..], more].concat());
        assert_eq!(ended.code, 1, "{}", ended.out);
        for told in ["femal", "finl", "2019-"] {
            assert!(ended.out.contains(told), "{format}: {told} is not told: {}", ended.out);
        }
        for hidden in ["jane-roe", "john-doe", "1970", "Roe", "5550100", "2019-02-30"] {
            // An object is told by the names of its parts, never by their values.
            let is_told = hidden != "Roe" && !more.is_empty();
            assert_eq!(ended.out.contains(hidden), is_told, "{format}: {hidden}: {}", ended.out);
        }
        assert_eq!(ended.out.contains("Member data is masked"), format == "text");
    }
}

#[test]
fn what_is_no_json_is_one_finding_with_its_place() {
    for (bytes, line) in [
        (&b"{\"resourceType\":\"Patient\",\n\"id\":\"\xff\"}"[..], 2),
        (b"", 1),
        (b"{\"resourceType\":\"Patient\",\n\n", 3),
        (b"{\"resourceType\":\"Patient\"} {}", 1),
    ] {
        let ended = judge("bad.json", bytes);
        assert_eq!(ended.code, 1, "{}", ended.out);
        let rules = ended.rules();
        assert!(rules.len() == 1 && rules[0].0 == "shape.syntax", "{rules:?}");
        assert!(rules[0].1.is_some_and(|found| found <= line), "{rules:?}");
    }
}

#[test]
fn depth_is_bounded() {
    for deep in ["[".repeat(1_000_000), "{\"a\":".repeat(1_000_000), "<a>".repeat(1_000_000)] {
        let ended = judge("deep.json", deep.as_bytes());
        assert_eq!(ended.code, 1, "{}", ended.error);
        assert!(ended.rules().iter().all(rule("shape.syntax")), "{}", ended.out);
    }
}

#[test]
fn a_name_that_stands_twice_is_an_error_with_its_place() {
    let ended = judge("twice.json", b"{\"resourceType\": \"Patient\",\n \"id\": \"a\",\n \"gender\": \"male\", \"gender\": \"female\"}");
    assert_eq!((ended.code, ended.rules()), (1, vec![("shape.duplicate-key".to_owned(), Some(3), Some(20))]));
    assert_eq!(ended.results()[0]["valid"], false);
}

#[test]
fn a_very_long_string_is_judged_and_not_printed() {
    let long = format!(r#"{{"resourceType":"Patient","id":"long","gender":"{}"}}"#, "x".repeat(100_000_000));
    let ended = judge("long.json", long.as_bytes());
    assert_eq!(ended.code, 1);
    assert!(ended.rules().iter().any(rule("binding.required")), "{:?}", ended.rules());
    assert!(ended.out.len() < 10_000, "{} bytes were printed", ended.out.len());
}

#[test]
fn a_broken_line_is_a_finding_and_the_rest_goes_on() {
    let mut lines = vec![PATIENT.to_owned(); 5000];
    lines[2999] = r#"{"resourceType":"Patient","#.to_owned();
    lines[4000] = String::new();
    let ended = judge("export.ndjson", lines.join("\n").as_bytes());
    assert_eq!(ended.code, 1);
    let results = ended.results();
    assert_eq!(results.len(), 4999);
    let wrong: Vec<&Value> = results.iter().filter(|result| result["valid"] == false).collect();
    assert_eq!((wrong.len(), &wrong[0]["line"], &wrong[0]["findings"][0]["line"]), (1, &3000.into(), &3000.into()));
    let order: Vec<u64> = results.iter().map(|result| result["line"].as_u64().unwrap()).collect();
    assert!(order.is_sorted(), "results are in the order of the lines");
}

#[test]
fn what_is_no_resource_is_said() {
    for text in [r#"{"resourceType":"Nothing","id":"a"}"#, r#"{"id":"a"}"#, r#"[{"resourceType":"Patient"}]"#, "\"Patient\"", "null", "1"] {
        let ended = judge("none.json", text.as_bytes());
        assert_eq!(ended.code, 1, "{text}: {}", ended.out);
        assert!(ended.rules().iter().any(|(rule, _, _)| rule.starts_with("shape.")), "{text}: {}", ended.out);
    }
}

#[test]
fn entries_see_each_other_and_are_found_in_the_bundle() {
    let bundle = format!(
        "{{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[\n{{\"fullUrl\":\"http://a.example/Patient/one\",\"resource\":{PATIENT}}},\n{{\"fullUrl\":\"http://a.example/Patient/two\",\"resource\":{WRONG}}}]}}"
    );
    let ended = judge("bundle.json", bundle.as_bytes());
    let results = ended.results();
    assert_eq!(
        results.iter().map(|result| result["resource"].as_str().unwrap()).collect::<Vec<_>>(),
        ["Bundle", "Patient/one", "Patient/two"]
    );
    let finding = &results[2]["findings"][0];
    assert_eq!((&finding["path"], &finding["line"]), (&"Bundle.entry[1].resource.gender".into(), &6.into()));
}

#[test]
fn xml_gives_the_same_findings_as_json() {
    let xml = judge("wrong.xml", br#"<Patient xmlns="http://hl7.org/fhir"><id value="two"/><gender value="f"/></Patient>"#);
    let json = judge("wrong.json", WRONG.as_bytes());
    let first = |ended: &Ended| {
        let finding = &ended.results()[0]["findings"][0];
        (finding["rule"].clone(), finding["path"].clone(), finding["actual"].clone())
    };
    assert_eq!((xml.code, first(&xml)), (1, first(&json)));
    let broken = judge("broken.xml", b"<Patient xmlns=\"http://hl7.org/fhir\"><id></Patient>");
    assert_eq!((broken.code, broken.rules()[0].0.as_str()), (1, "shape.syntax"));
}

#[test]
fn what_cannot_be_used_ends_with_2_and_what_is_not_there_with_2_or_3() {
    let (folder, path) = file("one.json", PATIENT.as_bytes());
    let path = path.to_str().unwrap();
    for (arguments, said) in [
        (&["--guide", "no.such.guide#1.0.0", "--offline", path][..], "no.such.guide#1.0.0"),
        (&["--profile", "http://a.example/none", path], "http://a.example/none"),
        (&["--package", "/no/such/package.tgz", path], "/no/such/package.tgz"),
        (&["/no/such/file.json"], "/no/such/file.json"),
        (&["--tx", "ftp://a.example", path], "ftp://a.example"),
        (&["--format", "yaml", path], "yaml"),
    ] {
        let ended = run(arguments);
        assert_eq!(ended.code, 2, "{arguments:?}: {}", ended.error);
        assert!(ended.error.contains(said), "{arguments:?}: {}", ended.error);
    }
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let ended = run(&[empty.to_str().unwrap()]);
    assert_eq!(ended.code, 3, "{}", ended.error);
    assert!(ended.error.contains("holds no .json, .ndjson or .xml file"), "{}", ended.error);
    let (_blank, blank) = file("blank.ndjson", b"\n\n");
    assert_eq!(run(&[blank.to_str().unwrap()]).code, 3);
}

#[test]
fn a_profile_that_builds_on_a_missing_one_is_named() {
    let profile = r#"{"resourceType":"StructureDefinition","url":"http://a.example/StructureDefinition/p","version":"1.0.0","name":"P","status":"active","fhirVersion":"4.0.1","kind":"resource","abstract":false,"type":"Patient","baseDefinition":"http://a.example/StructureDefinition/missing","derivation":"constraint","differential":{"element":[{"id":"Patient","path":"Patient"},{"id":"Patient.gender","path":"Patient.gender","min":1}]}}"#;
    let (_folder, profile) = file("profile.json", profile.as_bytes());
    let (_other, patient) = file("one.json", PATIENT.as_bytes());
    let (profile, patient) = (profile.to_str().unwrap(), patient.to_str().unwrap());
    let asked = run(&["--package", profile, "--profile", "http://a.example/StructureDefinition/p", patient]);
    let missing = "http://a.example/StructureDefinition/missing";
    assert_eq!(asked.code, 2, "{}{}", asked.out, asked.error);
    assert!(asked.error.contains(missing) && asked.error.contains("not in hl7.fhir.us.carin-bb#2.0.0"), "{}", asked.error);
    let loaded = run(&["--package", profile, patient]);
    assert!(loaded.error.contains(missing), "{}", loaded.error);
}

#[test]
fn standard_input_folders_and_patterns_are_read() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("deep/er")).unwrap();
    for name in ["a.json", "deep/b.json", "deep/er/c.ndjson", "deep/er/notes.txt"] {
        fs::write(folder.path().join(name), PATIENT).unwrap();
    }
    let count = |path: &str| run(&["--format", "json", &format!("{}{path}", folder.path().display())]).results().len();
    assert_eq!((count(""), count("/*.json"), count("/**/*.json"), count("/deep/er/*")), (3, 1, 2, 1));
    for (given, expected) in [(format!("{PATIENT}\n{PATIENT}\n"), 2), (WRONG.to_owned(), 1), (PATIENT.to_owned(), 1)] {
        let mut child =
            command(&["--format", "json", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(given.as_bytes()).unwrap();
        assert_eq!(ended(&child.wait_with_output().unwrap()).results().len(), expected, "{given}");
    }
}

#[test]
fn every_line_of_ndjson_output_has_the_published_form_and_the_summary_counts() {
    let lines = [PATIENT, &WRONG.replace('\n', "")].join("\n");
    let (_folder, path) = file("two.ndjson", lines.as_bytes());
    let path = path.to_str().unwrap();
    let ended = run(&["--format", "ndjson", "--guide", "hl7.fhir.r4.core#4.0.1", path]);
    let results: Vec<Value> = ended.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(results.len(), 2);
    check_form(&results.into());
    let summary = run(&["--summary", "--guide", "hl7.fhir.r4.core#4.0.1", path]);
    assert!(
        summary.out.contains("1  error        binding.required") && summary.out.contains("2 resources, 1 with errors"),
        "{}",
        summary.out
    );
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_ends_with_4_and_a_closed_pipe_quietly() {
    let (folder, path) = file("one.json", WRONG.as_bytes());
    let full = File::options().write(true).open("/dev/full").unwrap();
    let ended_full = ended(&command(&["--format", "json", path.to_str().unwrap()]).stdout(full).output().unwrap());
    assert_eq!(ended_full.code, 4, "{}", ended_full.error);
    let many = folder.path().join("many.ndjson");
    let mut writer = BufWriter::new(File::create(&many).unwrap());
    (0..20_000).for_each(|_| writeln!(writer, "{}", WRONG.replace('\n', "")).unwrap());
    writer.flush().unwrap();
    let mut child = command(&["--format", "ndjson", many.to_str().unwrap()]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let waiting = thread::spawn(move || child.wait_with_output().unwrap());
    let closed = ended(&waiting.join().unwrap());
    assert_eq!(closed.error, "");
}
