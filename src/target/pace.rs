//! Keeps requests few at a time and slow enough, and stops them all at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, Semaphore, SemaphorePermit, watch};
use tokio::time::{Instant, sleep_until};

use super::limits::Limits;

/// Slots, rate, deadline and stop signal of one target.
#[derive(Debug)]
pub(super) struct Pace {
    slots: Semaphore,
    interval: Option<Duration>,
    next_turn: Mutex<Option<Instant>>,
    sent: AtomicUsize,
    stop: watch::Sender<bool>,
    deadline: Option<Instant>,
}

impl Pace {
    /// The run's total time is counted from now.
    pub fn new(limits: &Limits) -> Self {
        Self {
            slots: Semaphore::new(limits.concurrency),
            interval: limits.rate.and_then(|rate| Duration::try_from_secs_f64(1.0 / rate).ok()),
            next_turn: Mutex::new(None),
            sent: AtomicUsize::new(0),
            stop: watch::Sender::new(false),
            deadline: limits.total.and_then(|total| Instant::now().checked_add(total)),
        }
    }

    /// Waits for a free slot; the slot is free again when the permit is dropped.
    pub async fn slot(&self) -> Option<SemaphorePermit<'_>> {
        self.slots.acquire().await.ok()
    }

    /// Waits for the next turn by the rate, and counts one request as sent.
    pub async fn turn(&self) {
        if let Some(interval) = self.interval {
            let mut next = self.next_turn.lock().await;
            let turn = next.map_or_else(Instant::now, |next| next.max(Instant::now()));
            *next = turn.checked_add(interval);
            drop(next);
            sleep_until(turn).await;
        }
        self.sent.fetch_add(1, Ordering::Relaxed);
    }

    /// Requests sent so far, retries and redirects included.
    pub fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }

    /// Ends every pending and future request.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Whether `stop` was called.
    pub fn is_stopped(&self) -> bool {
        *self.stop.borrow()
    }

    /// Whether the run's total time is up.
    pub fn is_time_up(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// What comes of some work, unless the run is stopped or its time is up before.
    pub async fn unless_stopped<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.stopped() => None,
            result = work => Some(result),
        }
    }

    /// Ends when the run is stopped or its time is up.
    pub async fn stopped(&self) {
        let mut stop = self.stop.subscribe();
        let signal = async {
            // An error would mean that the sender is gone, which lives as long as `self`.
            let _ = stop.wait_for(|stopped| *stopped).await;
        };
        match self.deadline {
            None => signal.await,
            Some(deadline) => tokio::select! {
                () = signal => {}
                () = sleep_until(deadline) => {}
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn turns_keep_the_rate_and_are_counted() {
        let pace = Pace::new(&Limits { rate: Some(4.0), ..Limits::default() });
        let start = Instant::now();
        for _ in 0..5 {
            pace.turn().await;
        }
        assert_eq!((start.elapsed(), pace.sent()), (Duration::from_secs(1), 5));
        tokio::time::advance(Duration::from_secs(60)).await;
        pace.turn().await;
        pace.turn().await;
        assert_eq!(start.elapsed(), Duration::from_millis(61_250), "idle time saves up no turns");
    }

    #[tokio::test(start_paused = true)]
    async fn the_deadline_stops_as_a_call_does() {
        let pace = Pace::new(&Limits { total: Some(Duration::from_secs(60)), ..Limits::default() });
        assert!(!pace.is_time_up());
        pace.stopped().await;
        assert!(pace.is_time_up() && !pace.is_stopped());
        let pace = Pace::new(&Limits::default());
        pace.stop();
        pace.stopped().await;
        assert!(pace.is_stopped() && !pace.is_time_up());
    }
}
