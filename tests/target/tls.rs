//! Certificates: one of an unknown authority is refused in plain words, and accepted when `ca-file` names the authority.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;

use payerspec::check::exchange::{Request, SendError};
use payerspec::check::transport::{Hello, Transport};
use payerspec::check::{About, Binding, Counts, Declared, Rights, Samples, Subject, Verdicts, find};
use payerspec::guide::{Catalogue, GuideId, Sources};
use payerspec::target::{Target, TargetConfig, TargetOptions};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, Stream, SupportedProtocolVersion};

/// What is answered to a request by plain http: a head, by the request's head and the server's address; nothing when it hangs up.
type Plain = fn(&str, SocketAddr) -> Option<String>;

/// Serves one resource to everyone under a certificate for `name`, and speaks nothing but TLS.
fn serve(name: &str) -> (SocketAddr, String) {
    serve_beside(name, rustls::DEFAULT_VERSIONS, |_, _| None)
}

/// Serves one resource by https in some versions of TLS, and something by plain http on the same port; gives the address and the
/// authority's certificate as PEM.
fn serve_beside(name: &str, versions: &[&'static SupportedProtocolVersion], plain: Plain) -> (SocketAddr, String) {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.unwrap();
            let mut first = [0];
            if socket.peek(&mut first).is_ok() && first != [22] {
                let mut head = [0; 4096];
                let read = socket.read(&mut head).unwrap_or_default();
                if let Some(answer) = plain(std::str::from_utf8(&head[..read]).unwrap(), address) {
                    let body = if answer.starts_with("200") { r#"{"resourceType":"Patient"}"# } else { "" };
                    let length = format!("connection: close\r\ncontent-length: {}", body.len());
                    socket.write_all(format!("HTTP/1.1 {answer}\r\n{length}\r\n\r\n{body}").as_bytes()).unwrap();
                }
                continue;
            }
            let mut connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = Stream::new(&mut connection, &mut socket);
            let mut head = [0; 4096];
            if stream.read(&mut head).is_ok() {
                let body = r#"{"resourceType":"Patient"}"#;
                let text = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                stream.write_all(text.as_bytes()).unwrap();
                stream.conn.send_close_notify();
                stream.flush().unwrap();
            }
        }
    });
    (address, authority.pem())
}

async fn asked(address: SocketAddr, authority: Option<&str>) -> Result<u16, SendError> {
    asked_by("https", address, authority).await
}

async fn asked_by(scheme: &str, address: SocketAddr, authority: Option<&str>) -> Result<u16, SendError> {
    let folder = tempfile::tempdir().unwrap();
    let ca_file = authority.map(|pem| {
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, pem).unwrap();
        path
    });
    let (base, allow_origins) = (Some(format!("{scheme}://{address}/fhir")), vec![format!("https://{address}")]);
    let options = TargetOptions { base, allow_origins, ca_file, ..TargetOptions::default() };
    let exchange = Target::new(TargetConfig::new(options).unwrap()).unwrap().send(&Request::get("Patient/1")).await;
    assert_eq!(exchange.attempts, if scheme == "https" { 1 } else { 2 });
    exchange.result.map(|response| response.status)
}

#[tokio::test]
async fn a_certificate_is_accepted_by_its_authority_only() {
    let (address, authority) = serve("127.0.0.1");
    let (_, stranger) = serve("127.0.0.1");
    assert_eq!(asked(address, Some(&authority)).await, Ok(200));
    for authority in [None, Some(stranger.as_str())] {
        let Err(SendError::Connect { reason, .. }) = asked(address, authority).await else { panic!("accepted") };
        assert!(reason.contains("certificate is not accepted") && reason.contains("ca-file"), "{reason}");
    }
}

#[tokio::test]
async fn a_certificate_for_another_host_is_refused() {
    let (address, authority) = serve("payer.example");
    let Err(SendError::Connect { reason, .. }) = asked(address, Some(&authority)).await else { panic!("accepted") };
    assert!(reason.contains("certificate is not accepted") && reason.contains("payer.example"), "{reason}");
}

#[tokio::test]
async fn a_redirect_from_http_to_https_asks_for_a_trusted_certificate_too() {
    let to_https: Plain = |_, address| Some(format!("302 Found\r\nlocation: https://{address}/fhir/Patient/1"));
    let (address, authority) = serve_beside("127.0.0.1", rustls::DEFAULT_VERSIONS, to_https);
    assert_eq!(asked_by("http", address, Some(&authority)).await, Ok(200));
    let Err(SendError::Connect { reason, .. }) = asked_by("http", address, None).await else { panic!("accepted") };
    assert!(reason.contains("certificate"), "{reason}");
}

#[test]
fn a_ca_file_without_certificates_is_refused() {
    for (file, expected) in [(Path::new("/nonexistent.pem"), "check that it exists"), (Path::new(file!()), "holds no PEM certificate")] {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let options = TargetOptions { base: Some("https://payer.example".to_owned()), ca_file: Some(file), ..TargetOptions::default() };
        let error = Target::new(TargetConfig::new(options).unwrap()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

/// What each check of TLS says of what was tried: how much it examined, and what it expected instead of what it found.
fn judged(transport: Transport) -> Vec<(usize, Vec<String>)> {
    let catalogue = Arc::new(Catalogue::load(&[GuideId::core()], &Sources::default()).unwrap());
    let declared = Declared { transport: Some(Arc::new(transport)), ..Declared::default() };
    let (about, binding, samples, verdicts) =
        (About::default(), Binding::default(), Samples::default(), Verdicts::new(Arc::clone(&catalogue)));
    let subject = Subject {
        about: &about,
        steps: &[],
        binding: &binding,
        samples: &samples,
        verdicts: &verdicts,
        records: &[],
        counts: &Counts::default(),
        declared: &declared,
        catalogue: &catalogue,
        page_limit: 1,
        base: "https://payer.example/fhir",
        rights: &Rights::new(&catalogue, [], Vec::new(), None, "https://payer.example/fhir"),
    };
    let judge = |id: &str| {
        let evidence = find(id).unwrap().judge(&subject);
        (evidence.examined, evidence.findings.iter().map(|finding| finding.expected.to_string()).collect())
    };
    ["tls.old-refused", "tls.certificate", "tls.hsts", "tls.plain-http"].map(judge).to_vec()
}

async fn tried(address: SocketAddr, authority: Option<&str>, further: &[String]) -> Transport {
    let folder = tempfile::tempdir().unwrap();
    let ca_file = authority.map(|pem| {
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, pem).unwrap();
        path
    });
    let allow_origins = further.to_vec();
    let options = TargetOptions { base: Some(format!("https://{address}/fhir")), ca_file, allow_origins, ..TargetOptions::default() };
    Target::new(TargetConfig::new(options).unwrap()).unwrap().try_transport(further).await
}

#[tokio::test]
async fn a_server_of_today_refuses_old_versions() {
    let (address, authority) = serve("127.0.0.1");
    let (stranger, _) = serve("127.0.0.1");
    let transport = tried(address, Some(&authority), &[format!("https://{address}/token"), format!("https://{stranger}/token")]).await;
    assert_eq!(transport.origins.len(), 2, "each origin is tried once");
    for origin in &transport.origins {
        assert_eq!(origin.old, [("TLS 1.0", Hello::Refused), ("TLS 1.1", Hello::Refused)]);
        assert!(matches!(origin.plain.as_ref().unwrap().result, Err(SendError::Broken(_))), "{:?}", origin.plain);
    }
    let certificate = "a certificate that can be verified".to_owned();
    let hsts = "Strict-Transport-Security with a max-age above 0".to_owned();
    assert_eq!(judged(transport), [(4, vec![]), (2, vec![certificate]), (1, vec![hsts]), (2, vec![])]);
}

#[tokio::test]
async fn a_server_that_speaks_one_version_only_is_asked_and_judged_like_any_other() {
    for version in [&rustls::version::TLS13, &rustls::version::TLS12] {
        let (address, authority) = serve_beside("127.0.0.1", &[version], |_, _| None);
        assert_eq!(asked(address, Some(&authority)).await, Ok(200), "{version:?}");
        let transport = tried(address, Some(&authority), &[]).await;
        assert_eq!(transport.origins[0].old, [("TLS 1.0", Hello::Refused), ("TLS 1.1", Hello::Refused)], "{version:?}");
        let hsts = "Strict-Transport-Security with a max-age above 0".to_owned();
        assert_eq!(judged(transport), [(2, vec![]), (1, vec![]), (1, vec![hsts]), (1, vec![])], "{version:?}");
    }
}

#[tokio::test]
async fn plain_http_may_lead_to_https_and_nowhere_else() {
    let plain: [(Plain, bool); 5] = [
        (|_, _| Some("200 OK".to_owned()), false),
        (|_, own| Some(format!("301 Moved Permanently\r\nlocation: https://{own}/fhir/metadata")), true),
        (|_, _| Some("403 Forbidden".to_owned()), true),
        (|_, _| None, true),
        (
            |head, own| match head.starts_with("GET /elsewhere") {
                true => Some("200 OK".to_owned()),
                false => Some(format!("301 Moved Permanently\r\nlocation: http://{own}/elsewhere")),
            },
            false,
        ),
    ];
    for (place, (plain, holds)) in plain.into_iter().enumerate() {
        let (address, authority) = serve_beside("127.0.0.1", rustls::DEFAULT_VERSIONS, plain);
        let transport = tried(address, Some(&authority), &[]).await;
        let asked = transport.origins[0].plain.clone().unwrap();
        assert!(asked.url.starts_with(&format!("http://{address}/fhir")), "the port that the base names is asked: {}", asked.url);
        let expected = if holds { vec![] } else { vec!["a redirect to https, or a refusal".to_owned()] };
        assert_eq!(judged(transport)[3], (1, expected), "answer {place}: {asked:?}");
    }
}

#[tokio::test]
async fn a_server_that_goes_on_in_an_old_version_is_found() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.unwrap();
            let mut hello = [0; 512];
            let read = socket.read(&mut hello).unwrap();
            // The version that the greeting names, but no newer one than 1.1.
            if read > 11 && hello[..3] == [22, 3, 1] && hello[10] < 3 {
                let mut answer = [22, 3, hello[10], 0, 81, 2, 0, 0, 77, 3, hello[10]].to_vec();
                answer.extend([0; 75]);
                socket.write_all(&answer).unwrap();
            }
        }
    });
    let transport = tried(address, None, &[]).await;
    assert_eq!(transport.origins[0].old, [("TLS 1.0", Hello::Accepted), ("TLS 1.1", Hello::Accepted)]);
    let judged = judged(transport);
    assert_eq!(judged[0], (2, vec!["TLS 1.0 refused".to_owned(), "TLS 1.1 refused".to_owned()]));
}
