//! The built program as other programs call it: plans, partitions, baselines, reports and the reference payer's one line.

#![expect(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use command::{payerspec, said};
use serde_json::Value;
use served::Served;

#[path = "common/command.rs"]
mod command;
#[path = "common/served.rs"]
mod served;

/// Cases enough to be telling and few enough to be quick.
const SOME: &str = "c4bb.{Coverage,Patient}.read*";

fn ids(document: &Value) -> Vec<String> {
    document["cases"].as_array().unwrap().iter().map(|case| case["id"].as_str().unwrap().to_owned()).collect()
}

/// What the system calls it: Documentation/filesystems/proc.rst of Linux.
#[cfg(target_os = "linux")]
#[test]
fn memory_never_comes_in_huge_pages() {
    let status = |id: u32| fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let setting = |status: &str| status.lines().find_map(|line| line.strip_prefix("THP_enabled:")).map(|set| set.trim().to_owned());
    // Where the system does not tell it of this process, it tells it of none.
    if setting(&status(std::process::id())).is_some() {
        assert_eq!(setting(&status(Served::start(&[]).child.id())).as_deref(), Some("0"));
    }
}

#[test]
fn a_plan_has_the_ids_of_the_run_and_parts_make_the_whole() {
    let served = Served::start(&[]);
    let plan = served.command("plan", &["--format", "json", "--only", SOME]).output().unwrap();
    let planned = ids(&serde_json::from_slice(&plan.stdout).unwrap());
    let (code, whole) = served.run("whole", &["--only", SOME]);
    assert_eq!((code, &planned), (0, &ids(&whole)));
    assert!(planned.len() > 10, "{planned:?}");
    let parts: Vec<String> =
        ["1/2", "2/2"].iter().flat_map(|part| ids(&served.run("part", &["--only", SOME, "--partition", part]).1)).collect();
    assert_eq!(parts.len(), planned.len());
    assert_eq!(parts.iter().collect::<BTreeSet<_>>(), planned.iter().collect::<BTreeSet<_>>());
}

#[test]
fn warnings_count_under_strict_only() {
    let served = Served::start(&["--fault", "read.no-etag"]);
    let only = ["--only", "c4bb.Patient.read*"];
    assert_eq!(served.run("lenient", &only).0, 0);
    let (code, results) = served.run("strict", &[&only[..], &["--strict"]].concat());
    assert_eq!((code, results["verdict"].as_str()), (1, Some("deviates")));
}

#[test]
fn a_baseline_excuses_what_it_names_and_a_stale_entry_fails() {
    let served = Served::start(&["--fault", "read.wrong-id"]);
    let known = "[[known]]\ncase = \"c4bb.ExplanationOfBenefit.read\"\ncheck = \"read.same-resource\"\nbecause = \"told to\"\n";
    let stale = "[[known]]\ncase = \"c4bb.Coverage.read\"\ncheck = \"*\"\nbecause = \"repaired\"\n";
    fs::write(served.path("known.toml"), known).unwrap();
    fs::write(served.path("stale.toml"), format!("{known}{stale}")).unwrap();
    let run = |baseline: Option<&str>| {
        let path = baseline.map(|name| served.path(name).display().to_string());
        let mut more = vec!["--only", "c4bb.{Coverage,ExplanationOfBenefit}.read"];
        more.extend(path.iter().flat_map(|path| ["--baseline", path]));
        served.run("out", &more)
    };
    assert_eq!(run(None).0, 1);
    assert_eq!(run(Some("known.toml")).0, 0);
    let (code, results) = run(Some("stale.toml"));
    assert_eq!((code, results["stale_baseline"].as_array().map(Vec::len)), (1, Some(1)));
    assert!(results["because"].as_str().unwrap().contains("excuse nothing any more"), "{}", results["because"]);
    fs::write(served.path("valid.toml"), format!("{known}until = \"2999-12-31\"\n")).unwrap();
    assert_eq!(run(Some("valid.toml")).0, 0);
    fs::write(served.path("expired.toml"), format!("{known}until = \"2020-12-31\"\n")).unwrap();
    let (code, results) = run(Some("expired.toml"));
    assert_eq!((code, results["because"].as_str()), (1, Some("1 required cases failed")));
    assert_eq!(results["stale_baseline"][0], "c4bb.ExplanationOfBenefit.read / read.same-resource (until 2020-12-31)");
    fs::write(served.path("past.toml"), format!("{known}{}until = \"2020-12-31\"\n", known.replace(".read\"", ".vread\""))).unwrap();
    assert_eq!(run(Some("past.toml")).0, 1, "an entry whose date is past fails a run that it would not have to excuse");
}

#[test]
fn serve_says_one_line_and_no_report_holds_a_token() {
    let mut served = Served::start(&["--fault", "read.wrong-id"]);
    let (code, _) = served.run("out", &["--only", "*.read*"]);
    assert_eq!(code, 1);
    for file in files(&served.path("out")) {
        let bytes = fs::read(&file).unwrap();
        let held = bytes.windows(served.token.len()).any(|window| window == served.token.as_bytes());
        assert!(!held, "{} holds the token", file.display());
    }
    served.child.kill().unwrap();
    let mut rest = String::new();
    served.child.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
    assert!(served.line.ends_with("}\n") && rest.is_empty(), "{rest:?}");
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() >= 5, "{files:?}");
    files
}

#[test]
fn libtest_lists_the_cases() {
    let served = Served::start(&[]);
    let output = payerspec(&["libtest", "--target", &served.base, "--patient", &served.patient, "--token-file"])
        .arg(served.path("token"))
        .args(["--only", SOME, "--", "--list"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.lines().any(|line| line.starts_with("c4bb.Patient.read: ")), "{text}");
}

#[test]
fn writes_are_planned_only_when_they_are_allowed() {
    let served = Served::start(&["--writable"]);
    let only = ["--only", "r4.Coverage.{create,update,delete}"];
    let (code, results) = served.run("safe", &[&only[..], &["--allow-inconclusive"]].concat());
    assert_eq!((code, results["tally"]["not_applicable"].as_u64()), (3, Some(3)));
    let (code, results) = served.run("writing", &[&only[..], &["--allow-writes"]].concat());
    assert_eq!((code, results["tally"]["pass"].as_u64(), results.get("left_on_server")), (0, Some(3), None));
}

#[test]
fn two_runs_are_compared_and_a_new_deviation_ends_with_1() {
    let folder = tempfile::tempdir().unwrap();
    let only = "c4bb.ExplanationOfBenefit.{read,vread}";
    let (sound, broken) = (folder.path().join("sound"), folder.path().join("broken"));
    for (out, more) in [(&sound, &[][..]), (&broken, &["--fault", "read.wrong-id"][..])] {
        payerspec(&[&["demo", "--only", only, "--out", out.to_str().unwrap()], more].concat()).output().unwrap();
    }
    let compared =
        |one: &Path, other: &Path| payerspec(&["report", "diff", one.to_str().unwrap(), other.to_str().unwrap()]).output().unwrap();
    let worse = compared(&sound, &broken);
    assert_eq!(worse.status.code(), Some(1), "{}", said(&worse));
    assert!(said(&worse).contains("1 new") && said(&worse).contains("c4bb.ExplanationOfBenefit.read (pass → fail)"), "{}", said(&worse));
    let better = compared(&broken, &sound);
    assert_eq!(better.status.code(), Some(0), "{}", said(&better));
    assert!(said(&better).contains("1 fixed"), "{}", said(&better));
    let none = compared(&sound, &folder.path().join("absent"));
    assert_eq!(none.status.code(), Some(2), "{}", said(&none));
    assert!(said(&none).contains("absent"), "{}", said(&none));
}

#[test]
fn a_requirement_is_violated_by_what_breaks_it_and_by_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let profiles = "c4bb.*.profile.*";
    for (fault, violated, untouched) in [
        ("inpatient.adjudicated-twice", &["130", "142"][..], &["131", "133", "173", "197"][..]),
        ("professional.transport-unlinked", &["173"], &["142", "172", "174"]),
        ("practitioner.untyped-identifiers", &["186"], &["142", "173"]),
    ] {
        payerspec(&["demo", "--only", profiles, "--fault", fault, "--out", out]).output().unwrap();
        let results: Value = serde_json::from_slice(&fs::read(folder.path().join("results.json")).unwrap()).unwrap();
        let status = |number: &str| {
            let id = format!("carin-bb-2.0.0@{number}");
            let row = results["requirements"].as_array().unwrap().iter().find(|row| row["id"] == id.as_str()).unwrap();
            row["status"].as_str().unwrap().to_owned()
        };
        for number in violated {
            assert_eq!(status(number), "violated", "{fault}: {number}");
        }
        for number in untouched {
            assert_eq!(status(number), "verified", "{fault}: {number}");
        }
    }
}
