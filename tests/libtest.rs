//! Cases as libtest trials, in the way in which cargo and nextest ask for them, through the sample crate.

#![expect(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use command::{payerspec, said};
use serde_json::Value;

#[path = "common/command.rs"]
mod command;

/// A copy of the sample crate whose endpoint is a reference payer.
struct Sample {
    folder: tempfile::TempDir,
    payer: Child,
}

impl Sample {
    fn new(fault: &str) -> Self {
        let mut payer = payerspec(&["serve", "--fault", fault]).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(payer.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        let text = |pointer: &str| ready.pointer(pointer).and_then(Value::as_str).unwrap().to_owned();
        let folder = tempfile::tempdir().unwrap();
        let original = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/nextest-sample");
        for part in ["src", "tests"] {
            fs::create_dir(folder.path().join(part)).unwrap();
        }
        for file in ["Cargo.toml", "src/lib.rs", "tests/payerspec.rs"] {
            fs::copy(original.join(file), folder.path().join(file)).unwrap();
        }
        fs::write(folder.path().join("token"), text("/members/0/token")).unwrap();
        let settings =
            format!("[target]\nbase = \"{}\"\npatients = [\"{}\"]\ntoken-file = \"token\"\n", text("/base"), text("/members/0/patient"));
        fs::write(folder.path().join("payerspec.toml"), settings).unwrap();
        Self { folder, payer }
    }

    /// Runs the crate's test program, with a runner's arguments.
    fn test(&self, arguments: &[&str], results: Option<&str>) -> Output {
        let mut command = Command::new(env!("CARGO"));
        command.args(["test", "--quiet", "--offline", "--test", "payerspec", "--"]).args(arguments).current_dir(self.folder.path());
        command.env("PAYERSPEC", env!("CARGO_BIN_EXE_payerspec")).env("CARGO_TARGET_DIR", self.folder.path().join("target"));
        command.env_remove("PAYERSPEC_TOKEN").env_remove("PAYERSPEC_RESULTS").envs(results.map(|results| ("PAYERSPEC_RESULTS", results)));
        command.output().unwrap()
    }

    /// The names that a runner lists.
    fn listed(&self, more: &[&str], results: Option<&str>) -> BTreeSet<String> {
        let output = self.test(&[&["--list", "--format", "terse"], more].concat(), results);
        assert!(output.status.success(), "{}", said(&output));
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(|line| line.strip_suffix(": test").unwrap().to_owned()).collect()
    }

    /// Runs one trial as nextest does; gives whether it succeeded, and what was said.
    fn one(&self, id: &str, results: Option<&str>) -> (bool, String) {
        let output = self.test(&[id, "--exact", "--nocapture"], results);
        let text = said(&output);
        assert!(text.contains("running 1 test"), "{text}");
        (output.status.success(), text)
    }
}

impl Drop for Sample {
    fn drop(&mut self) {
        drop(self.payer.kill());
        drop(self.payer.wait());
    }
}

#[test]
fn each_process_asks_its_own_case() {
    let sample = Sample::new("read.wrong-id");
    let listed = sample.listed(&[], None);
    let plan = payerspec(&["plan", "--format", "json", "--config"]).arg(sample.folder.path().join("payerspec.toml")).output().unwrap();
    let plan: Value = serde_json::from_slice(&plan.stdout).unwrap();
    let ids = |applies: fn(&Value) -> bool| -> BTreeSet<String> {
        let cases = plan["cases"].as_array().unwrap().iter().filter(|case| applies(case));
        cases.map(|case| case["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(listed, ids(|_| true));
    assert_eq!(sample.listed(&["--ignored"], None), ids(|case| !case["not_applicable"].is_null()));
    let (good, text) = sample.one("c4bb.Coverage.search._id", None);
    assert!(good, "{text}");
    let (good, text) = sample.one("c4bb.ExplanationOfBenefit.read", None);
    assert!(!good && text.contains("read.same-resource at"), "{text}");
}

#[test]
fn trials_of_an_earlier_run_ask_nobody() {
    let mut sample = Sample::new("read.wrong-id");
    let path = |name: &str| sample.folder.path().join(name);
    let run = payerspec(&["run", "--config"]).arg(path("payerspec.toml")).arg("--out").arg(path("out")).output().unwrap();
    assert_eq!(run.status.code(), Some(1), "{}", said(&run));
    sample.payer.kill().unwrap();
    let results: Value = serde_json::from_slice(&fs::read(sample.folder.path().join("out/results.json")).unwrap()).unwrap();
    let ended = |fits: fn(&Value, &str) -> bool| -> BTreeSet<String> {
        let cases = results["cases"].as_array().unwrap().iter().filter(|case| fits(case, case["outcome"].as_str().unwrap()));
        cases.map(|case| case["id"].as_str().unwrap().to_owned()).collect()
    };
    let at = Some("out");
    assert_eq!(sample.listed(&[], at), ended(|_, _| true));
    let unasked = ended(|case, outcome| outcome == "not-applicable" || (outcome == "inconclusive" && case["level"] != "SHALL"));
    assert_eq!(sample.listed(&["--ignored"], at), unasked);
    let failed = ended(|case, outcome| matches!(outcome, "fail" | "error") || (outcome == "inconclusive" && case["level"] == "SHALL"));
    let (good, text) = sample.one(failed.first().unwrap(), at);
    assert!(!good && text.contains(": expected "), "{text}");
    assert!(sample.one(ended(|_, outcome| outcome == "pass").first().unwrap(), at).0);
    let all = sample.test(&[], at);
    assert!(!all.status.success() && said(&all).contains(&format!("{} failed;", failed.len())), "{}", said(&all));
    let none = sample.test(&["--list"], Some("absent"));
    assert!(!none.status.success() && said(&none).contains("payerspec run --out"), "{}", said(&none));
}
