//! Bad input and bad servers, tried on the built program: a plain message, the documented exit code, and the reports of what was measured.

#![expect(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use command::{payerspec, said};

#[path = "common/command.rs"]
mod command;

/// Exit code, and everything that was printed.
fn ended(output: &Output) -> (i32, String) {
    let text = said(output);
    (output.status.code().unwrap(), text)
}

fn run(arguments: &[&str]) -> (i32, String) {
    ended(&payerspec(arguments).output().unwrap())
}

/// A server that answers every request with the same bytes, until the test ends.
fn server(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/fhir", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = answer.clone();
            thread::spawn(move || serve(stream, &answer));
        }
    });
    base
}

fn serve(mut stream: TcpStream, answer: &[u8]) {
    let mut request = [0; 8192];
    if stream.read(&mut request).is_ok_and(|read| read > 0) {
        // A client that has seen enough closes early.
        drop(stream.write_all(answer));
    }
}

fn answer(headers: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n{headers}\r\n\r\n").into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

fn results(folder: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(folder.join("results.json")).unwrap()).unwrap()
}

#[test]
fn what_the_user_gave_wrong_ends_with_2_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let bad = folder.path().join("bad.toml");
    std::fs::write(&bad, "[target]\nbsae = 1\n").unwrap();
    let bad = bad.to_str().unwrap();
    let target = ["run", "--target", "http://127.0.0.1:9/fhir"];
    let tried: [(&[&str], &str); 13] = [
        (&["--targt", "x"], "--target"),
        (&["--guide", "no.such.guide#1.0.0", "--offline"], "no.such.guide#1.0.0"),
        (&["--guide", "no-version"], "no-version"),
        (&["--token-file", "/no/such/file"], "/no/such/file"),
        (&["--config", bad], "bsae"),
        (&["--capability", "/no/such/file"], "/no/such/file"),
        (&["--suite", "/no/such/suite"], "/no/such/suite"),
        (&["--baseline", "/no/such/file"], "/no/such/file"),
        (&["--attestations", "/no/such/file"], "/no/such/file"),
        (&["--out", "/proc/no/such/folder"], "/proc/no/such/folder"),
        (&["--as-of", "tomorrow"], "tomorrow"),
        (&["--only", "{"], "{"),
        (&["--partition", "5/4"], "5/4"),
    ];
    for (arguments, said) in tried {
        let (code, text) = run(&[&target[..], arguments].concat());
        assert_eq!(code, 2, "{arguments:?}: {text}");
        assert!(text.contains(said), "{arguments:?}: {text}");
    }
    let (code, text) = run(&["run", "--target", "ftp://payer.example"]);
    assert_eq!(code, 2, "{text}");
    let (code, text) = run(&["demo", "--fault", "no.such.fault"]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("no.such.fault") && text.contains("the families are") && text.contains("search"), "{text}");
    let (code, text) = run(&["demo", "--fault", "search.no-such"]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("search.ignores-service-date") && !text.contains("read.wrong-id"), "{text}");
}

#[test]
fn a_row_of_a_suite_s_own_can_be_attested_and_one_that_there_is_not_cannot() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let row = "[[requirement]]\nid = \"own@1\"\nverb = \"SHALL\"\ntext = \"It is.\"\n";
    let suite = |more: &str| format!("id = \"own\"\ntitle = \"Own\"\n{row}{more}");
    let said = |id: &str| format!("[[attestation]]\nrequirement = \"{id}\"\nstatement = \"It is.\"\nby = \"A\"\ndate = \"2026-11-01\"\n");
    let own = write("own.toml", &suite("needs-statement = \"that it is\"\n"));
    let run_with = |id: &str| {
        let attested = write("attested.toml", &said(id));
        run(&["run", "--target", "http://127.0.0.1:9/fhir", "--suite", &own, "--attestations", &attested])
    };
    let (code, text) = run_with("own@1");
    assert_eq!(code, 3, "the attestation is taken, and nobody answers: {text}");
    let (code, text) = run_with("own@2");
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("attested.toml, attestation for own@2: there is no such requirement; did you mean own@1?"), "{text}");
    let wrong = row.replace("own@1", "carin-bb-2.0.0@1").replace("SHALL", "MUST");
    let bad = write("bad.toml", &suite(&format!("{row}{wrong}verified-by = [\"a[\"]\n")));
    let (code, text) = run(&["lint", &bad]);
    assert_eq!(code, 2, "{text}");
    for mistake in [
        "bad.toml:4:7: nothing answers own@1",
        "bad.toml:8:7: the requirement own@1 is defined twice",
        "bad.toml:12:7: carin-bb-2.0.0@1 is of a list that the program has",
        "verb \"MUST\" is none of SHALL,",
        "\"a[\" is no pattern",
    ] {
        assert!(text.contains(mistake), "{mistake}: {text}");
    }
    let case =
        "[[case]]\nid = \"a\"\ntitle = \"A\"\nfor-each = \"once\"\nexpect = [\"http.status\"]\nrequirements = [\"carin-bb-2.0.0@1170\"]\n";
    let bad = write("case.toml", &format!("id = \"own\"\ntitle = \"Own\"\n{case}"));
    let (code, text) = run(&["lint", &bad]);
    assert_eq!(code, 2, "{text}");
    assert!(
        text.contains("case.toml:8:") && text.contains("there is no requirement carin-bb-2.0.0@1170; did you mean carin-bb-2.0.0@"),
        "{text}"
    );
}

#[test]
fn lint_tells_each_mistake_with_its_place_and_the_nearest_word() {
    let folder = tempfile::tempdir().unwrap();
    let suite = folder.path().join("my.toml");
    let text = "id = \"my\"\ntitle = \"Mine\"\n\n[[case]]\nid = \"complete\"\ntitle = \"Claims are complete\"\nfor-each = \"resource\"\n\
        resource = \"ExplanationOfBenefit\"\nlevel = \"SHALL\"\nassert = { on = \"ExplanationOfBenefit\", that = \"outcome = 'complete'\" }\n";
    std::fs::write(&suite, text).unwrap();
    let path = suite.to_str().unwrap();
    assert_eq!(run(&["lint", path]), (0, "my: Mine (1 cases)\n".to_owned()));
    let (code, plan) = run(&["plan", "--suite", path, "--capability", path]);
    assert_eq!(code, 2, "{plan}");
    let (code, explained) = run(&["explain", "my#complete", "--suite", path]);
    assert_eq!(code, 0, "{explained}");
    assert!(explained.contains("for each ExplanationOfBenefit: outcome = 'complete'"), "{explained}");
    std::fs::write(&suite, format!("{text}steps = [{{ get = \"{{tpye}}\" }}]\nexpect = [\"http.staus\"]\n")).unwrap();
    let (code, said) = run(&["lint", path]);
    assert_eq!(code, 2, "{said}");
    for mistake in [":11:19: unknown placeholder {tpye}; did you mean type?", ":12:12: unknown check http.staus; did you mean http.status?"]
    {
        assert!(said.contains(&format!("{path}{mistake}")), "{said}");
    }
    let forged =
        "as = [\"no-token\", \"altered-token\"]\nsteps = [{ get = \"{type}/{sample.id}\" }, { post = \"{type}\", body = \"copy\" }]\n";
    std::fs::write(&suite, format!("{text}{forged}")).unwrap();
    let (code, said) = run(&["lint", path]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("tell them apart with {as} in the id") && said.contains("only what reads is sent"), "{said}");
    std::fs::write(&suite, format!("{text}as = \"nobody\"\n")).unwrap();
    let (code, said) = run(&["lint", path]);
    assert!(code == 2 && said.contains("unknown variant `nobody`"), "{said}");
    std::fs::write(&suite, text.replace("level", "levle")).unwrap();
    let (code, said) = run(&["lint", path]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("line 9, column 1") && said.contains("did you mean level?"), "{said}");
    let (code, said) = run(&["explain", "search.precison"]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("did you mean search.precision?"), "{said}");
}

#[test]
fn a_dead_host_and_a_failed_tls_handshake_are_not_measured_but_reported() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (code, text) = run(&["run", "--target", &format!("http://{free}/fhir"), "--out", out]);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("NOT MEASURED") && text.contains("connection refused"), "{text}");
    assert_eq!(results(folder.path())["verdict"], "not-measured");
    let plain = server(answer("content-length: 2", b"{}")).replace("http://", "https://");
    let (code, text) = run(&["run", "--target", &plain]);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("NOT MEASURED"), "{text}");
}

#[test]
fn html_in_place_of_json_is_a_finding() {
    let folder = tempfile::tempdir().unwrap();
    let body = b"<html><body>Please sign in</body></html>";
    let base = server(answer(&format!("content-type: text/html\r\ncontent-length: {}", body.len()), body));
    let (code, text) = run(&["run", "--target", &base, "--patient", "1", "--out", folder.path().to_str().unwrap()]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("r4.metadata.capability-statement"), "{text}");
    assert!(results(folder.path())["tally"]["fail"].as_u64().unwrap() > 0);
}

#[test]
fn a_truncated_and_a_bombed_body_are_not_measured() {
    let cut = server(answer("content-type: application/fhir+json\r\ncontent-length: 5000", b"{\"resourceType\": \"Capab"));
    let (code, text) = run(&["run", "--target", &cut]);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("broke off"), "{text}");
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let block = vec![b' '; 1024 * 1024];
    for _ in 0..80 {
        bomb.write_all(&block).unwrap();
    }
    let bomb = bomb.finish().unwrap();
    let headers = format!("content-type: application/fhir+json\r\ncontent-encoding: gzip\r\ncontent-length: {}", bomb.len());
    let (code, text) = run(&["run", "--target", &server(answer(&headers, &bomb))]);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("larger than"), "{text}");
}

#[test]
fn another_version_of_fhir_fails_its_case_and_is_not_measured() {
    let folder = tempfile::tempdir().unwrap();
    let body = br#"{"resourceType":"CapabilityStatement","status":"active","date":"2026","kind":"instance","fhirVersion":"5.0.0","format":["json"],"rest":[{"mode":"server","resource":[{"type":"Patient"}]}]}"#;
    let base = server(answer(&format!("content-type: application/fhir+json\r\ncontent-length: {}", body.len()), body));
    let (code, text) = run(&["run", "--target", &base, "--out", folder.path().to_str().unwrap()]);
    assert_eq!(code, 3, "{text}");
    let results = results(folder.path());
    let version = results["cases"].as_array().unwrap().iter().find(|case| case["id"] == "r4.metadata.fhir-version").unwrap();
    assert_eq!(version["outcome"], "fail");
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_leaves_the_reports_of_what_was_measured() {
    let folder = tempfile::tempdir().unwrap();
    let stalls = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/fhir", stalls.local_addr().unwrap());
    let statement = br#"{"resourceType":"CapabilityStatement","status":"active","date":"2026","kind":"instance","fhirVersion":"4.0.1","format":["json"],"rest":[{"mode":"server","resource":[{"type":"Patient","interaction":[{"code":"read"}]}]}]}"#;
    let metadata = answer(&format!("content-type: application/fhir+json\r\ncontent-length: {}", statement.len()), statement);
    let (harvesting, harvests) = std::sync::mpsc::channel();
    thread::spawn(move || {
        // The declaration is answered; everything after it is left waiting, its connection open.
        let mut open = Vec::new();
        for (number, stream) in stalls.incoming().flatten().enumerate() {
            if number == 0 {
                serve(stream, &metadata);
            } else {
                open.push(stream);
                harvesting.send(()).unwrap();
            }
        }
    });
    let arguments = ["run", "--target", &base, "--patient", "1", "--out", folder.path().to_str().unwrap()];
    let child = payerspec(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    harvests.recv_timeout(Duration::from_secs(60)).unwrap();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let (code, text) = ended(&child.wait_with_output().unwrap());
    assert_eq!(code, 3, "{text}");
    let results = results(folder.path());
    assert_eq!(results["stop"], "interrupted");
    assert!(!results["cases"].as_array().unwrap().is_empty());
}
