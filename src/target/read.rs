//! One request on the wire and its response read within the bounds, without redirects or retries.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use flate2::bufread::MultiGzDecoder;
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

/// Bytes of an announced length that are believed before anything has come.
const BELIEVED_BYTES: usize = 1024 * 1024;

/// How many times longer than itself what is compressed by Deflate can be, at most.
const LARGEST_FACTOR: usize = 1032;

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
    let bytes = if packed.is_some() { unpack(&came, limits.response_bytes, room, &mut turn).await? } else { came };
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
    // What is announced may be a lie, so that it is believed only up to a point until so much has come.
    let mut bytes = Vec::with_capacity(announced.unwrap_or(FIRST_BYTES).min(BELIEVED_BYTES));
    while let Some(chunk) =
        within(limits.read, limits.read, answer.chunk()).await?.map_err(|error| Fault::read(&error, &wire.url, limits))?
    {
        if bytes.len().saturating_add(chunk.len()) > limit {
            return Err(too_large());
        }
        if let Some(announced) = announced.filter(|_| bytes.len() + chunk.len() > bytes.capacity()) {
            bytes.reserve_exact(announced.saturating_sub(bytes.len()));
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

/// The bytes without compression, up to `limit`. What says of itself that it is small has no turn to wait for.
async fn unpack<'r>(packed: &Bytes, limit: usize, room: &'r Room, turn: &mut Turn<'r>) -> Result<Bytes, Fault> {
    // Its last four bytes tell the length (RFC 1952 section 2.3.1); believed only as far as it can be true.
    let told = packed.last_chunk().map_or(0, |last| u32::from_le_bytes(*last));
    let most = packed.len().saturating_mul(LARGEST_FACTOR).min(limit);
    let told = usize::try_from(told).unwrap_or(most).min(most);
    room.wait(told, turn).await;
    if let Some(bytes) = unpacked(packed, told)? {
        return Ok(bytes);
    }
    if told == most {
        return Err(Fault::last(SendError::TooLarge { limit }));
    }
    // Longer than it says: of several members the last one tells its own length, and any may lie.
    room.wait(most, turn).await;
    unpacked(packed, limit)?.ok_or_else(|| Fault::last(SendError::TooLarge { limit }))
}

/// The bytes without compression; `None` if there are more than so many.
fn unpacked(packed: &Bytes, most: usize) -> Result<Option<Bytes>, Fault> {
    let bound = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::with_capacity(most.min(FIRST_BYTES.max(packed.len().saturating_mul(32))));
    match MultiGzDecoder::new(&**packed).take(bound).read_to_end(&mut bytes) {
        Ok(_) if bytes.len() > most => Ok(None),
        Ok(_) => {
            bytes.shrink_to_fit();
            Ok(Some(Bytes::from(bytes)))
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

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(members: &[&[u8]]) -> Bytes {
        let packed = members.iter().flat_map(|member| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(member).unwrap();
            encoder.finish().unwrap()
        });
        packed.collect()
    }

    /// The length of what comes out, and whether it had the turn of what is large.
    async fn unpacked_length(packed: &Bytes, limit: usize) -> (Result<usize, SendError>, bool) {
        let (room, mut turn) = (Room::new(Arc::default()), None);
        let bytes = unpack(packed, limit, &room, &mut turn).await;
        (bytes.map(|bytes| bytes.len()).map_err(|fault| fault.error), turn.is_some())
    }

    #[tokio::test]
    async fn what_is_compressed_comes_out_whole_whatever_it_tells_of_its_length() {
        let (small, large) = (vec![b'a'; 100_000], vec![b'a'; LARGE_BYTES + 1]);
        assert_eq!(unpacked_length(&packed(&[&small]), LARGE_BYTES).await, (Ok(small.len()), false));
        assert_eq!(unpacked_length(&packed(&[&large]), 2 * LARGE_BYTES).await, (Ok(large.len()), true));
        // The last of several members tells only its own length.
        assert_eq!(unpacked_length(&packed(&[&small, b"b"]), LARGE_BYTES).await, (Ok(small.len() + 1), false));
        assert_eq!(unpacked_length(&packed(&[&large, b""]), 2 * LARGE_BYTES).await, (Ok(large.len()), true));
    }

    #[tokio::test]
    async fn what_would_be_too_long_is_refused_whatever_it_tells_of_its_length() {
        let large = vec![b'a'; LARGE_BYTES];
        for members in [&[large.as_slice()][..], &[large.as_slice(), b"b"]] {
            let limit = LARGE_BYTES - 1;
            assert_eq!(unpacked_length(&packed(members), limit).await.0, Err(SendError::TooLarge { limit }));
        }
        let mut broken = packed(&[b"text"]).to_vec();
        broken.truncate(broken.len() - 2);
        assert!(matches!(unpacked_length(&broken.into(), LARGE_BYTES).await.0, Err(SendError::Broken(_))));
    }
}
