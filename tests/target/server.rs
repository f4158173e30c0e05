//! A server that misbehaves as told: it answers with raw bytes, stalls, closes or resets.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Barrier, watch};

/// One thing to do with a connection, in order; after the last the next request is awaited.
#[derive(Clone)]
pub enum Act {
    Send(Vec<u8>),
    /// Nothing more, with the connection left open.
    Stall,
    /// A byte now and then, for ever.
    Drip,
    Close,
    Reset,
    /// Waits until another request waits here too.
    Meet(Arc<Barrier>),
    Decrement(Arc<AtomicUsize>),
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Seen {
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

type Answer = dyn Fn(&Seen, usize) -> Vec<Act> + Send + Sync;

/// Stops listening when dropped with its runtime.
pub struct Server {
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    count: watch::Receiver<usize>,
}

impl Server {
    /// `answer` gets the request and how many came before it.
    pub async fn start(answer: impl Fn(&Seen, usize) -> Vec<Act> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (counter, count) = watch::channel(0);
        let counter = Arc::new(counter);
        let answer: Arc<Answer> = Arc::new(answer);
        let server = Self { address, seen: Arc::clone(&seen), count };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&answer), Arc::clone(&seen), Arc::clone(&counter)));
            }
        });
        server
    }

    /// Says the same to everyone, without listening.
    pub async fn deaf(words: &'static [u8]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let mut streams = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                stream.write_all(words).await.unwrap();
                streams.push(stream);
            }
        });
        Self { address, seen: Arc::default(), count: watch::channel(0).1 }
    }

    pub fn base(&self) -> String {
        format!("http://{}/fhir", self.address)
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Waits until so many requests have come.
    pub async fn received(&self, number: usize) {
        self.count.clone().wait_for(|count| *count >= number).await.unwrap();
    }
}

async fn serve(mut stream: TcpStream, answer: Arc<Answer>, seen: Arc<Mutex<Vec<Seen>>>, counter: Arc<watch::Sender<usize>>) {
    while let Some(request) = read(&mut stream).await {
        let index = {
            let mut seen = seen.lock().unwrap();
            seen.push(request.clone());
            seen.len() - 1
        };
        counter.send_modify(|count| *count += 1);
        for act in answer(&request, index) {
            match act {
                Act::Send(bytes) => {
                    if stream.write_all(&bytes).await.is_err() {
                        return;
                    }
                }
                Act::Stall => std::future::pending().await,
                Act::Drip => {
                    while stream.write_all(b" ").await.is_ok() {
                        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                    }
                    return;
                }
                Act::Close => return,
                Act::Meet(barrier) => {
                    barrier.wait().await;
                }
                Act::Decrement(number) => {
                    number.fetch_sub(1, Ordering::SeqCst);
                }
                Act::Reset => {
                    stream.set_zero_linger().unwrap();
                    return;
                }
            }
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        bytes.push(stream.read_u8().await.ok()?);
    }
    let text = String::from_utf8(bytes).ok()?;
    let mut lines = text.lines();
    let line = lines.next()?.to_owned();
    let headers = lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let mut seen = Seen { line, headers, body: String::new() };
    if let Some(length) = seen.header("content-length").and_then(|length| length.parse().ok()) {
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.ok()?;
        seen.body = String::from_utf8(body).ok()?;
    }
    Some(seen)
}

/// A whole response.
pub fn response(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<Act> {
    let headers = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect::<String>();
    let mut bytes = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    vec![Act::Send(bytes)]
}

/// A resource.
pub fn ok(body: &str) -> Vec<Act> {
    response("200 OK", &[("content-type", "application/fhir+json")], body.as_bytes())
}

/// Raw bytes, and then an act.
pub fn raw(text: &str, then: Act) -> Vec<Act> {
    vec![Act::Send(text.as_bytes().to_vec()), then]
}
