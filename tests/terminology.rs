//! The terminology server's client, against a server in this process that answers, refuses and falls silent.

#![expect(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use payerspec::target::TerminologyServer;
use payerspec::validate::Terminology;

type Asked = Arc<AtomicUsize>;

async fn validate_code(State(asked): State<Asked>, uri: Uri) -> Response {
    asked.fetch_add(1, Ordering::SeqCst);
    let query: Vec<(String, String)> = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    let value = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default();
    let result = |truth: bool| {
        format!(r#"{{"resourceType":"Parameters","parameter":[{{"name":"result","valueBoolean":{truth}}}]}}"#).into_response()
    };
    match value("url").as_str() {
        "http://example.org/known" => result(value("code") == "good" && value("system") == "http://example.org/system"),
        "http://example.org/versioned" => result(value("valueSetVersion") == "2"),
        "http://example.org/broken" => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        _ => (StatusCode::NOT_FOUND, r#"{"resourceType":"OperationOutcome","issue":[]}"#).into_response(),
    }
}

/// A server on loopback, and how often it was asked.
fn server(runtime: &tokio::runtime::Runtime) -> (String, Asked) {
    let asked = Asked::default();
    let router = Router::new().route("/fhir/ValueSet/$validate-code", get(validate_code)).with_state(Arc::clone(&asked));
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let base = format!("http://{}/fhir", listener.local_addr().unwrap());
    runtime.spawn(async move { axum::serve(listener, router).await });
    (base, asked)
}

#[test]
fn answers_are_taken_and_remembered() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (base, asked) = server(&runtime);
    let server = TerminologyServer::new(&base).unwrap();
    let system = Some("http://example.org/system");
    for _ in 0..3 {
        assert_eq!(server.member_of("http://example.org/known", system, "good"), Some(true));
        assert_eq!(server.member_of("http://example.org/known", system, "bad"), Some(false));
        assert_eq!(server.member_of("http://example.org/unknown", system, "good"), None);
        assert_eq!(server.member_of("http://example.org/versioned|2", None, "x"), Some(true));
    }
    assert_eq!(asked.load(Ordering::SeqCst), 4);
    assert_eq!(server.problem(), None);
}

#[test]
fn a_server_that_fails_is_asked_no_more_and_never_an_error() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (base, asked) = server(&runtime);
    let server = TerminologyServer::new(&base).unwrap();
    for code in ["a", "b", "c", "d", "e"] {
        assert_eq!(server.member_of("http://example.org/broken", None, code), None);
    }
    assert_eq!(asked.load(Ordering::SeqCst), 3);
    assert!(server.problem().unwrap().contains("not asked any more"));
}

#[test]
fn a_server_that_is_not_there_leaves_codes_undecided() {
    let server = TerminologyServer::new("http://127.0.0.1:9/fhir").unwrap();
    assert_eq!(server.member_of("http://example.org/known", None, "good"), None);
    assert!(server.problem().unwrap().contains("127.0.0.1:9"));
    assert!(TerminologyServer::new("file:///etc").is_err());
}
