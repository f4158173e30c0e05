//! Keeps the answers to GETs, so that equal ones are sent once, in little memory.
//!
//! The latest answers stay as they are, up to a megabyte; older ones are packed: their tree dropped, and beyond some megabytes their bytes
//! compressed.

use std::collections::{HashMap, VecDeque};
use std::io::{Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use bytes::Bytes;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use tokio::sync::Mutex as AsyncMutex;

use crate::check::exchange::{Body, Exchange, Request, SendError};

use super::body;
use crate::fhir::document::Interner;

/// Bytes of bodies that are kept as they are; their trees take about ten times as much.
const LIVE_BYTES: usize = 1024 * 1024;

/// Bytes of packed bodies that are kept without compressing them: a small run is over before it would pay.
const PLAIN_BYTES: usize = 8 * 1024 * 1024;

/// What an answer takes besides its body, counted in the same measure.
const HEAD_BYTES: usize = 2 * 1024;

/// Bodies smaller than this are not worth packing. An empty searchset is: its tree takes kilobytes, and a large server sends thousands.
const SMALL_BYTES: usize = 128;

/// Answers by request.
#[derive(Debug, Default)]
pub(super) struct Cache {
    slots: Mutex<HashMap<Request, Arc<Slot>>>,
    live: Mutex<Live>,
    /// Bytes of packed bodies that are not compressed.
    plain: AtomicUsize,
    /// What the resources in Bundles are read with.
    pub interner: Interner,
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

/// An answer without its body's tree.
#[derive(Debug)]
struct Packed {
    head: Exchange,
    body: PackedBody,
    /// The answer itself, as long as somebody holds it.
    held: Weak<Exchange>,
}

#[derive(Debug)]
enum PackedBody {
    Plain(Bytes),
    Deflated {
        bytes: Vec<u8>,
        /// How many there were before.
        length: usize,
    },
}

impl Cache {
    /// The kept answer, else the one that `send` gives.
    pub async fn get_or<F: Future<Output = Exchange>>(&self, request: &Request, send: impl FnOnce() -> F) -> Arc<Exchange> {
        let slot = Arc::clone(self.slots.lock().unwrap_or_else(PoisonError::into_inner).entry(request.clone()).or_default());
        let mut kept = slot.lock().await;
        if let Some(exchange) = kept.get(&self.interner) {
            return exchange;
        }
        let exchange = Arc::new(send().await);
        if !matches!(exchange.result, Err(SendError::Cancelled)) {
            *kept = Kept::Whole(Arc::clone(&exchange));
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
    fn get(&mut self, interner: &Interner) -> Option<Arc<Exchange>> {
        match self {
            Self::Nothing => None,
            Self::Whole(exchange) => Some(Arc::clone(exchange)),
            Self::Packed(packed) => match packed.held.upgrade().or_else(|| packed.unpack(interner).map(Arc::new)) {
                Some(exchange) => {
                    packed.held = Arc::downgrade(&exchange);
                    Some(exchange)
                }
                None => {
                    *self = Self::Nothing;
                    None
                }
            },
        }
    }

    fn pack(&mut self, plain: &AtomicUsize) {
        if let Self::Whole(exchange) = self
            && let Some(packed) = Packed::new(exchange, plain)
        {
            *self = Self::Packed(Box::new(packed));
        }
    }
}

impl Packed {
    /// `None` when it is not worth it.
    fn new(exchange: &Arc<Exchange>, plain: &AtomicUsize) -> Option<Self> {
        let response = exchange.response().filter(|response| response.bytes.len() >= SMALL_BYTES)?;
        let length = response.bytes.len();
        let body = if plain.fetch_add(length, Ordering::Relaxed) + length <= PLAIN_BYTES {
            PackedBody::Plain(response.bytes.clone())
        } else {
            plain.fetch_sub(length, Ordering::Relaxed);
            PackedBody::deflate(&response.bytes)?
        };
        let mut head = Exchange::clone(exchange);
        if let Ok(response) = &mut head.result {
            response.bytes = Bytes::new();
            response.body = Body::Empty;
        }
        Some(Self { head, body, held: Arc::downgrade(exchange) })
    }

    fn unpack(&self, interner: &Interner) -> Option<Exchange> {
        let mut exchange = self.head.clone();
        let bytes = self.body.bytes()?;
        if let Ok(response) = &mut exchange.result {
            response.body = body::read(response.header("content-type"), &bytes, interner);
            response.bytes = bytes;
        }
        Some(exchange)
    }
}

impl PackedBody {
    fn deflate(bytes: &[u8]) -> Option<Self> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).ok()?;
        let mut deflated = encoder.finish().ok()?;
        deflated.shrink_to_fit();
        Some(Self::Deflated { bytes: deflated, length: bytes.len() })
    }

    fn bytes(&self) -> Option<Bytes> {
        match self {
            Self::Plain(bytes) => Some(bytes.clone()),
            Self::Deflated { bytes, length } => {
                let mut inflated = Vec::with_capacity(*length);
                DeflateDecoder::new(bytes.as_slice()).read_to_end(&mut inflated).ok()?;
                Some(Bytes::from(inflated))
            }
        }
    }
}

fn size(exchange: &Exchange) -> usize {
    HEAD_BYTES + exchange.response().map_or(0, |response| response.bytes.len())
}
