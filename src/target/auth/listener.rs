//! Waits on loopback for the browser to come back (RFC 8252 section 7.3).

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use url::{Host, Url};

use super::code::Authorization;
use super::error::SignInError;

/// Bytes of a request's head; a longer one is no browser of ours.
const MOST_BYTES: usize = 16 * 1024;
/// For one connection to say what it wants.
const PIECE: Duration = Duration::from_secs(5);

/// What the person sees at the end.
const DONE: &str = "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>payerspec</title></head><body><p>Signed in or refused: the terminal says more. You can close this page.</p></body></html>";

/// An open port on loopback.
#[derive(Debug)]
pub(super) struct Listener {
    socket: TcpListener,
    /// The redirect URI with the port that was found.
    pub redirect_uri: Url,
}

impl Listener {
    /// Opens the port of a redirect URI on loopback; `None` when the URI leads elsewhere and nothing can listen for it.
    pub async fn open(redirect_uri: &Url) -> Result<Option<Self>, SignInError> {
        let host = match redirect_uri.host() {
            Some(Host::Ipv4(address)) if address.is_loopback() => address.to_string(),
            Some(Host::Ipv6(address)) if address.is_loopback() => address.to_string(),
            Some(Host::Domain("localhost")) => "127.0.0.1".to_owned(),
            _ => return Ok(None),
        };
        if redirect_uri.scheme() != "http" {
            return Ok(None);
        }
        let port = redirect_uri.port_or_known_default().unwrap_or_default();
        let failed = |source| SignInError::Listen { address: format!("{host}:{port}"), source };
        let socket = TcpListener::bind((host.as_str(), port)).await.map_err(failed)?;
        let mut found = redirect_uri.clone();
        let port = socket.local_addr().map_err(failed)?.port();
        // Fails only for URLs without a host, which this one has.
        let _ = found.set_port(Some(port));
        Ok(Some(Self { socket, redirect_uri: found }))
    }

    /// The address to which the browser comes back. Whatever else knocks is answered 404 and forgotten.
    pub async fn redirect(&self, authorization: &Authorization) -> Result<Url, SignInError> {
        loop {
            let Ok((mut stream, _)) = self.socket.accept().await else { continue };
            let Ok(Some(target)) = timeout(PIECE, target(&mut stream)).await else { continue };
            let url = self.redirect_uri.join(&target).ok().filter(|url| authorization.is_redirect(url) && url.query().is_some());
            let (status, page) = if url.is_some() { ("200 OK", DONE) } else { ("404 Not Found", "") };
            let answer = format!(
                "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n{page}",
                page.len()
            );
            // A browser that has gone away has no use for the page.
            drop(timeout(PIECE, stream.write_all(answer.as_bytes())).await);
            drop(stream.shutdown().await);
            if let Some(url) = url {
                return Ok(url);
            }
        }
    }
}

/// The path and query of a GET.
async fn target(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut piece = [0; 1024];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let read = stream.read(&mut piece).await.ok()?;
        head.extend_from_slice(piece.get(..read)?);
        if read == 0 || head.len() > MOST_BYTES {
            return None;
        }
    }
    let line = std::str::from_utf8(&head).ok()?.lines().next()?.to_owned();
    let mut words = line.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    (method == "GET" && target.starts_with('/')).then(|| target.to_owned())
}
