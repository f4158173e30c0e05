//! Keeps the answers to GETs, so that equal ones are sent once, in little memory.
//!
//! The latest answers stay as they are, up to a megabyte; older ones are packed: their tree dropped, the rest put together, and their bytes
//! left as compressed as they came. Beyond some megabytes, those that came plain are compressed.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::io::{Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use bytes::Bytes;
use flate2::Compression;
use flate2::read::{DeflateDecoder, MultiGzDecoder};
use flate2::write::DeflateEncoder;
use tokio::sync::Mutex as AsyncMutex;

use crate::check::exchange::{Exchange, Request, Response, SendError};

use super::body;
use crate::fhir::document::Interner;

/// Bytes of bodies that are kept as they are; their trees take about ten times as much.
const LIVE_BYTES: usize = 1024 * 1024;

/// Bytes of packed bodies that are kept without compressing them: a small run is over before it would pay.
const PLAIN_BYTES: usize = 4 * 1024 * 1024;

/// What an answer takes besides its body, counted in the same measure.
const HEAD_BYTES: usize = 2 * 1024;

/// Answers by request.
#[derive(Debug, Default)]
pub(super) struct Cache {
    hashers: [RandomState; 2],
    /// By two hashes of the request with secret keys, 128 bits: a large server is asked more than ten thousand.
    slots: Mutex<HashMap<[u64; 2], Arc<Slot>>>,
    live: Mutex<Live>,
    /// Bytes of packed bodies that are not compressed.
    plain: AtomicUsize,
    /// What the resources in Bundles are read with.
    pub interner: Arc<Interner>,
}

/// One request's answer; locked while it is being fetched.
type Slot = AsyncMutex<Kept>;

#[derive(Debug, Default)]
enum Kept {
    #[default]
    Nothing,
    Whole(Arc<Exchange>),
    Packed(Box<Packed>),
}

/// The live answers, oldest first, with the size of each.
#[derive(Debug, Default)]
struct Live {
    queue: VecDeque<(Arc<Slot>, usize)>,
    bytes: usize,
}

/// An answer without its body's tree and without its request.
#[derive(Debug)]
struct Packed {
    /// The URL, when it was sent, and the names and values of the headers: a line each.
    head: Box<str>,
    status: u16,
    attempts: u32,
    duration_ms: f64,
    body: PackedBody,
    /// The answer itself, as long as somebody holds it.
    held: Weak<Exchange>,
}

#[derive(Debug)]
enum PackedBody {
    Plain(Bytes),
    /// As they came.
    Gzip {
        bytes: Bytes,
        /// How many there are without the compression.
        length: usize,
    },
    Deflated {
        bytes: Box<[u8]>,
        /// How many there were before.
        length: usize,
    },
}

impl Cache {
    /// The kept answer, else the one that `send` gives. `told` is what a report says of the request, by the URL that was sent.
    pub async fn get_or<F: Future<Output = Exchange>>(
        &self,
        request: &Request,
        send: impl FnOnce() -> F,
        told: impl FnOnce(&str) -> Request,
    ) -> Arc<Exchange> {
        let key = self.hashers.each_ref().map(|hasher| hasher.hash_one(request));
        let slot = Arc::clone(self.slots.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default());
        let mut kept = slot.lock().await;
        let known = match &*kept {
            Kept::Whole(exchange) => return Arc::clone(exchange),
            Kept::Packed(packed) => packed.held.upgrade().or_else(|| packed.unpack(told, &self.interner).map(Arc::new)),
            Kept::Nothing => None,
        };
        let exchange = match known {
            Some(known) => known,
            None => Arc::new(send().await),
        };
        if !matches!(exchange.result, Err(SendError::Cancelled)) {
            if let Kept::Packed(packed) = std::mem::replace(&mut *kept, Kept::Whole(Arc::clone(&exchange))) {
                self.plain.fetch_sub(packed.body.plain_length(), Ordering::Relaxed);
            }
            drop(kept);
            self.admit(slot, size(&exchange));
        }
        exchange
    }

    /// Counts an answer as live, and packs the oldest ones beyond the bound.
    fn admit(&self, slot: Arc<Slot>, bytes: usize) {
        let mut due = Vec::new();
        {
            let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
            live.queue.push_back((slot, bytes));
            live.bytes += bytes;
            while live.bytes > LIVE_BYTES
                && let Some((oldest, size)) = live.queue.pop_front()
            {
                live.bytes -= size;
                due.push(oldest);
            }
        }
        for slot in due {
            // One that is being read just now stays whole.
            if let Ok(mut kept) = slot.try_lock() {
                kept.pack(&self.plain);
            }
        }
    }
}

impl Kept {
    fn pack(&mut self, plain: &AtomicUsize) {
        if let Self::Whole(exchange) = self
            && let Some(packed) = Packed::new(exchange, plain)
        {
            *self = Self::Packed(Box::new(packed));
        }
    }
}

impl Packed {
    /// `None` for what is rare: no response, one that took several attempts, or one whose head cannot be told apart by lines.
    fn new(exchange: &Arc<Exchange>, plain: &AtomicUsize) -> Option<Self> {
        let response = exchange.response().filter(|_| exchange.retries.is_empty())?;
        let headers = response.headers.iter().flat_map(|(name, value)| [name, value]);
        let lines: Vec<&str> = [&exchange.url, &exchange.started].into_iter().chain(headers).map(String::as_str).collect();
        if lines.iter().any(|line| line.contains('\n')) {
            return None;
        }
        let length = response.bytes.len();
        let body = if let Some(bytes) = &response.packed {
            PackedBody::Gzip { bytes: bytes.clone(), length }
        } else if plain.fetch_add(length, Ordering::Relaxed) + length <= PLAIN_BYTES {
            PackedBody::Plain(response.bytes.clone())
        } else {
            plain.fetch_sub(length, Ordering::Relaxed);
            PackedBody::deflate(&response.bytes)?
        };
        // What nobody else holds is gone now: to watch it would keep its room.
        let held = if Arc::strong_count(exchange) > 1 { Arc::downgrade(exchange) } else { Weak::new() };
        Some(Self {
            head: lines.join("\n").into(),
            status: response.status,
            attempts: exchange.attempts,
            duration_ms: exchange.duration_ms,
            body,
            held,
        })
    }

    fn unpack(&self, told: impl FnOnce(&str) -> Request, interner: &Interner) -> Option<Exchange> {
        let mut lines = self.head.split('\n').map(str::to_owned);
        let (url, started) = (lines.next()?, lines.next()?);
        let mut headers = Vec::new();
        while let (Some(name), Some(value)) = (lines.next(), lines.next()) {
            headers.push((name, value));
        }
        let bytes = self.body.bytes()?;
        let content_type = headers.iter().find(|(name, _)| name == "content-type").map(|(_, value)| value.as_str());
        let body = body::read(content_type, &bytes, interner);
        Some(Exchange {
            request: told(&url),
            url,
            result: Ok(Response { status: self.status, headers, bytes, packed: self.body.packed(), body }),
            attempts: self.attempts,
            retries: Vec::new(),
            started,
            duration_ms: self.duration_ms,
        })
    }
}

impl PackedBody {
    fn deflate(bytes: &[u8]) -> Option<Self> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).ok()?;
        Some(Self::Deflated { bytes: encoder.finish().ok()?.into(), length: bytes.len() })
    }

    /// Bytes that are not compressed.
    fn plain_length(&self) -> usize {
        match self {
            Self::Plain(bytes) => bytes.len(),
            Self::Gzip { .. } | Self::Deflated { .. } => 0,
        }
    }

    /// The bytes as they came, where they came compressed.
    fn packed(&self) -> Option<Bytes> {
        match self {
            Self::Gzip { bytes, .. } => Some(bytes.clone()),
            Self::Plain(_) | Self::Deflated { .. } => None,
        }
    }

    fn bytes(&self) -> Option<Bytes> {
        match self {
            Self::Plain(bytes) => Some(bytes.clone()),
            Self::Gzip { bytes, length } => read_all(MultiGzDecoder::new(&**bytes), *length),
            Self::Deflated { bytes, length } => read_all(DeflateDecoder::new(&**bytes), *length),
        }
    }
}

fn read_all(mut reader: impl Read, length: usize) -> Option<Bytes> {
    let mut bytes = Vec::with_capacity(length);
    reader.read_to_end(&mut bytes).ok()?;
    Some(Bytes::from(bytes))
}

fn size(exchange: &Exchange) -> usize {
    HEAD_BYTES + exchange.response().map_or(0, |response| response.bytes.len())
}
