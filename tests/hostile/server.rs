//! A server on raw sockets, so that it can lie: each attack is a path of its own, and a second listener notes who else is asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// One thing to do with a connection, in order; after the last the next request is awaited.
#[derive(Clone)]
pub enum Act {
    Send(Vec<u8>),
    /// The same bytes without an end.
    Flood(Vec<u8>),
    /// A byte now and then, without an end.
    Drip(&'static [u8]),
    /// Nothing more, with the connection left open.
    Stall,
    Close,
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    /// Path and query behind the attack's name.
    pub path: String,
    /// The body, such as a form.
    pub body: String,
    /// How many requests this attack has seen before.
    pub before: usize,
    /// How many of them were for this path.
    pub before_here: usize,
}

/// Where the two listeners are.
#[derive(Clone, Debug)]
pub struct Places {
    pub own: String,
    pub foreign: String,
}

/// What an attack answers.
pub type Answer = fn(&Places, &Seen) -> Vec<Act>;

/// The server, and what its other origin has received.
pub struct Server {
    pub places: Places,
    pub foreign_requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Starts both listeners; `find` gives what the attack of a name answers.
    pub async fn start(find: fn(&str) -> Option<Answer>) -> Self {
        let (own, foreign) = (TcpListener::bind("127.0.0.1:0").await.unwrap(), TcpListener::bind("127.0.0.1:0").await.unwrap());
        let origin = |listener: &TcpListener| format!("http://{}", listener.local_addr().unwrap());
        let places = Places { own: origin(&own), foreign: origin(&foreign) };
        let foreign_requests = Arc::new(Mutex::new(Vec::new()));
        let (noted, told) = (Arc::clone(&foreign_requests), places.clone());
        let counts: Arc<Mutex<std::collections::HashMap<String, usize>>> = Arc::default();
        tokio::spawn(async move {
            while let Ok((stream, _)) = own.accept().await {
                tokio::spawn(serve(stream, told.clone(), find, Arc::clone(&counts)));
            }
        });
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = foreign.accept().await {
                let noted = Arc::clone(&noted);
                tokio::spawn(async move {
                    while let Some((head, body)) = read(&mut stream).await {
                        noted.lock().unwrap().push(format!("{head}{}", String::from_utf8_lossy(&body)));
                        if stream
                            .write_all(&response("200 OK", &[("content-type", "application/fhir+json")], PATIENT.as_bytes()))
                            .await
                            .is_err()
                        {
                            return;
                        }
                    }
                });
            }
        });
        Self { places, foreign_requests }
    }
}

/// The member's Patient.
pub const PATIENT: &str =
    r#"{"resourceType":"Patient","id":"p1","meta":{"versionId":"1","lastUpdated":"2026-01-01T00:00:00Z"},"active":true}"#;

async fn serve(
    mut stream: TcpStream,
    places: Places,
    find: fn(&str) -> Option<Answer>,
    counts: Arc<Mutex<std::collections::HashMap<String, usize>>>,
) {
    while let Some((head, body)) = read(&mut stream).await {
        let mut words = head.split(' ');
        let (method, path) = (words.next().unwrap_or_default().to_owned(), words.next().unwrap_or_default());
        let (name, path) = path.trim_start_matches('/').split_once('/').unwrap_or((path.trim_start_matches('/'), ""));
        let here = path.split('?').next().unwrap_or_default();
        let [before, before_here] = [name.to_owned(), format!("{name}/{here}")].map(|key| {
            let mut counts = counts.lock().unwrap();
            let count = counts.entry(key).or_default();
            *count += 1;
            *count - 1
        });
        let seen = Seen { method, path: path.to_owned(), body: String::from_utf8_lossy(&body).into_owned(), before, before_here };
        let Some(answer) = find(name) else { return };
        for act in answer(&places, &seen) {
            match act {
                Act::Send(bytes) => {
                    if stream.write_all(&bytes).await.is_err() {
                        return;
                    }
                }
                Act::Flood(bytes) => {
                    while stream.write_all(&bytes).await.is_ok() {}
                    return;
                }
                Act::Drip(bytes) => {
                    while stream.write_all(bytes).await.is_ok() {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                    return;
                }
                Act::Stall => std::future::pending().await,
                Act::Close => return,
            }
        }
    }
}

/// Head and body of the next request.
async fn read(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        bytes.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8_lossy(&bytes).into_owned();
    let length = head.lines().filter_map(|line| line.split_once(": ")).find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let mut body = vec![0; length.and_then(|(_, length)| length.parse().ok()).unwrap_or(0)];
    stream.read_exact(&mut body).await.ok()?;
    Some((head, body))
}

/// A whole response.
pub fn response(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let headers = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect::<String>();
    let mut bytes = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}
