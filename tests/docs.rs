//! The pages that are made from the program, and what the recipes tell to do.

#![expect(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

use std::fs;
use std::path::Path;

use command::{payerspec, said};

#[path = "common/command.rs"]
mod command;

/// The blocks of a page that are of a language.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let begin = format!("```{language}\n");
    let blocks = page.split(&begin).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned());
    blocks.collect()
}

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// `payerspec explain --markdown` is the page; `UPDATE_CHECKS=1 cargo test --test docs` writes it anew.
#[test]
fn the_page_of_checks_is_what_the_program_says() {
    let output = payerspec(&["explain", "--markdown"]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/checks.md");
    if std::env::var_os("UPDATE_CHECKS").is_some() {
        fs::write(&path, &output.stdout).unwrap();
    }
    let page = String::from_utf8(output.stdout).unwrap();
    assert!(page.contains("\n| `search.precision` | ") && page.contains("\n| `search.{param}` | "), "{page}");
    assert!(read("reports/checks.md") == page, "{} is not what is checked; run UPDATE_CHECKS=1 cargo test --test docs", path.display());
}

/// The recipe for a suite, step by step: it is accepted, planned, explained and answered.
#[test]
fn the_recipe_for_a_suite_works() {
    let folder = tempfile::tempdir().unwrap();
    let suite = folder.path().join("mine.toml");
    let blocks = blocks(&read("suites/README.md"), "toml");
    assert!(!blocks.is_empty());
    fs::write(&suite, blocks.concat()).unwrap();
    let suite = suite.to_str().unwrap();
    let lint = payerspec(&["lint", suite]).output().unwrap();
    assert_eq!(lint.status.code(), Some(0), "{}", said(&lint));
    let explained = payerspec(&["explain", "mine#current", "--suite", suite]).output().unwrap();
    assert!(explained.status.success() && said(&explained).contains("Judged by"), "{}", said(&explained));
    let demo = payerspec(&["demo", "--suite", suite, "--show", "all"]).output().unwrap();
    let text = said(&demo);
    assert_eq!(demo.status.code(), Some(0), "{text}");
    for case in ["c4bb.Coverage.current", "c4bb.ExplanationOfBenefit.by-type", "c4bb.Patient.birth-date"] {
        assert!(text.lines().any(|line| line.contains("PASS") && line.contains(case)), "{text}\nlacks {case}");
    }
}

#[test]
fn the_settings_that_the_readme_shows_are_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let (path, token) = (folder.path().join("payerspec.toml"), folder.path().join("token"));
    fs::write(&token, "t0k3n").unwrap();
    let shown = blocks(&read("README.md"), "toml");
    let settings = |table: &'static str| shown.iter().filter(move |block| block.starts_with(table));
    assert!(settings("[target]").count() > 0 && settings("[facts]").count() > 0);
    let of_target = settings("[target]").cloned();
    for block in of_target.chain(settings("[facts]").map(|facts| format!("[target]\nbase = 'https://payer.example'\n{facts}"))) {
        fs::write(&path, &block).unwrap();
        let statement = folder.path().join("statement.json");
        fs::write(&statement, r#"{"resourceType": "CapabilityStatement", "rest": [{"mode": "server"}]}"#).unwrap();
        let plan = payerspec(&["plan", "--config"]).arg(&path).arg("--capability").arg(&statement).output().unwrap();
        assert_eq!(plan.status.code(), Some(0), "{block}\n{}", said(&plan));
    }
}
