//! Certificates: one of an unknown authority is refused in plain words, and accepted when `ca-file` names the authority.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;

use payerspec::check::exchange::{Request, SendError};
use payerspec::target::{Target, TargetConfig, TargetOptions};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};

/// Serves one resource to everyone under a certificate for `name`; gives the address and the authority's certificate as PEM.
fn serve(name: &str) -> (SocketAddr, String) {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
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
    let folder = tempfile::tempdir().unwrap();
    let ca_file = authority.map(|pem| {
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, pem).unwrap();
        path
    });
    let options = TargetOptions { base: Some(format!("https://{address}/fhir")), ca_file, ..TargetOptions::default() };
    let exchange = Target::new(TargetConfig::new(options).unwrap()).unwrap().send(&Request::get("Patient/1")).await;
    assert_eq!(exchange.attempts, 1);
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

#[test]
fn a_ca_file_without_certificates_is_refused() {
    for (file, expected) in [(Path::new("/nonexistent.pem"), "check that it exists"), (Path::new(file!()), "holds no PEM certificate")] {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let options = TargetOptions { base: Some("https://payer.example".to_owned()), ca_file: Some(file), ..TargetOptions::default() };
        let error = Target::new(TargetConfig::new(options).unwrap()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
