//! TLS before the payer: a certificate by an authority made for the occasion, on a port where plain http is turned away.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::serve::Listener;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

use super::fault::{Breach, Faults};

/// The name that the certificate is for.
const NAME: &str = "127.0.0.1";
/// Connections that wait to be served.
const WAITING: usize = 64;
/// The first bytes of a record of TLS, up to the version in the greeting that it holds (RFC 5246 sections 6.2.1 and 7.4).
const HEAD: usize = 11;
/// The type of a record that holds a greeting.
const HANDSHAKE: u8 = 22;
/// The version of TLS 1.2, which newer greetings name as well (RFC 8446 section 4.1.2).
const TLS_1_2: [u8; 2] = [3, 3];
/// The answer to plain http.
const TURNED_AWAY: &[u8] = b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// A connection, whatever carries it.
pub trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// How callers are met.
#[derive(Clone)]
struct Manners {
    acceptor: TlsAcceptor,
    /// Whether a greeting in a version before 1.2 is answered in it.
    speaks_old: bool,
    /// Whether plain http is answered like https.
    serves_plain: bool,
}

/// A port that is open to TLS.
pub struct Gate {
    address: SocketAddr,
    met: mpsc::Receiver<(Box<dyn Wire>, SocketAddr)>,
}

/// Puts TLS before a port; gives the certificate of the authority too, as PEM.
///
/// # Errors
/// When there is no randomness for keys.
pub fn open(listener: TcpListener, faults: &Faults) -> io::Result<(Gate, String)> {
    let (config, authority) = certified().map_err(io::Error::other)?;
    let manners = Manners {
        acceptor: TlsAcceptor::from(Arc::new(config)),
        speaks_old: faults.has(Breach::TlsOldSpoken),
        serves_plain: faults.has(Breach::TlsPlainHttpServed),
    };
    let address = listener.local_addr()?;
    let (meet, met) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        loop {
            let next = tokio::select! {
                next = listener.accept() => next,
                () = meet.closed() => return,
            };
            // A caller who is gone again is no reason to stop.
            let Ok((socket, caller)) = next else { continue };
            let (meet, manners) = (meet.clone(), manners.clone());
            tokio::spawn(async move {
                if let Some(wire) = manners.greet(socket).await {
                    drop(meet.send((wire, caller)).await);
                }
            });
        }
    });
    Ok((Gate { address, met }, authority))
}

impl Listener for Gate {
    type Io = Box<dyn Wire>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.met.recv().await {
            Some(met) => met,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

impl Manners {
    /// The connection to go on with, if there is one.
    async fn greet(self, mut socket: TcpStream) -> Option<Box<dyn Wire>> {
        let mut head = [0; HEAD];
        let read = socket.peek(&mut head).await.ok()?;
        match head.get(..read)? {
            [HANDSHAKE, _, _, _, _, _, _, _, _, major, minor] if [*major, *minor] < TLS_1_2 && self.speaks_old => {
                socket.write_all(&server_hello([*major, *minor])).await.ok()?;
                None
            }
            [HANDSHAKE, ..] => Some(Box::new(self.acceptor.accept(socket).await.ok()?)),
            [_, ..] if self.serves_plain => Some(Box::new(socket)),
            _ => {
                socket.write_all(TURNED_AWAY).await.ok()?;
                None
            }
        }
    }
}

/// The beginning of a ServerHello in an old version (RFC 4346 section 7.4.1.3): who reads it knows enough.
fn server_hello([major, minor]: [u8; 2]) -> Vec<u8> {
    let mut hello = vec![HANDSHAKE, major, minor, 0, 42, 2, 0, 0, 38, major, minor];
    hello.extend([0; 36]);
    hello
}

/// A certificate for [`NAME`], and the authority that it is by.
fn certified() -> Result<(ServerConfig, String), Box<dyn std::error::Error + Send + Sync>> {
    let mut authority = CertificateParams::new(Vec::new())?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(vec![NAME.to_owned()])?.signed_by(&key, &authority)?;
    let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)?;
    Ok((config, authority.pem()))
}
