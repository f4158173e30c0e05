//! Keeps the answers to GETs, so that equal ones are sent once, in little memory.
//!
//! The latest answers stay as they are, up to a megabyte; older ones are packed: their bytes compressed, their tree dropped.

use std::collections::{HashMap, VecDeque};
use std::io::{Read, Write};
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

/// What an answer takes besides its body, counted in the same measure.
const HEAD_BYTES: usize = 2 * 1024;

/// Bodies smaller than this are not worth packing. An empty searchset is: its tree takes kilobytes, and a large server sends thousands.
const SMALL_BYTES: usize = 128;

/// Answers by request.
#[derive(Debug, Default)]
pub(super) struct Cache {
    slots: Mutex<HashMap<Request, Arc<Slot>>>,
    live: Mutex<Live>,
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
    deflated: Vec<u8>,
    /// Bytes before packing.
    length: usize,
    /// The answer itself, as long as somebody holds it.
    held: Weak<Exchange>,
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
                kept.pack();
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

    fn pack(&mut self) {
        if let Self::Whole(exchange) = self
            && let Some(packed) = Packed::new(exchange)
        {
            *self = Self::Packed(Box::new(packed));
        }
    }
}

impl Packed {
    /// `None` when it is not worth it.
    fn new(exchange: &Arc<Exchange>) -> Option<Self> {
        let response = exchange.response().filter(|response| response.bytes.len() >= SMALL_BYTES)?;
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&response.bytes).ok()?;
        let mut deflated = encoder.finish().ok()?;
        deflated.shrink_to_fit();
        let length = response.bytes.len();
        let mut head = Exchange::clone(exchange);
        if let Ok(response) = &mut head.result {
            response.bytes = Bytes::new();
            response.body = Body::Empty;
        }
        Some(Self { head, deflated, length, held: Arc::downgrade(exchange) })
    }

    fn unpack(&self, interner: &Interner) -> Option<Exchange> {
        let mut exchange = self.head.clone();
        let mut bytes = Vec::with_capacity(self.length);
        DeflateDecoder::new(self.deflated.as_slice()).read_to_end(&mut bytes).ok()?;
        if let Ok(response) = &mut exchange.result {
            response.body = body::read(response.header("content-type"), &bytes, interner);
            response.bytes = Bytes::from(bytes);
        }
        Some(exchange)
    }
}

fn size(exchange: &Exchange) -> usize {
    HEAD_BYTES + exchange.response().map_or(0, |response| response.bytes.len())
}
