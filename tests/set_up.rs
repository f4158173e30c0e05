//! Setting up: a configuration written from what an endpoint says, shell completions and manual pages.

#![expect(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use command::{payerspec, said};
use payerspec::target::ConfigFile;

#[path = "common/command.rs"]
mod command;

/// A server that answers `/metadata` with one text, `.well-known/smart-configuration` with another, and all else with 404, and ends with the test.
fn server(metadata: &str, configuration: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/fhir", listener.local_addr().unwrap());
    let (metadata, configuration) = (metadata.to_owned(), configuration.to_owned());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = BufReader::new(stream.try_clone().unwrap()).lines().map(Result::unwrap);
            let line = head.next().unwrap_or_default();
            assert!(head.take_while(|line| !line.is_empty()).all(|line| !line.to_ascii_lowercase().starts_with("authorization")));
            let (status, body) = match line.split(' ').nth(1).unwrap_or_default() {
                "/fhir/metadata" => ("200 OK", metadata.as_str()),
                "/fhir/.well-known/smart-configuration" => ("200 OK", configuration.as_str()),
                _ => ("404 Not Found", ""),
            };
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status}\r\nContent-Type: application/fhir+json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
            drop(stream.write_all(answer.as_bytes()));
        }
    });
    base
}

fn init(base: &str, path: &Path, more: &[&str]) -> Output {
    payerspec(&["init", "--target", base, "--config"]).arg(path).args(more).stdin(Stdio::null()).output().unwrap()
}

/// The file with every setting switched on that it holds as a comment.
fn switched_on(text: &str) -> String {
    let on = |line: &str| match line.strip_prefix('#') {
        Some(setting) if !setting.starts_with(' ') && !setting.is_empty() => format!("{setting}\n"),
        _ => format!("{line}\n"),
    };
    text.lines().map(on).collect()
}

const STATEMENT: &str = r#"{"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1", "software": {"name": "Payer Gateway", "version": "7"},
  "instantiates": ["http://hl7.org/fhir/us/carin-bb/CapabilityStatement/c4bb"],
  "implementationGuide": ["http://hl7.org/fhir/us/davinci-pdex/ImplementationGuide/hl7.fhir.us.davinci-pdex|2.0.0"],
  "rest": [{"mode": "server", "resource": [{"type": "ExplanationOfBenefit", "supportedProfile":
    ["http://hl7.org/fhir/us/carin-bb/StructureDefinition/C4BB-ExplanationOfBenefit-Pharmacy|2.1.0"]}]}]}"#;
const CONFIGURATION: &str = r#"{"authorization_endpoint": "https://login.payer.example/authorize", "token_endpoint": "https://login.payer.example/token",
  "scopes_supported": ["openid", "launch/patient", "patient/*.read", "user/*.read"], "capabilities": ["launch-standalone"]}"#;

#[test]
fn what_an_endpoint_says_becomes_its_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("payerspec.toml");
    let base = server(STATEMENT, CONFIGURATION);
    let output = init(&base, &path, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let text = fs::read_to_string(&path).unwrap();
    let file = ConfigFile::parse(&text, &path).unwrap();
    assert_eq!(file.target.base.as_deref(), Some(base.as_str()));
    assert_eq!(file.guides, ["hl7.fhir.us.carin-bb#2.1.0", "hl7.fhir.us.davinci-pdex#2.0.0"]);
    assert_eq!(file.auth, None);
    assert_eq!(file.facts.given(None), [""; 0]);
    for said in ["# Software: Payer Gateway 7\n", "# Resource types: ExplanationOfBenefit\n", "C4BB-ExplanationOfBenefit-Pharmacy|2.1.0\n"]
    {
        assert!(text.contains(said), "{text}\nlacks {said}");
    }
    let on = ConfigFile::parse(&switched_on(&text), &path).unwrap();
    assert_eq!(on.facts.given(None), ["claims", "documentation", "must-support", "replaced-by", "services-since"]);
    let auth = on.auth.unwrap();
    assert_eq!(auth.scopes, ["launch/patient", "openid", "patient/*.read"]);
    assert_eq!(auth.allow_origins, ["https://login.payer.example"]);
    assert_eq!(on.target.authorize_url.as_deref(), Some("https://login.payer.example/authorize"));
    assert_eq!(on.target.token_url.as_deref(), Some("https://login.payer.example/token"));

    let again = init(&base, &path, &[]);
    assert_eq!(again.status.code(), Some(2), "{}", said(&again));
    assert!(said(&again).contains("--force"), "{}", said(&again));
    fs::write(&path, "mine").unwrap();
    assert_eq!(init(&base, &path, &["--force"]).status.code(), Some(0));
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn what_a_hostile_endpoint_says_stays_in_comments_and_strings() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("payerspec.toml");
    let evil = r#"x\n[auth]\nclient-id = \"evil\"\r\u001b[2J\u2028token-file = \"/etc/passwd\"\"\"\"'''\\"#;
    let metadata = format!(
        r#"{{"resourceType": "CapabilityStatement", "fhirVersion": "{evil}", "publisher": "{evil}", "software": {{"name": "{evil}"}},
        "instantiates": ["{evil}", "http://hl7.org/fhir/us/carin-bb/CapabilityStatement/{evil}|{evil}"],
        "implementationGuide": ["https://a.example/ImplementationGuide/a.b|{evil}"],
        "rest": [{{"mode": "server", "resource": [{{"type": "{evil}", "profile": "{evil}"}}]}}]}}"#
    );
    let configuration = format!(
        r#"{{"authorization_endpoint": "{evil}", "token_endpoint": "https://{evil}/", "scopes_supported": ["{evil}"], "capabilities": ["{evil}", 5]}}"#
    );
    let base = server(&metadata, &configuration);
    let output = init(&base, &path, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.chars().any(|letter| letter.is_control() && letter != '\n'), "{text:?}");
    let file = ConfigFile::parse(&text, &path).unwrap();
    assert_eq!((file.auth, file.target.token_file, file.target.base), (None, None, Some(base)));
    assert_eq!(file.guides, ["hl7.fhir.us.carin-bb#2.0.0"]);
    let on = ConfigFile::parse(&switched_on(&text), &path).unwrap();
    assert_eq!(on.auth.unwrap().client_id.as_deref(), Some("my-app"));
    assert!(on.target.authorize_url.unwrap().starts_with("x\n[auth]"));
}

#[test]
fn without_an_endpoint_or_a_declaration_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("payerspec.toml");
    let nobody = payerspec(&["init", "--config"]).arg(&path).stdin(Stdio::null()).output().unwrap();
    assert_eq!((nobody.status.code(), said(&nobody).contains("--target")), (Some(2), true), "{}", said(&nobody));
    let other = init(&server(r#"{"resourceType": "Patient"}"#, "{}"), &path, &[]);
    assert_eq!((other.status.code(), said(&other).contains("Patient")), (Some(3), true), "{}", said(&other));
    assert!(!path.exists());
}

#[test]
fn guides_of_the_configuration_are_judged_by_unless_a_flag_names_others() {
    let folder = tempfile::tempdir().unwrap();
    let (path, statement) = (folder.path().join("payerspec.toml"), folder.path().join("statement.json"));
    fs::write(&statement, STATEMENT).unwrap();
    fs::write(&path, "guides = [\"hl7.fhir.us.core#6.1.0\"]\n[target]\nbase = \"https://payer.example\"\n").unwrap();
    let plan = |more: &[&str]| {
        let output = payerspec(&["plan", "--config"]).arg(&path).arg("--capability").arg(&statement).args(more).output().unwrap();
        (output.status.code(), said(&output))
    };
    let (code, text) = plan(&[]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("us-core.") && !text.contains("c4bb."), "{text}");
    let (_, text) = plan(&["--guide", "hl7.fhir.us.carin-bb#2.0.0"]);
    assert!(text.contains("c4bb.") && !text.contains("us-core."), "{text}");
    fs::write(&path, "guides = [\"core\"]\n").unwrap();
    let (code, text) = plan(&[]);
    assert_eq!((code, text.contains("guides in the configuration") && text.contains("core")), (Some(2), true), "{text}");
}

/// As with `--config <(…)` in a shell.
#[test]
#[cfg(unix)]
fn a_configuration_that_can_be_read_once_is_taken_whole() {
    let folder = tempfile::tempdir().unwrap();
    let statement = folder.path().join("statement.json");
    fs::write(&statement, STATEMENT).unwrap();
    let mut command = payerspec(&["plan", "--config", "/dev/stdin", "--capability"]);
    let mut child = command.arg(&statement).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let settings = "guides = ['hl7.fhir.us.core#6.1.0', 'hl7.fhir.us.carin-bb#2.0.0']\n[target]\nbase = 'https://payer.example'\n[[facts.claim]]\nnumber = 'A'\nreplaced-by = 'B'\n";
    child.stdin.take().unwrap().write_all(settings.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = said(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("us-core."), "the guides are those of the file: {text}");
    let case = |name: &str| text.lines().find(|line| line.contains(name)).unwrap();
    assert!(!case("c4bb.ExplanationOfBenefit.facts.replaced").contains("not applicable"), "the facts are those of the file: {text}");
    assert!(case("c4bb.ExplanationOfBenefit.facts.claims").contains("not applicable"), "{text}");
}

#[test]
fn bash_completes_commands_and_options() {
    let script = payerspec(&["completions", "bash"]).output().unwrap();
    assert_eq!(script.status.code(), Some(0));
    // As bash calls it when the tab key is pressed: with the program, the word at the cursor and the one before it.
    let ask = "\nfor words in 'payerspec pl' 'payerspec run --strict --bas'; do COMP_WORDS=($words); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _payerspec payerspec \"${COMP_WORDS[-1]}\" \"${COMP_WORDS[-2]}\"; echo \"${COMPREPLY[@]}\"; done";
    let mut bash =
        Command::new("bash").args(["--noprofile", "--norc", "-eu"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = bash.stdin.take().unwrap();
    input.write_all(&[&script.stdout[..], ask.as_bytes()].concat()).unwrap();
    drop(input);
    let mut text = String::new();
    bash.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert!(bash.wait().unwrap().success());
    assert_eq!(text, "plan\n--baseline\n");
    for shell in ["zsh", "fish", "powershell", "elvish"] {
        let output = payerspec(&["completions", shell]).output().unwrap();
        assert!(output.status.success() && said(&output).contains("allow-inconclusive"), "{shell}");
    }
}

#[test]
fn manual_pages_have_every_option_and_the_exit_codes() {
    for (words, expected) in
        [(&[][..], "payerspec\\-run(1)"), (&["run"], "\\-\\-allow\\-inconclusive"), (&["report", "diff"], "payerspec\\-report\\-diff")]
    {
        let output = payerspec(&[&["man"], words].concat()).output().unwrap();
        let page = said(&output);
        assert_eq!(output.status.code(), Some(0), "{page}");
        assert!(page.contains(expected) && page.contains(".SH \"EXIT STATUS\""), "{page}");
    }
    let unknown = payerspec(&["man", "plann"]).output().unwrap();
    assert_eq!((unknown.status.code(), said(&unknown).contains("did you mean plan?")), (Some(2), true), "{}", said(&unknown));
}
