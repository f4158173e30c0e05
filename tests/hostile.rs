//! A hostile server, attack by attack: every run ends by itself with the right word, nothing that the server sends acts in a report,
//! no token goes elsewhere, and memory stays bounded.

#![expect(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use attacks::Attack;
use server::{Places, Server};

#[path = "hostile/attacks.rs"]
mod attacks;
#[path = "hostile/lures.rs"]
mod lures;
#[path = "hostile/material.rs"]
mod material;
#[path = "hostile/office.rs"]
mod office;
#[path = "hostile/server.rs"]
mod server;
#[path = "hostile/sign_in.rs"]
mod sign_in;

/// What must reach the server's own origin only.
const TOKEN: &str = "t0ken-of-the-member-0123456789";

/// What a run with a sign-in must let nobody see but whom it is for.
const SECRETS: [&str; 4] = [office::CLIENT_SECRET, office::PASSWORD, office::ACCESS_TOKEN, office::REFRESH_TOKEN];

/// Runs at once.
const AT_ONCE: usize = 4;

/// Most memory of a run, in kilobytes.
const MOST_MEMORY: u64 = 200 * 1024;

/// Bounds that end a run soon.
const LIMITS: &str = "[target]\nread-timeout = 1\nresponse-timeout = 4\ntotal-timeout = 60\nmax-pages = 5\nmax-redirects = 3\n";

/// Cases that read and search, few enough to be quick.
const CASES: [&str; 5] = [
    "r4.metadata*",
    "r4.Patient.read",
    "r4.Patient.read.{etag,content-type,head,same-content}",
    "r4.Coverage.{conforms,search.patient}",
    "r4.Coverage.search-type.{paging,searchset,full-url,search-mode,self-link}",
];

/// Cases of a run that signs in: the sign-in itself, and a read with the token.
const SIGN_IN_CASES: [&str; 4] =
    ["r4.Patient.read", "r4.Patient.conforms", "r4.Patient.read.{etag,content-type}", "r4.oauth.{id-token,state,pkce,token*}"];

/// What a run left.
struct Left {
    exit: Option<i32>,
    said: String,
    /// Name and text of each report.
    reports: Vec<(String, String)>,
    memory: u64,
}

/// How a run gets its token.
#[derive(Clone, Copy, PartialEq)]
enum Token {
    Given,
    SignIn,
}

/// Signs in by script, as a client with a secret.
fn settings() -> String {
    format!(
        "{LIMITS}[auth]\nclient-id = \"{}\"\nclient-secret-env = \"CLIENT_SECRET\"\n\
         scopes = [\"launch/patient\", \"openid\", \"offline_access\", \"patient/*.rs\"]\n\
         [[auth.form]]\nfields = {{ username = \"p1\", password = {{ env = \"PASSWORD\" }} }}\n",
        office::CLIENT
    )
}

fn run(places: &Places, attack: &Attack, token: Token) -> Left {
    let folder = tempfile::tempdir().unwrap();
    let settings = if token == Token::SignIn { settings() } else { LIMITS.to_owned() };
    fs::write(folder.path().join("payerspec.toml"), settings).unwrap();
    let out = folder.path().join("work/out");
    let mut command = Command::new(env!("CARGO_BIN_EXE_payerspec"));
    command.args(["run", "--guide", "hl7.fhir.r4.core#4.0.1", "--patient", "p1", "--show", "all", "--allow-inconclusive"]);
    command.arg("--target").arg(format!("{}/{}/fhir", places.own, attack.name)).arg("--config").arg(folder.path().join("payerspec.toml"));
    let cases: &[&str] = if token == Token::SignIn { &SIGN_IN_CASES } else { &CASES };
    cases.iter().for_each(|case| {
        command.args(["--only", case]);
    });
    command.arg("--out").arg(&out).env("NO_COLOR", "1").current_dir(folder.path());
    match token {
        Token::Given => command.env("PAYERSPEC_TOKEN", TOKEN),
        // What a server says is looked at where it is shown.
        Token::SignIn => command
            .args(["--show-member-data", "--no-browser"])
            .arg("--token-store")
            .arg(folder.path().join("work/tokens.json"))
            .env_remove("PAYERSPEC_TOKEN")
            .env("CLIENT_SECRET", office::CLIENT_SECRET)
            .env("PASSWORD", office::PASSWORD),
    };
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let watched = {
        let id = child.id();
        std::thread::spawn(move || peak(id))
    };
    let output = child.wait_with_output().unwrap();
    let memory = watched.join().unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    let mut reports = Vec::new();
    for entry in fs::read_dir(&out).unwrap() {
        let path = entry.unwrap().path();
        reports.push((path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(&path).unwrap()));
    }
    reports.sort();
    let store = folder.path().join("work/tokens.json");
    if store.exists() {
        assert!(!fs::read_to_string(&store).unwrap().contains("another-member"), "{}: another member's token was kept", attack.name);
        fs::remove_file(store).unwrap();
    }
    let around: Vec<_> = [folder.path(), &folder.path().join("work")]
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(around.len(), 3, "{}: the run wrote elsewhere: {around:?}", attack.name);
    Left { exit: output.status.code(), said, reports, memory }
}

/// The most memory that a process held, in kilobytes, by what the system says while it lives.
fn peak(id: u32) -> u64 {
    let mut most = 0;
    while let Some((name, held)) = fs::read_to_string(format!("/proc/{id}/status")).ok().and_then(|status| {
        let value = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).and_then(|line| line.split_whitespace().next());
        Some((value("Name:")?.to_owned(), value("VmHWM:")?.parse::<u64>().ok()?))
    }) {
        // Until it has become the program, it is this process's twin and holds what this one does.
        if name == "payerspec" {
            most = most.max(held);
        }
        std::thread::sleep(std::time::Duration::from_millis(3));
    }
    most
}

/// Everything that is wrong with how a run ended.
fn judge(attack: &Attack, left: &Left) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut expect = |holds: bool, what: String| {
        if !holds {
            wrong.push(format!("{}: {what}", attack.name))
        }
    };
    let report = |name: &str| left.reports.iter().find(|(known, _)| known == name).map_or("", |(_, text)| text.as_str());
    expect(
        left.exit == Some(attack.exit) || (attack.exit == -1 && matches!(left.exit, Some(0 | 1 | 3))),
        format!("exit {:?} in place of {}: {}", left.exit, attack.exit, tail(&left.said)),
    );
    expect(!left.said.contains("panicked"), format!("it panicked: {}", tail(&left.said)));
    let names: Vec<&str> = left.reports.iter().map(|(name, _)| name.as_str()).collect();
    expect(
        names
            == [
                "cpcds.csv",
                "events.ndjson",
                "evidence.har",
                "junit.xml",
                "report.html",
                "requirements.csv",
                "results.json",
                "summary.md",
                "testreport.json",
            ],
        format!("{names:?}"),
    );
    let least = u64::from(cfg!(target_os = "linux"));
    expect((least..MOST_MEMORY).contains(&left.memory), format!("{} kB of memory", left.memory));
    let results: Value = serde_json::from_str(report("results.json")).unwrap_or_default();
    if let Some((id, outcome)) = attack.case {
        let cases = results["cases"].as_array().cloned().unwrap_or_default();
        let found = cases.iter().find(|case| case["id"] == id);
        expect(
            found.is_some_and(|case| case["outcome"] == outcome),
            format!("{id} is no {outcome}, but {:?}", found.map(Value::to_string)),
        );
    }
    expect(
        left.said.contains(attack.says) || results.to_string().contains(attack.says),
        format!("nothing says {}: {}", attack.says, tail(&left.said)),
    );
    for (name, text) in left.reports.iter().map(|(name, text)| (name.as_str(), text)).chain([("terminal", &left.said)]) {
        expect(!text.contains(TOKEN), format!("{name} holds the token"));
        SECRETS.iter().for_each(|secret| expect(!text.contains(secret), format!("{name} holds {secret}")));
        let acts =
            text.chars().find(|c| (c.is_control() && *c != '\n') || (matches!(c, '\u{202a}'..='\u{202e}') && !name.contains("json")));
        expect(acts.is_none(), format!("{name} holds {acts:?}"));
    }
    // The page's own script is the only one, and its hash lets a browser run no other.
    let own = format!("<script>{}</script>", include_str!("../reports/report.js"));
    expect(report("report.html").contains(&own), "report.html lacks its script".to_owned());
    for name in ["report.html", "summary.md"] {
        let text = report(name).replacen(&own, "", 1).to_lowercase();
        for live in ["<script", "<img", "<iframe", "href=\"javascript"] {
            expect(!text.contains(live), format!("{name} holds {live}"));
        }
    }
    expect(!report("summary.md").contains("](javascript"), "summary.md holds a link".to_owned());
    let page = uppsala::parse(report("report.html").trim_start_matches("<!doctype html>").trim_start());
    expect(page.is_ok(), format!("report.html is no well-formed page: {:?}", page.err()));
    let junit = uppsala::parse(report("junit.xml"));
    expect(junit.is_ok(), format!("junit.xml is no XML: {:?}", junit.err()));
    expect(
        !left.said.lines().any(|line| line.starts_with("FAIL") || line.trim_start().starts_with("FAIL forged")),
        "a line is forged".to_owned(),
    );
    expect(!left.said.lines().any(|line| line.starts_with('=')), "a line is a formula".to_owned());
    expect(
        report("requirements.csv").lines().all(|line| !line.starts_with(['=', '+', '-', '@'])),
        "a line of the table is a formula".to_owned(),
    );
    expect(report("events.ndjson").lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "an event is no JSON".to_owned());
    wrong
}

fn tail(said: &str) -> String {
    let lines: Vec<&str> = said.lines().collect();
    lines[lines.len().saturating_sub(8)..].join("\n").chars().take(1500).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_attack_comes_to_nothing() {
    use futures_util::StreamExt;
    assert!(attacks::all().count() >= 60 && Path::new("/proc/self/status").exists());
    let server = Server::start(attacks::find).await;
    let of_sign_in = sign_in::SIGN_IN.iter().map(|attack| (attack, Token::SignIn));
    let runs = attacks::all().map(|attack| (attack, Token::Given)).chain(of_sign_in).map(|(attack, token)| {
        let places = server.places.clone();
        async move { tokio::task::spawn_blocking(move || judge(attack, &run(&places, attack, token))).await.unwrap() }
    });
    let wrong: Vec<String> = futures_util::stream::iter(runs).buffered(AT_ONCE).collect::<Vec<_>>().await.concat();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    let foreign = server.foreign_requests.lock().unwrap().clone();
    assert_eq!(foreign, Vec::<String>::new(), "another origin was asked");
}

/// Without being asked to, a run hides what the token endpoint says in words of its own.
#[tokio::test(flavor = "multi_thread")]
async fn words_of_the_authorization_server_are_hidden_unless_asked_for() {
    let server = Server::start(attacks::find).await;
    let attack = sign_in::SIGN_IN.iter().find(|attack| attack.name == "token-error-acts").unwrap();
    let places = server.places.clone();
    for (shown, more) in [(true, &["--show-member-data"][..]), (false, &[])] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("payerspec.toml"), settings()).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_payerspec"));
        command.args(["run", "--guide", "hl7.fhir.r4.core#4.0.1", "--no-browser"]).args(more);
        command
            .arg("--target")
            .arg(format!("{}/{}/fhir", places.own, attack.name))
            .arg("--config")
            .arg(folder.path().join("payerspec.toml"));
        command.arg("--token-store").arg(folder.path().join("tokens.json")).arg("--out").arg(folder.path().join("out"));
        command.env("NO_COLOR", "1").env("CLIENT_SECRET", office::CLIENT_SECRET).env("PASSWORD", office::PASSWORD);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        assert_eq!(output.status.code(), Some(3));
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        let results = fs::read_to_string(folder.path().join("out/results.json")).unwrap();
        let counted = serde_json::from_str::<Value>(&results).unwrap()["requests"].clone();
        assert_eq!(counted, 5, "two documents, two pages, and the token endpoint");
        for (name, text) in [("terminal", said), ("results.json", results)] {
            assert!(text.contains("the token endpoint refused: status 400"), "{name}: {text}");
            assert_eq!(text.contains("HYPERLINK"), shown, "{name}: {text}");
        }
    }
}

/// A package whose only entry would leave the folder that it is unpacked into.
fn climbing_package(path: &Path) {
    let mut archive = tar::Builder::new(flate2::write::GzEncoder::new(fs::File::create(path).unwrap(), flate2::Compression::fast()));
    let mut header = tar::Header::new_ustar();
    let name = b"package/../../../owned.json";
    header.as_old_mut().name[..name.len()].copy_from_slice(name);
    header.set_size(2);
    header.set_mode(0o644);
    header.set_cksum();
    archive.append(&header, &b"{}"[..]).unwrap();
    archive.into_inner().unwrap().finish().unwrap();
}

#[test]
fn hostile_files_are_errors_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let deep = format!("a = {}{}", "[".repeat(100_000), "]".repeat(100_000));
    let live = "[[known]]\ncase = \"\\u001b[2J<script>\"\ncheck = \"[\"\nbecause = \"x\"\n";
    climbing_package(&folder.path().join("climbing.tgz"));
    for (option, name, text) in [
        ("--suite", "deep.toml", deep.as_str()),
        ("--suite", "command.toml", "[[case]]\nid = \"x\"\nrun = \"rm -rf /\"\n"),
        ("--suite", "climbing.toml", "[[case]]\nid = \"../../x\"\nforeach = \"../../etc/passwd\"\n"),
        ("--baseline", "deep-baseline.toml", deep.as_str()),
        ("--baseline", "live.toml", live),
        ("--config", "deep-config.toml", deep.as_str()),
        ("--config", "file.toml", "[target]\nbase = \"file:///etc/passwd\"\n"),
        ("--package", "climbing.tgz", ""),
    ] {
        let path = folder.path().join(name);
        if !text.is_empty() {
            fs::write(&path, text).unwrap();
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_payerspec"));
        command.args(["run", "--offline", "--out"]).arg(folder.path().join("out")).arg(option).arg(&path).env("NO_COLOR", "1");
        if name != "file.toml" {
            command.args(["--target", "http://127.0.0.1:9/fhir"]);
        }
        let output = command.env_remove("PAYERSPEC_TOKEN").output().unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(output.status.code(), Some(2), "{name}: {said}");
        assert!(!said.contains("panicked") && !said.contains('\u{1b}'), "{name}: {said}");
        assert!(!folder.path().join("out").exists() && !folder.path().parent().unwrap().join("owned.json").exists(), "{name}");
    }
}
