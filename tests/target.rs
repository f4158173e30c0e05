//! The target against servers that misbehave: every kind of trouble ends in an exchange that says so, and no token strays.
#![expect(clippy::unwrap_used, reason = "a test may stop at what it does not expect")]

#[path = "target/server.rs"]
mod server;
#[path = "target/discovery.rs"]
mod discovery;
#[path = "target/tls.rs"]
mod tls;

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use payerspec::check::exchange::{Body, Exchange, Identity, Method, Payload, Request, SendError};
use payerspec::target::{Secret, Target, TargetConfig, TargetOptions};
use tokio::sync::Barrier;

use server::{Act, Server, ok, raw, response};

const PATIENT: &str = r#"{"resourceType":"Patient","id":"1"}"#;
const TOKEN: &str = "t0k3n-that-must-not-leak";

fn options(base: &str) -> TargetOptions {
    TargetOptions { base: Some(base.to_owned()), ..TargetOptions::default() }
}

fn target(options: TargetOptions) -> Target {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    std::fs::write(&path, TOKEN).unwrap();
    Target::new(TargetConfig::new(TargetOptions { token_file: Some(path), ..options }).unwrap()).unwrap()
}

fn post(path: &str) -> Request {
    let fields = vec![("patient".to_owned(), "Patient/1".to_owned()), ("type".to_owned(), "a|b c".to_owned())];
    Request { method: Method::Post, payload: Some(Payload::Form(fields)), ..Request::get(path) }
}

/// Sends one GET to a server with this behaviour and small bounds.
async fn sent(answer: impl Fn(usize) -> Vec<Act> + Send + Sync + 'static) -> Exchange {
    let server = Server::start(move |_, index| answer(index)).await;
    let bounds = TargetOptions {
        read_timeout: Some(0.3),
        response_timeout: Some(1.0),
        max_response_bytes: Some(100_000),
        ..options(&server.base())
    };
    let exchange = target(bounds).send(&Request::get("Patient/1")).await;
    assert!(!format!("{exchange:?}").contains(TOKEN));
    assert_eq!(exchange.attempts as usize, server.seen().len());
    assert_eq!(exchange.attempts as usize, exchange.retries.len() + 1);
    exchange
}

/// Sends one GET to a server of each behaviour, all at the same time.
async fn each<const N: usize>(cases: [(&'static str, Vec<Act>); N], judge: impl Fn(&str, Exchange)) {
    let sent = cases.map(|(what, acts)| async move { (what, sent(move |_| acts.clone()).await) });
    for (what, exchange) in futures_util::future::join_all(sent).await {
        judge(what, exchange);
    }
}

fn is_broken(exchange: &Exchange) -> bool {
    matches!(exchange.result, Err(SendError::Broken(_)))
}

#[tokio::test]
async fn a_request_carries_the_default_headers_and_the_token() {
    let server = Server::start(|_, _| ok(PATIENT)).await;
    let target = target(options(&server.base()));
    let exchange = target.send(&Request::get("Patient/1").query("_format", "json")).await;
    assert_eq!(exchange.resource().unwrap()["id"], "1");
    assert_eq!((exchange.status(), exchange.attempts, target.requests()), (Some(200), 1, 1));
    assert_eq!(exchange.url, format!("{}/Patient/1?_format=json", server.base()));
    let anonymous = Request { identity: Identity::Anonymous, ..Request::get("Patient/1") };
    target.send(&anonymous).await;
    target.send(&post("Patient/_search")).await;
    target.send(&Request::get("Patient/1").header("Accept", "text/html")).await;
    let seen = server.seen();
    assert_eq!(seen[0].line, "GET /fhir/Patient/1?_format=json HTTP/1.1");
    assert_eq!(seen[0].header("accept"), Some("application/fhir+json"));
    assert_eq!(seen[0].header("content-type"), None);
    assert_eq!(seen[0].header("authorization"), Some(format!("Bearer {TOKEN}").as_str()));
    assert_eq!(seen[0].header("user-agent"), Some(concat!("payerspec/", env!("CARGO_PKG_VERSION"))));
    assert_eq!(seen[1].header("authorization"), None);
    assert_eq!(seen[2].header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(seen[2].body, "patient=Patient/1&type=a%7Cb%20c");
    assert_eq!(seen[3].header("accept"), Some("text/html"));
    let in_query = target.send(&Request { identity: Identity::TokenInQuery, ..Request::get("Patient/1").query("_format", "json") }).await;
    assert_eq!(server.seen()[4].line, format!("GET /fhir/Patient/1?_format=json&access_token={TOKEN} HTTP/1.1"));
    assert_eq!(server.seen()[4].header("authorization"), None);
    assert!(in_query.url.ends_with("access_token=***") && !format!("{in_query:?}").contains(TOKEN), "{in_query:?}");
    let elsewhere = Request { identity: Identity::TokenInQuery, ..Request::get("http://127.0.0.2:9/fhir") };
    assert!(!format!("{:?}", target.send(&elsewhere).await).contains("access_token"));
}

#[tokio::test]
async fn configured_media_types_and_headers_go_with_every_request() {
    let server = Server::start(|_, _| ok(PATIENT)).await;
    let target = target(TargetOptions {
        accept: Some("application/json".to_owned()),
        content_type: Some("application/json".to_owned()),
        headers: BTreeMap::from([("X-Tenant".to_owned(), Secret::new("north"))]),
        ..options(&server.base())
    });
    let exchange = target.send(&Request::get("Patient/1")).await;
    let seen = server.seen();
    assert_eq!((seen[0].header("accept"), seen[0].header("content-type")), (Some("application/json"), Some("application/json")));
    assert_eq!(seen[0].header("x-tenant"), Some("north"));
    assert!(!format!("{target:?}{exchange:?}").contains("north"));
    assert!(!format!("{target:?}").contains(TOKEN));
}

#[tokio::test]
async fn no_credentials_reach_another_origin() {
    let other = Server::start(|_, _| ok(PATIENT)).await;
    let link = format!("{}/page2?access_token=s3cr3t", other.base());
    let location = link.clone();
    let server = Server::start(move |_, _| response("302 Found", &[("location", &location), ("set-cookie", "sid=s3cr3t")], b"")).await;
    let target = target(TargetOptions {
        headers: BTreeMap::from([("X-Api-Key".to_owned(), Secret::new("k3y"))]),
        allow_origins: vec![other.base()],
        ..options(&server.base())
    });
    let redirected = target.send(&Request::get("Patient/1").header("Authorization", "Bearer own").header("Cookie", "sid=1")).await;
    let linked = target.send(&Request::get(link.clone())).await;
    assert_eq!((redirected.status(), linked.status()), (Some(200), Some(200)));
    assert_eq!(server.seen()[0].header("x-api-key"), Some("k3y"));
    for seen in other.seen() {
        for name in ["authorization", "x-api-key", "cookie"] {
            assert_eq!(seen.header(name), None, "{seen:?}");
        }
    }
    assert_eq!(other.seen().len(), 2);
    let told: Vec<String> = redirected.retries.iter().map(ToString::to_string).collect();
    assert_eq!(told, [format!("followed 302 to {}/page2?access_token=***, without credentials", other.base())]);
    assert!(!format!("{redirected:?}{linked:?}").contains("s3cr3t"));
    assert!(!target.trusts(&link) && target.trusts(&server.base()));
}

#[tokio::test]
async fn no_server_leads_into_a_private_network() {
    let other = Server::start(|_, _| ok(PATIENT)).await;
    let location = other.base();
    let server = Server::start(move |_, _| response("302 Found", &[("location", &location)], b"")).await;
    let target = target(options(&server.base()));
    for request in [Request::get("Patient/1"), Request::get(other.base()), Request::get("http://169.254.169.254/latest")] {
        let error = target.send(&request).await.result.unwrap_err().to_string();
        assert!(error.contains("private network") && error.contains("--allow-origin"), "{error}");
    }
    assert_eq!((server.seen().len(), other.seen().len()), (1, 0));
}

#[tokio::test]
async fn redirects_are_followed_within_bounds() {
    let follow = |location: &'static str| {
        sent(move |index| if index == 0 { response("307 Temporary Redirect", &[("location", location)], b"") } else { ok(PATIENT) })
    };
    let same = follow("/fhir/Patient/2").await;
    assert_eq!((same.status(), same.attempts), (Some(200), 2));
    assert!(follow("/fhir/Patient/1").await.result.unwrap_err().to_string().contains("circle"));
    for refused in ["file:///etc/passwd", "http://user:pw@127.0.0.1/", "http://["] {
        assert!(matches!(follow(refused).await.result, Err(SendError::Redirect(_))), "{refused}");
    }
    let endless = sent(|index| response("301 Moved", &[("location", &format!("/fhir/{index}"))], b"")).await;
    let refused = format!("redirect not followed: more than 5 in a row, the next to {}", endless_next(&endless.url));
    assert_eq!(endless.result.unwrap_err().to_string(), refused);
    assert_eq!(endless.attempts, 6);
    let without = sent(|_| response("304 Not Modified", &[], b"")).await;
    assert_eq!(without.status(), Some(304));
}

fn endless_next(first: &str) -> String {
    first.replace("/fhir/Patient/1", "/fhir/5")
}

#[tokio::test]
async fn a_post_is_neither_redirected_nor_sent_again() {
    let server =
        Server::start(|_, index| if index == 0 { response("302 Found", &[("location", "/x")], b"") } else { vec![Act::Reset] }).await;
    let target = target(options(&server.base()));
    assert_eq!(target.send(&post("Patient/_search")).await.status(), Some(302));
    let broken = target.send(&post("Patient/_search")).await;
    assert_eq!((is_broken(&broken), broken.attempts, server.seen().len()), (true, 1, 2));
}

#[tokio::test]
async fn a_reset_after_a_500_does_not_harm_the_next_request() {
    let server = Server::start(|_, index| {
        if index == 0 {
            let mut acts = response("500 Internal Server Error", &[("content-type", "text/plain")], b"Internal Server Error");
            acts.push(Act::Reset);
            acts
        } else {
            ok(PATIENT)
        }
    })
    .await;
    let target = target(options(&server.base()));
    let first = target.send(&Request::get("Foo")).await;
    assert_eq!(first.status(), Some(500));
    assert_eq!(first.response().unwrap().body, Body::Unreadable("text/plain, not a FHIR resource".to_owned()));
    assert_eq!(target.send(&Request::get("Patient/1")).await.status(), Some(200));
}

#[tokio::test]
async fn a_broken_connection_is_tried_twice_again_and_recorded() {
    let healed = sent(|index| if index < 2 { vec![Act::Reset] } else { ok(PATIENT) }).await;
    assert_eq!((healed.status(), healed.attempts), (Some(200), 3));
    assert!(healed.retries[0].starts_with("the response broke off"), "{:?}", healed.retries);
    let cases = [
        ("reset", vec![Act::Reset]),
        ("closed", vec![Act::Close]),
        ("shorter than announced", raw("HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n{", Act::Close)),
        ("truncated chunks", raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"a\":", Act::Close)),
        ("reset in the body", raw("HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n{", Act::Reset)),
        ("not HTTP", raw("SSH-2.0-OpenSSH_9.2p1\r\n", Act::Close)),
        ("false gzip", raw("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5\r\n\r\nplain", Act::Close)),
        ("huge header", raw(&format!("HTTP/1.1 200 OK\r\nx: {}\r\ncontent-length: 0\r\n\r\n", "y".repeat(2_000_000)), Act::Close)),
    ];
    each(cases, |what, exchange| {
        assert!(is_broken(&exchange), "{what}: {exchange:?}");
        assert_eq!(exchange.attempts, 3, "{what}");
    })
    .await;
}

#[tokio::test]
async fn what_does_not_come_in_time_is_given_up_and_not_asked_again() {
    let cases = [
        ("nothing", vec![Act::Stall]),
        ("half a head", raw("HTTP/1.1 200 OK\r\n", Act::Stall)),
        ("half a body", raw("HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{", Act::Stall)),
        ("a body in drips", raw("HTTP/1.1 200 OK\r\ncontent-length: 50000\r\n\r\n{", Act::Drip)),
    ];
    each(cases, |what, exchange| {
        assert_eq!((exchange.result.unwrap_err(), exchange.attempts), (SendError::Timeout { seconds: 1 }, 1), "{what}");
    })
    .await;
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_body_is_bounded_by_its_decoded_size() {
    let header = [("content-encoding", "gzip"), ("content-type", "application/json")];
    let decoded = sent(move |_| response("200 OK", &header, &gzip(PATIENT.as_bytes()))).await;
    assert_eq!(decoded.response().unwrap().bytes, PATIENT.as_bytes());
    let bomb = gzip(&vec![b' '; 50_000_000]);
    assert!(bomb.len() < 100_000);
    let bombed = sent(move |_| response("200 OK", &header, &bomb)).await;
    let plain = sent(|_| response("200 OK", &[], &vec![b' '; 100_001])).await;
    let unannounced = sent(|_| raw(&format!("HTTP/1.1 200 OK\r\n\r\n{}", " ".repeat(100_001)), Act::Close)).await;
    let lying = sent(|_| raw("HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551615\r\n\r\n{", Act::Stall)).await;
    for exchange in [bombed, plain, unannounced] {
        assert_eq!((exchange.result.unwrap_err(), exchange.attempts), (SendError::TooLarge { limit: 100_000 }, 1));
    }
    assert!(lying.result.is_err());
    let exact = sent(|_| response("200 OK", &[], &vec![b' '; 100_000])).await;
    assert_eq!(exact.response().unwrap().bytes.len(), 100_000);
}

#[tokio::test]
async fn a_body_of_megabytes_comes_whole_whatever_it_announced() {
    let body: String = (0..300_000).map(|number| format!("{number:010}")).collect();
    let whole = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let half = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", 2 * body.len());
    let server = Server::start(move |seen, _| raw(if seen.line.contains("whole") { &whole } else { &half }, Act::Close)).await;
    let target = target(options(&server.base()));
    let exchange = target.send(&Request::get("Patient/whole")).await;
    assert!(exchange.response().unwrap().bytes == body.as_bytes());
    assert!(is_broken(&target.send(&Request::get("Patient/half")).await));
}

#[tokio::test]
async fn retry_after_is_obeyed_within_bounds() {
    let busy = |status: &'static str, after: &'static str| response(status, &[("retry-after", after)], b"");
    let soon = sent(move |index| if index == 0 { busy("429 Too Many Requests", "0") } else { ok(PATIENT) }).await;
    assert_eq!((soon.status(), soon.retries.clone()), (Some(200), vec!["429 asked to wait 0 s".into()]));
    let dated =
        sent(move |index| if index == 0 { busy("503 Service Unavailable", "Sun, 06 Nov 1994 08:49:37 GMT") } else { ok(PATIENT) }).await;
    assert_eq!((dated.status(), dated.attempts), (Some(200), 2));
    let endless = sent(move |_| busy("429 Too Many Requests", "0")).await;
    assert_eq!((endless.status(), endless.attempts), (Some(429), 6));
    for after in ["3600", "99999999999999999999999999", "soon"] {
        let late = sent(move |_| busy("503 Service Unavailable", after)).await;
        assert_eq!((late.status(), late.attempts), (Some(503), 1), "{after}");
    }
    let server = Server::start(move |_, index| if index == 0 { busy("503 Service Unavailable", "0") } else { ok(PATIENT) }).await;
    assert_eq!(target(options(&server.base())).send(&post("Patient/_search")).await.attempts, 2);
}

#[tokio::test]
async fn a_body_after_head_and_bytes_too_many_harm_nothing() {
    let server = Server::start(|seen, _| {
        let body = if seen.line.contains("/more") { format!("{PATIENT}HTTP/1.1 999 left over") } else { PATIENT.to_owned() };
        raw(&format!("HTTP/1.1 200 OK\r\netag: W/\"1\"\r\ncontent-length: {}\r\n\r\n{body}", PATIENT.len()), Act::Send(Vec::new()))
    })
    .await;
    let target = target(options(&server.base()));
    let head = Request { method: Method::Head, ..Request::get("Patient/1") };
    for _ in 0..3 {
        let exchange = target.send(&head).await;
        assert_eq!((exchange.response().unwrap().header("etag"), &exchange.response().unwrap().body), (Some("W/\"1\""), &Body::Empty));
        for path in ["Patient/1", "more"] {
            assert_eq!(target.send(&Request::get(path)).await.resource().unwrap()["id"], "1");
        }
    }
}

#[tokio::test]
async fn what_is_not_fhir_is_kept_with_the_reason() {
    let html = sent(|_| response("200 OK", &[("content-type", "text/html")], b"<html><body>Jane Doe</body></html>")).await;
    let latin = sent(|_| response("200 OK", &[("content-type", "application/fhir+json")], b"{\"family\":\"Mu\xF1oz\"}")).await;
    for (exchange, expected) in [(html, "text/html, not a FHIR resource"), (latin, "JSON that is not UTF-8")] {
        let Body::Unreadable(reason) = &exchange.response().unwrap().body else { panic!("{exchange:?}") };
        assert!(reason.starts_with(expected), "{reason}");
    }
    let strange = sent(|_| response("299 Weird \u{1}", &[("x-bytes", "caf\u{e9}")], b"")).await;
    assert!(strange.response().is_some() || is_broken(&strange));
}

#[tokio::test]
async fn a_host_that_cannot_be_reached_is_named_with_the_reason() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let plain = Server::deaf(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let silent = Server::deaf(b"").await;
    for (base, expected) in [
        (format!("http://{free}/fhir"), "connection refused"),
        ("http://payer.invalid/fhir".to_owned(), "does not resolve"),
        (format!("https://{}/fhir", plain.address), "TLS failed"),
        (format!("https://{}/fhir", silent.address), "no connection within 1 s"),
    ] {
        let exchange = target(TargetOptions { connect_timeout: Some(1.0), ..options(&base) }).send(&Request::get("metadata")).await;
        let Err(SendError::Connect { origin, reason }) = &exchange.result else { panic!("{base}: {exchange:?}") };
        assert!(base.starts_with(origin.as_str()) && reason.contains(expected), "{base}: {reason}");
    }
}

#[tokio::test]
async fn a_url_that_cannot_be_built_is_not_sent() {
    let server = Server::start(|_, _| ok(PATIENT)).await;
    let target = target(options(&server.base()));
    for request in [
        Request::get("file:///etc/passwd"),
        Request::get("https://[bad"),
        Request::get("Patient").header("bad name", "x"),
        Request::get("Patient").header("x", "a\nb"),
    ] {
        let exchange = target.send(&request).await;
        assert!(matches!(exchange.result, Err(SendError::Url(_))) && exchange.attempts == 0, "{exchange:?}");
    }
    assert_eq!((target.requests(), server.seen().len()), (0, 0));
}

#[tokio::test]
async fn cancelling_ends_pending_and_later_requests() {
    let server = Server::start(|_, _| vec![Act::Stall]).await;
    let target = Arc::new(target(TargetOptions { concurrency: Some(1), ..options(&server.base()) }));
    let send = |path: &'static str| {
        tokio::spawn({
            let target = Arc::clone(&target);
            async move { target.fetch(&Request::get(path)).await }
        })
    };
    let pending = [send("a"), send("a"), send("b")];
    server.received(1).await;
    target.cancel();
    for task in pending {
        assert_eq!(task.await.unwrap().result.as_ref().unwrap_err(), &SendError::Cancelled);
    }
    let later = target.send(&Request::get("c")).await;
    assert_eq!((later.result.unwrap_err(), later.attempts, server.seen().len()), (SendError::Cancelled, 0, 1));
    assert!(target.is_cancelled() && !target.is_time_up());
}

#[tokio::test]
async fn the_run_s_total_time_ends_requests() {
    let server = Server::start(|_, _| vec![Act::Stall]).await;
    let target = target(TargetOptions { total_timeout: Some(0.2), ..options(&server.base()) });
    assert_eq!(target.send(&Request::get("a")).await.result.unwrap_err(), SendError::Cancelled);
    assert!(target.is_time_up() && !target.is_cancelled());
}

#[tokio::test]
async fn no_more_requests_run_at_once_than_allowed() {
    let (open, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let two = Arc::new(Barrier::new(2));
    let (entered, highest) = (Arc::clone(&open), Arc::clone(&most));
    let server = Server::start(move |_, _| {
        highest.fetch_max(entered.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        let mut acts = vec![Act::Meet(Arc::clone(&two)), Act::Decrement(Arc::clone(&entered))];
        acts.extend(ok(PATIENT));
        acts
    })
    .await;
    let target = Arc::new(target(TargetOptions { concurrency: Some(2), ..options(&server.base()) }));
    let tasks = (0..6).map(|index| {
        let target = Arc::clone(&target);
        tokio::spawn(async move { target.send(&Request::get(format!("Patient/{index}"))).await.status() })
    });
    for task in tasks.collect::<Vec<_>>() {
        assert_eq!(task.await.unwrap(), Some(200));
    }
    assert_eq!((most.load(Ordering::SeqCst), open.load(Ordering::SeqCst), target.requests()), (2, 0, 6));
}

#[tokio::test]
async fn equal_gets_are_sent_once_and_answers_survive_being_packed() {
    let server = Server::start(|seen, index| {
        ok(&format!(r#"{{"resourceType":"Patient","id":"{index}","text":"{}{}"}}"#, seen.line, "x".repeat(1_000_000)))
    })
    .await;
    let target = Arc::new(target(options(&server.base())));
    let request = Request::get("Patient").query("_id", "0");
    let tasks = (0..8).map(|_| {
        let (target, request) = (Arc::clone(&target), request.clone());
        tokio::spawn(async move { target.fetch(&request).await })
    });
    let mut first = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        first.push(task.await.unwrap());
    }
    assert!(first.iter().all(|exchange| Arc::ptr_eq(exchange, &first[0])));
    assert_eq!(server.seen().len(), 1);
    for index in 1..9 {
        target.fetch(&Request::get("Patient").query("_id", index.to_string())).await;
    }
    assert!(Arc::ptr_eq(&target.fetch(&request).await, &first[0]), "an answer that is held is shared");
    let (bytes, value) = (first[0].response().unwrap().bytes.clone(), first[0].resource().unwrap().clone());
    let started = first[0].started.clone();
    drop(first);
    let again = target.fetch(&request).await;
    assert_eq!((&again.response().unwrap().bytes, again.resource().unwrap(), &again.started), (&bytes, &value, &started));
    assert_eq!((server.seen().len(), target.requests()), (9, 9));
}

#[tokio::test]
async fn failures_are_kept_and_other_methods_are_not() {
    let server = Server::start(|seen, _| if seen.line.starts_with("GET") { vec![Act::Close] } else { ok(PATIENT) }).await;
    let target = target(options(&server.base()));
    for _ in 0..2 {
        assert!(is_broken(&*target.fetch(&Request::get("Patient/1")).await));
        assert_eq!(target.fetch(&post("Patient/_search")).await.status(), Some(200));
    }
    assert_eq!(server.seen().len(), 3 + 2);
}
