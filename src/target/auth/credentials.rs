//! The access token that requests carry just now.

use std::sync::{PoisonError, RwLock};

use bytes::Bytes;
use reqwest::header::HeaderValue;
use tokio::time::{Duration, Instant};
use zeroize::Zeroizing;

use super::super::secret::Secret;

/// A token is renewed this long before it runs out.
const EARLY: Duration = Duration::from_secs(60);

/// The current token, replaced when it is renewed.
#[derive(Debug, Default)]
pub struct Credentials {
    current: RwLock<Option<Current>>,
}

#[derive(Clone, Debug)]
struct Current {
    header: HeaderValue,
    /// Counts renewals, so that two requests that are refused at once renew once.
    generation: u64,
    due: Option<Instant>,
}

impl Credentials {
    /// With a token from the start.
    pub fn of(header: Option<HeaderValue>) -> Self {
        Self { current: RwLock::new(header.map(|header| Current { header, generation: 0, due: None })) }
    }

    /// The `Authorization` header, and which token it is.
    pub fn header(&self) -> Option<(HeaderValue, u64)> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        current.as_ref().map(|current| (current.header.clone(), current.generation))
    }

    /// Whether there is a token.
    pub fn is_some(&self) -> bool {
        self.current.read().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Whether the token should be renewed before the next request.
    pub fn is_due(&self) -> bool {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        current.as_ref().and_then(|current| current.due).is_some_and(|due| Instant::now() >= due)
    }

    /// Puts a token in place; `seconds` is how long it lasts. Returns false when a header cannot carry it.
    pub fn put(&self, token: &Secret, seconds: Option<u64>) -> bool {
        let Some(header) = bearer(token) else { return false };
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let generation = current.as_ref().map_or(0, |current| current.generation + 1);
        // A token that lasts less than twice the margin is renewed at half its time.
        let due = seconds.map(Duration::from_secs).map(|lasts| lasts.saturating_sub(EARLY.min(lasts / 2)));
        *current = Some(Current { header, generation, due: due.and_then(|due| Instant::now().checked_add(due)) });
        true
    }

    /// Stops renewing before time: the server gives nothing for it.
    pub fn give_up(&self) {
        if let Some(current) = self.current.write().unwrap_or_else(PoisonError::into_inner).as_mut() {
            current.due = None;
        }
    }
}

/// The `Authorization` header of a bearer token.
pub(in crate::target) fn bearer(token: &Secret) -> Option<HeaderValue> {
    if token.expose().is_empty() || !token.expose().bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    sensitive(format!("Bearer {}", token.expose()))
}

/// A header that is not shown, and is overwritten in memory with its last copy.
pub(in crate::target) fn sensitive(text: String) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(Zeroizing::new(text.into_bytes()))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_token_is_due_a_minute_before_it_runs_out() {
        let credentials = Credentials::default();
        assert!(credentials.put(&Secret::new("a"), Some(300)));
        tokio::time::advance(Duration::from_secs(239)).await;
        assert!(!credentials.is_due());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(credentials.is_due());
        credentials.put(&Secret::new("b"), Some(10));
        tokio::time::advance(Duration::from_secs(5)).await;
        assert!(credentials.is_due(), "a short one at half its time");
        credentials.put(&Secret::new("c"), None);
        assert!(!credentials.is_due());
        assert!(!credentials.put(&Secret::new("two words"), None));
    }
}
