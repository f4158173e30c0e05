//! What servers and files say of themselves is read, whatever it is; and packages are downloaded without credentials.

use std::path::{Path, PathBuf};

use crate::server::{Act, Seen, Server, ok, response};
use payerspec::guide::Fetch;
use payerspec::target::{Discovery, Downloader, Target, TargetConfig, TargetOptions, declaration_from_bytes, declaration_from_file};

const STATEMENT: &str =
    r#"{"resourceType":"CapabilityStatement","fhirVersion":"4.0.1","rest":[{"mode":"server","resource":[{"type":"Patient"}]}]}"#;

fn shared(folder: &str) -> PathBuf {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")).join(folder);
    assert!(path.is_dir(), "{} is missing: these tests need the shared reference material", path.display());
    path
}

fn target(server: &Server) -> Target {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    std::fs::write(&path, "t0k3n").unwrap();
    let options = TargetOptions { base: Some(server.base()), token_file: Some(path), ..TargetOptions::default() };
    Target::new(TargetConfig::new(options).unwrap()).unwrap()
}

async fn discovered(answer: impl Fn(&Seen, usize) -> Vec<Act> + Send + Sync + 'static) -> (Discovery, Vec<Seen>) {
    let server = Server::start(answer).await;
    let discovery = target(&server).discover().await;
    (discovery, server.seen())
}

#[tokio::test]
async fn an_open_statement_is_read_without_credentials() {
    let (discovery, seen) = discovered(|_, _| ok(STATEMENT)).await;
    assert!(discovery.capability.unwrap().resources.contains_key("Patient"));
    assert_eq!((discovery.problem, discovery.needed_token), (None, false));
    assert_eq!((seen.len(), seen[0].line.as_str(), seen[0].header("authorization")), (1, "GET /fhir/metadata HTTP/1.1", None));
}

#[tokio::test]
async fn a_closed_statement_is_asked_for_with_the_token() {
    let (discovery, seen) =
        discovered(|seen, _| if seen.header("authorization").is_some() { ok(STATEMENT) } else { response("401 Unauthorized", &[], b"") })
            .await;
    assert!(discovery.needed_token && discovery.capability.is_some());
    assert_eq!((seen.len(), seen[1].header("authorization")), (2, Some("Bearer t0k3n")));
}

#[tokio::test]
async fn a_metadata_url_elsewhere_gets_no_token() {
    let elsewhere = Server::start(|_, _| response("403 Forbidden", &[], b"")).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    std::fs::write(&path, "t0k3n").unwrap();
    let options = TargetOptions {
        base: Some("http://payer.invalid/fhir".to_owned()),
        metadata_url: Some(format!("http://{}/provider/metadata", elsewhere.address)),
        token_file: Some(path),
        ..TargetOptions::default()
    };
    let discovery = Target::new(TargetConfig::new(options).unwrap()).unwrap().discover().await;
    assert_eq!(discovery.problem.as_deref(), Some("status 403 instead of a CapabilityStatement"));
    let seen = elsewhere.seen();
    assert_eq!((seen.len(), seen[0].line.as_str(), seen[0].header("authorization")), (1, "GET /provider/metadata HTTP/1.1", None));
}

#[tokio::test]
async fn what_is_no_statement_is_data_with_a_problem() {
    for (body, expected) in [
        (r#"{"resourceType":"Bundle","type":"searchset","total":0}"#, "resourceType `Bundle`"),
        (r#"{"detail":"Not Found"}"#, "without a resourceType"),
        ("<!DOCTYPE html><title>Login</title>", "application/fhir+json, not a FHIR resource"),
        ("", "nothing instead of"),
        ("{\"resourceType\":\"Capab", "ends too early"),
    ] {
        let (discovery, _) = discovered(move |_, _| ok(body)).await;
        assert!(discovery.statement.is_none() && discovery.capability.is_none());
        assert!(discovery.problem.as_deref().unwrap().contains(expected), "{:?}", discovery.problem);
        assert_eq!(discovery.exchange.status(), Some(200));
    }
    let (dead, _) = discovered(|_, _| vec![Act::Close]).await;
    assert!(dead.problem.unwrap().contains("broke off"));
}

#[tokio::test]
async fn a_statement_of_another_version_or_without_rest_is_kept_for_the_checks() {
    let (discovery, _) = discovered(|_, _| ok(r#"{"resourceType":"CapabilityStatement","fhirVersion":"5.0.0"}"#)).await;
    let capability = discovery.capability.unwrap();
    assert_eq!((capability.fhir_version.as_deref(), capability.has_server_rest, discovery.problem), (Some("5.0.0"), false, None));
}

#[test]
fn every_known_statement_is_read_from_its_file() {
    let mut read = Vec::new();
    for entry in std::fs::read_dir(shared("capability-statements")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".smart-configuration.json") {
            let error = declaration_from_file(&path).unwrap_err().to_string();
            assert!(error.contains("without a resourceType") && error.contains(&name), "{error}");
        } else if name.ends_with(".json") {
            let (_, capability) = declaration_from_file(&path).unwrap();
            read.push((name, capability.resources.len(), capability.has_server_rest));
        }
    }
    read.sort();
    let expected = [
        ("cms-blue-button-v2-2021.json", 3, true),
        ("cms-blue-button-v2-production-2026-08-14.json", 3, true),
        ("fhirsnake-1.1.0.json", 0, false),
        ("fhirstarter-example-4.2.0-r5.json", 2, true),
        ("inferno-reference-server-2026-08-14.json", 26, true),
        ("onyx-safhir-carin-bb-2021-06-24.json", 5, true),
        ("sekmet-fhir-0.1.1.json", 53, true),
    ];
    assert_eq!(read, expected.map(|(name, resources, has_rest)| (name.to_owned(), resources, has_rest)));
}

#[test]
fn a_file_that_is_no_statement_says_what_to_do() {
    let missing = declaration_from_file(Path::new("/nonexistent.json")).unwrap_err().to_string();
    assert!(missing.contains("check that it exists"), "{missing}");
    for bytes in [b"".as_slice(), b"\xff\xfe", b"[]", b"{\"resourceType\":\"Patient\"}"] {
        let error = declaration_from_bytes(bytes, Path::new("c.json")).unwrap_err().to_string();
        assert!(error.starts_with("c.json: ") && error.contains("GET [base]/metadata"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_is_downloaded_within_its_bound() {
    let server = Server::start(|seen, _| match seen.line.as_str() {
        "GET /fhir/package HTTP/1.1" => response("200 OK", &[], &[7; 1000]),
        "GET /fhir/moved HTTP/1.1" => response("302 Found", &[("location", "/fhir/package")], b""),
        "GET /fhir/loop HTTP/1.1" => response("302 Found", &[("location", "/fhir/loop")], b""),
        "GET /fhir/broken HTTP/1.1" => vec![Act::Close],
        _ => response("404 Not Found", &[], b""),
    })
    .await;
    let get = |path: &str, limit| Downloader.get(&format!("{}/{path}", server.base()), limit);
    assert_eq!(get("package", 1000).unwrap(), vec![7; 1000]);
    assert_eq!(get("moved", 1000).unwrap(), vec![7; 1000]);
    assert!(get("package", 999).unwrap_err().contains("larger than 999 bytes"));
    assert!(get("none", 1000).unwrap_err().contains("404"));
    assert!(get("loop", 1000).unwrap_err().contains("too many redirects"));
    assert!(get("broken", 1000).is_err());
    assert!(Downloader.get("file:///etc/passwd", 1000).unwrap_err().contains("neither http nor https"));
    assert!(server.seen().iter().all(|seen| seen.header("authorization").is_none()));
}
