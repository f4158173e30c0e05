//! How long a server asks to wait (RFC 9110 section 10.2.3), and how long it is obeyed.

use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use super::limits::Limits;

/// How often `Retry-After` is obeyed for one request, whatever it says.
const MAX_WAITS: usize = 5;

/// Shortest wait before the same request is sent again.
const SHORTEST_WAIT: Duration = Duration::from_millis(50);

/// How often and how long one request may still be kept waiting.
#[derive(Debug)]
pub(super) struct Patience {
    budget: Duration,
    waits: usize,
}

impl Patience {
    /// For a new request.
    pub fn new(limits: &Limits) -> Self {
        Self { budget: limits.retry_after, waits: MAX_WAITS }
    }

    /// The wait that an answer asks for, if it is to be obeyed. A 503 does not tell whether something was done, so that it counts for what
    /// may be done twice only.
    pub fn asked(&mut self, status: u16, headers: &HeaderMap, is_repeatable: bool) -> Option<Duration> {
        let is_asking = status == 429 || (status == 503 && is_repeatable);
        let value = headers.get(RETRY_AFTER).filter(|_| is_asking)?;
        let wait = retry_after(value.to_str().ok()?, OffsetDateTime::now_utc())?;
        self.waits = self.waits.checked_sub(1)?;
        self.budget = self.budget.checked_sub(wait)?;
        Some(wait)
    }
}

/// Waits, if only a little.
pub(super) async fn pause(wait: Duration) {
    tokio::time::sleep(wait.max(SHORTEST_WAIT)).await;
}

/// `Retry-After` as seconds or as an HTTP date; a date that has passed is no wait. `None` when it is neither.
fn retry_after(value: &str, now: OffsetDateTime) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(value.parse().map_or(Duration::MAX, Duration::from_secs));
    }
    let date = OffsetDateTime::parse(value, &Rfc2822).ok()?;
    Some(Duration::try_from(date - now).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn patience_comes_to_an_end() {
        let mut patience = Patience::new(&Limits { retry_after: Duration::from_secs(5), ..Limits::default() });
        let asking = |seconds: &str| HeaderMap::from_iter([(RETRY_AFTER, seconds.parse().unwrap())]);
        assert_eq!(patience.asked(429, &asking("3"), false), Some(Duration::from_secs(3)));
        assert_eq!(patience.asked(429, &asking("3"), false), None, "two seconds are left");
        assert_eq!(patience.asked(503, &asking("1"), false), None);
        assert_eq!(patience.asked(503, &asking("1"), true), Some(Duration::from_secs(1)));
        assert_eq!(patience.asked(429, &HeaderMap::new(), true), None);
        assert_eq!((0..9).filter_map(|_| patience.asked(429, &asking("0"), true)).count(), 2, "five waits at most");
    }

    #[test]
    fn seconds_and_dates_are_read() {
        let now = datetime!(2026-11-23 10:00:00 UTC);
        assert_eq!(retry_after(" 3 ", now), Some(Duration::from_secs(3)));
        assert_eq!(retry_after("Mon, 23 Nov 2026 10:00:05 GMT", now), Some(Duration::from_secs(5)));
        assert_eq!(retry_after("Mon, 23 Nov 2026 09:00:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(retry_after("99999999999999999999999", now), Some(Duration::MAX));
        for neither in ["", "soon", "-1", "1.5"] {
            assert_eq!(retry_after(neither, now), None, "{neither}");
        }
    }
}
