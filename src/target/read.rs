//! One request on the wire and its response read within the bounds, without redirects or retries.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use reqwest::header::HeaderMap;
use reqwest::{Client, Response as Answer};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;
use url::Url;

use crate::check::exchange::{Body, Method, Response, SendError};

use super::body;
use super::fault::Fault;
use super::limits::Limits;
use super::redact::Redactor;
use crate::fhir::document::Interner;

/// First reservation for a body of unknown length, in bytes.
const FIRST_BYTES: usize = 16 * 1024;

/// A body of more bytes waits for its turn.
const LARGE_BYTES: usize = 4 * 1024 * 1024;

/// What reading bodies shares: one large body at a time, and the resources that were read.
#[derive(Debug)]
pub(super) struct Room {
    large: Semaphore,
    interner: Arc<Interner>,
}

/// Held while a large body is read.
type Turn<'r> = Option<SemaphorePermit<'r>>;

impl Room {
    /// With what resources are read with.
    pub fn new(interner: Arc<Interner>) -> Self {
        Self { large: Semaphore::new(1), interner }
    }

    /// Waits for the turn of a body that has come to so many bytes, if it is large and does not have it.
    async fn wait<'r>(&'r self, bytes: usize, turn: &mut Turn<'r>) {
        if bytes > LARGE_BYTES && turn.is_none() {
            *turn = self.large.acquire().await.ok();
        }
    }
}

/// A request as it goes on the wire.
#[derive(Debug)]
pub(super) struct Wire {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub payload: Option<Bytes>,
    /// Whether the answer is of credentials: then its body is handed over as it came, unread.
    pub is_secret: bool,
}

/// Response with its headers as they came, for following redirects; those in `response` are masked.
#[derive(Debug)]
pub(super) struct Received {
    pub headers: HeaderMap,
    pub response: Response,
}

/// Sends once and reads the whole body.
pub(super) async fn exchange(client: &Client, wire: &Wire, limits: &Limits, redactor: &Redactor, room: &Room) -> Result<Received, Fault> {
    let whole = async {
        let answer = send(client, wire, limits).await?;
        receive(answer, wire, limits, redactor, room).await
    };
    timeout(limits.response, whole).await.unwrap_or_else(|_| Err(Fault::late(limits.response)))
}

async fn send(client: &Client, wire: &Wire, limits: &Limits) -> Result<Answer, Fault> {
    let mut request = client.request(verb(wire.method), wire.url.clone()).headers(wire.headers.clone());
    if let Some(payload) = &wire.payload {
        request = request.body(payload.clone());
    }
    // Connecting has its own, separately reported bound.
    within(limits.read.saturating_add(limits.connect), limits.read, request.send())
        .await?
        .map_err(|error| Fault::read(&error, &wire.url, limits))
}

async fn receive(answer: Answer, wire: &Wire, limits: &Limits, redactor: &Redactor, room: &Room) -> Result<Received, Fault> {
    let status = answer.status().as_u16();
    let headers = answer.headers().clone();
    let is_bare = wire.method == Method::Head || matches!(status, 204 | 304);
    // Held until the body is read as what it is: what is large is unpacked and read one at a time.
    let mut turn = None;
    let came = if is_bare { Bytes::new() } else { read_body(answer, wire, limits, room, &mut turn).await? };
    let packed = is_packed(&headers, &came).then(|| came.clone());
    if packed.is_some() {
        // Packed, it may be a thousandth of what it is.
        room.wait(came.len().saturating_mul(1000), &mut turn).await;
    }
    let bytes = if packed.is_some() { unpacked(&came, limits)? } else { came };
    let shown = headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), redactor.header(name.as_str(), &String::from_utf8_lossy(value.as_bytes()))));
    let shown = shown.collect::<Vec<_>>();
    let content_type = headers.get("content-type").and_then(|value| value.to_str().ok());
    if body::has_more_values(&bytes, limits.response_values) {
        return Err(Fault::last(SendError::TooManyValues { limit: limits.response_values }));
    }
    if wire.is_secret {
        return Ok(Received { response: Response { status, headers: shown, bytes, packed: None, body: Body::Empty }, headers });
    }
    // A server that sends credentials back must not find them in a report.
    let (bytes, packed) = match redactor.without_secrets(&bytes) {
        Some(clean) => (Bytes::from(clean), None),
        None => (bytes, packed),
    };
    let body = body::read(content_type, &bytes, &room.interner);
    Ok(Received { response: Response { status, headers: shown, bytes, packed, body }, headers })
}

async fn read_body<'r>(mut answer: Answer, wire: &Wire, limits: &Limits, room: &'r Room, turn: &mut Turn<'r>) -> Result<Bytes, Fault> {
    let limit = limits.response_bytes;
    let too_large = || Fault::last(SendError::TooLarge { limit });
    let announced = answer.content_length().and_then(|length| usize::try_from(length).ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    // What is announced may be a lie, so that it is believed only up to a point.
    let mut bytes = Vec::with_capacity(announced.unwrap_or(FIRST_BYTES).min(1024 * 1024));
    while let Some(chunk) =
        within(limits.read, limits.read, answer.chunk()).await?.map_err(|error| Fault::read(&error, &wire.url, limits))?
    {
        if bytes.len().saturating_add(chunk.len()) > limit {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
        room.wait(bytes.len(), turn).await;
    }
    bytes.shrink_to_fit();
    Ok(Bytes::from(bytes))
}

/// Whether the answer states a compression.
fn is_packed(headers: &HeaderMap, bytes: &Bytes) -> bool {
    headers.get("content-encoding").is_some_and(|coding| matches!(coding.as_bytes(), b"gzip" | b"x-gzip")) && !bytes.is_empty()
}

/// The bytes without compression.
fn unpacked(packed: &Bytes, limits: &Limits) -> Result<Bytes, Fault> {
    let limit = limits.response_bytes;
    let bound = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::with_capacity(packed.len().saturating_mul(4).min(limit));
    match MultiGzDecoder::new(&**packed).take(bound).read_to_end(&mut bytes) {
        Ok(_) if bytes.len() > limit => Err(Fault::last(SendError::TooLarge { limit })),
        Ok(_) => {
            bytes.shrink_to_fit();
            Ok(Bytes::from(bytes))
        }
        Err(error) => Err(Fault { error: SendError::Broken(format!("what is labelled as gzip is none: {error}")), retry: true }),
    }
}

async fn within<T>(bound: Duration, shown: Duration, work: impl Future<Output = T>) -> Result<T, Fault> {
    timeout(bound, work).await.map_err(|_| Fault::late(shown))
}

fn verb(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Head => reqwest::Method::HEAD,
        Method::Options => reqwest::Method::OPTIONS,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Patch => reqwest::Method::PATCH,
        Method::Delete => reqwest::Method::DELETE,
    }
}
