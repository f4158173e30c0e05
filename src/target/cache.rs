//! Keeps the answers to GETs, so that equal ones are sent once, in little memory.
//!
//! The latest answers stay as they are, up to half a megabyte; older ones are packed: their tree dropped, the rest put together, and their bytes
//! left as compressed as they came. Beyond a megabyte they are put on the shelf, a file, and where that grows, those that came plain are compressed.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::io::{Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use bytes::Bytes;
use flate2::Compression;
use flate2::bufread::{DeflateDecoder, MultiGzDecoder};
use flate2::write::DeflateEncoder;
use tokio::sync::Mutex as AsyncMutex;

use crate::check::exchange::{Exchange, Request, Response, SendError};

use super::body;
use super::shelf::{Place, Shelf};
use crate::fhir::document::Interner;

/// Bytes of bodies that are kept as they are; their trees take about ten times as much.
const LIVE_BYTES: usize = 512 * 1024;

/// Bytes of packed answers that stay in memory: a small run is over before there are more.
const KEPT_BYTES: usize = 1024 * 1024;

/// Bytes of the file from which on what is put there is compressed.
const PLAIN_BYTES: u64 = 256 * 1024 * 1024;

/// What an answer takes besides its body, counted in the same measure.
const HEAD_BYTES: usize = 2 * 1024;

/// Answers by request.
#[derive(Debug, Default)]
pub(super) struct Cache {
    hashers: [RandomState; 2],
    /// By two hashes of the request with secret keys, 128 bits: a large server is asked more than ten thousand.
    slots: Mutex<HashMap<[u64; 2], Arc<Slot>>>,
    live: Mutex<Live>,
    /// Bytes of packed answers that are in memory.
    kept: AtomicUsize,
    /// Where the others lie.
    shelf: Shelf,
    /// What the resources in Bundles are read with.
    pub interner: Arc<Interner>,
}

/// One request's answer; locked while it is being fetched.
type Slot = AsyncMutex<Kept>;

#[derive(Debug, Default)]
enum Kept {
    #[default]
    Nothing,
    /// With where it lies as well, if it was put away before.
    Whole(Arc<Exchange>, Option<Box<Packed>>),
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
    status: u16,
    attempts: u32,
    duration_ms: f64,
    form: Form,
    /// Bytes of the body when it is not compressed.
    length: usize,
    rest: Rest,
    /// The answer itself, as long as somebody holds it.
    held: Weak<Exchange>,
}

/// How a body's bytes are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Plain,
    /// As they came.
    Gzip,
    Deflated,
}

/// The head of an answer (the URL, when it was sent, and the names and values of the headers: a line each), and its body.
#[derive(Debug)]
enum Rest {
    Kept { head: Box<str>, body: Bytes },
    Put { place: Place, head: usize },
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
            Kept::Whole(exchange, _) => return Arc::clone(exchange),
            Kept::Packed(packed) => packed.held.upgrade().or_else(|| packed.unpack(told, self).map(Arc::new)),
            Kept::Nothing => None,
        };
        let was_known = known.is_some();
        let exchange = match known {
            Some(known) => known,
            None => Arc::new(send().await),
        };
        if !matches!(exchange.result, Err(SendError::Cancelled)) {
            let put = match std::mem::take(&mut *kept) {
                Kept::Packed(packed) => {
                    self.kept.fetch_sub(packed.rest.kept_length(), Ordering::Relaxed);
                    // What could not be read again is not what was sent in its place.
                    Some(packed).filter(|packed| was_known && matches!(packed.rest, Rest::Put { .. }))
                }
                Kept::Nothing | Kept::Whole(..) => None,
            };
            *kept = Kept::Whole(Arc::clone(&exchange), put);
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
                kept.pack(self);
            }
        }
    }
}

impl Kept {
    fn pack(&mut self, cache: &Cache) {
        let Self::Whole(exchange, put) = self else { return };
        // What nobody else holds is gone now: to watch it would keep its room.
        let held = if Arc::strong_count(exchange) > 1 { Arc::downgrade(exchange) } else { Weak::new() };
        let packed = match put.take() {
            Some(put) => Some(Box::new(Packed { held, ..*put })),
            None => Packed::new(exchange, held, cache).map(Box::new),
        };
        if let Some(packed) = packed {
            *self = Self::Packed(packed);
        }
    }
}

impl Packed {
    /// `None` for what is rare: no response, one that took several attempts, or one whose head cannot be told apart by lines.
    fn new(exchange: &Exchange, held: Weak<Exchange>, cache: &Cache) -> Option<Self> {
        let response = exchange.response().filter(|_| exchange.retries.is_empty())?;
        let headers = response.headers.iter().flat_map(|(name, value)| [name, value]);
        let lines: Vec<&str> = [&exchange.url, &exchange.started].into_iter().chain(headers).map(String::as_str).collect();
        if lines.iter().any(|line| line.contains('\n')) {
            return None;
        }
        let head: Box<str> = lines.join("\n").into();
        let (mut form, mut body) = match &response.packed {
            Some(packed) => (Form::Gzip, packed.clone()),
            None => (Form::Plain, response.bytes.clone()),
        };
        let size = head.len() + body.len();
        let rest = if cache.kept.fetch_add(size, Ordering::Relaxed) + size <= KEPT_BYTES {
            Rest::Kept { head, body }
        } else {
            cache.kept.fetch_sub(size, Ordering::Relaxed);
            if form == Form::Plain && cache.shelf.length() > PLAIN_BYTES {
                (form, body) = (Form::Deflated, deflated(&body)?);
            }
            match cache.shelf.put(&[head.as_bytes(), &body]) {
                Ok(place) => Rest::Put { place, head: head.len() },
                // Without a disk it costs memory.
                Err(_) => {
                    if form == Form::Plain {
                        (form, body) = (Form::Deflated, deflated(&body)?);
                    }
                    cache.kept.fetch_add(head.len() + body.len(), Ordering::Relaxed);
                    Rest::Kept { head, body }
                }
            }
        };
        let (status, attempts, duration_ms) = (response.status, exchange.attempts, exchange.duration_ms);
        Some(Self { status, attempts, duration_ms, form, length: response.bytes.len(), rest, held })
    }

    fn unpack(&self, told: impl FnOnce(&str) -> Request, cache: &Cache) -> Option<Exchange> {
        let (head, kept) = match &self.rest {
            Rest::Kept { head, body } => (head.to_string(), body.clone()),
            Rest::Put { place, head } => {
                let mut head_bytes = Bytes::from(cache.shelf.get(*place).ok()?);
                let body = head_bytes.split_off((*head).min(head_bytes.len()));
                (String::from_utf8(head_bytes.to_vec()).ok()?, body)
            }
        };
        let mut lines = head.split('\n').map(str::to_owned);
        let (url, started) = (lines.next()?, lines.next()?);
        let mut headers = Vec::new();
        while let (Some(name), Some(value)) = (lines.next(), lines.next()) {
            headers.push((name, value));
        }
        let (bytes, packed) = match self.form {
            Form::Plain => (kept, None),
            Form::Gzip => (read_all(MultiGzDecoder::new(&*kept), self.length)?, Some(kept)),
            Form::Deflated => (read_all(DeflateDecoder::new(&*kept), self.length)?, None),
        };
        let content_type = headers.iter().find(|(name, _)| name == "content-type").map(|(_, value)| value.as_str());
        let body = body::read(content_type, &bytes, &cache.interner);
        Some(Exchange {
            request: told(&url),
            url,
            result: Ok(Response { status: self.status, headers, bytes, packed, body }),
            attempts: self.attempts,
            retries: Vec::new(),
            started,
            duration_ms: self.duration_ms,
        })
    }
}

impl Rest {
    /// Bytes in memory.
    fn kept_length(&self) -> usize {
        match self {
            Self::Kept { head, body } => head.len() + body.len(),
            Self::Put { .. } => 0,
        }
    }
}

fn deflated(bytes: &[u8]) -> Option<Bytes> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).ok()?;
    Some(Bytes::from(encoder.finish().ok()?))
}

fn read_all(mut reader: impl Read, length: usize) -> Option<Bytes> {
    let mut bytes = Vec::with_capacity(length);
    reader.read_to_end(&mut bytes).ok()?;
    Some(Bytes::from(bytes))
}

fn size(exchange: &Exchange) -> usize {
    HEAD_BYTES + exchange.response().map_or(0, |response| response.bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Larger than what stays in memory.
    const BIG: usize = KEPT_BYTES + 1;

    /// The bytes of the answer to a request, and whether it was sent; it would be answered with so many of a letter.
    async fn ask(cache: &Cache, path: &str, letter: u8, length: usize) -> (Bytes, bool) {
        let request = Request::get(path);
        let mut sent = false;
        let bytes = Bytes::from(vec![letter; length]);
        let body = body::read(None, &bytes, &cache.interner);
        let exchange = Exchange {
            request: request.clone(),
            url: path.to_owned(),
            result: Ok(Response { status: 200, headers: Vec::new(), bytes, packed: None, body }),
            attempts: 1,
            retries: Vec::new(),
            started: String::new(),
            duration_ms: 0.0,
        };
        let send = || {
            sent = true;
            async { exchange }
        };
        let found = cache.get_or(&request, send, |_| request.clone()).await;
        (found.response().unwrap().bytes.clone(), sent)
    }

    #[tokio::test]
    async fn what_lies_in_the_file_is_found_again_and_not_sent() {
        let cache = Cache::default();
        for (path, letter) in [("a", b'a'), ("b", b'b'), ("c", b'c')] {
            assert_eq!(ask(&cache, path, letter, BIG).await, (vec![letter; BIG].into(), true));
        }
        assert!(cache.shelf.length() > 2 * BIG as u64);
        for _ in 0..2 {
            for (path, letter) in [("a", b'a'), ("b", b'b'), ("c", b'c')] {
                assert_eq!(ask(&cache, path, b'x', 1).await, (vec![letter; BIG].into(), false));
            }
        }
        assert!(cache.shelf.length() < 4 * BIG as u64, "each lies there once");
    }

    #[tokio::test]
    async fn what_the_file_lost_is_sent_again_and_stays_what_was_sent() {
        let mut cache = Cache::default();
        for path in ["a", "b"] {
            ask(&cache, path, b'a', BIG).await;
        }
        cache.shelf = Shelf::default();
        assert_eq!(ask(&cache, "a", b'n', BIG).await, (vec![b'n'; BIG].into(), true));
        ask(&cache, "c", b'c', BIG).await;
        assert_eq!(ask(&cache, "a", b'x', 1).await, (vec![b'n'; BIG].into(), false));
    }
}
