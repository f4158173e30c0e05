//! Requests of the sign-in keep the bounds of the run: its slots, its rate, its count, its end, and the waits that a server asks for.

use reqwest::header::HeaderMap;

use super::super::fault::whole_seconds;
use super::super::wait::{Patience, pause};
use super::session::Session;
use crate::check::exchange::SendError;
use crate::check::said::{Said, said};

/// What happened on the way to an answer.
#[derive(Debug, Default)]
pub(super) struct Trail {
    pub attempts: u32,
    pub retries: Vec<Said>,
}

/// Something with a status and headers.
pub(super) trait Answered {
    fn head(&self) -> (u16, &HeaderMap);
}

impl Session {
    /// Sends once, or again where the answer asks to wait first. `is_repeatable` tells whether it may be done twice.
    pub(super) async fn mannerly<T: Answered, F: Future<Output = Result<T, SendError>>>(
        &self,
        is_repeatable: bool,
        trail: &mut Trail,
        send: impl Fn() -> F,
    ) -> Result<T, SendError> {
        let work = async {
            let _slot = self.pace.slot().await;
            let mut patience = Patience::new(&self.limits);
            loop {
                self.pace.turn().await;
                trail.attempts = trail.attempts.saturating_add(1);
                let answer = send().await?;
                let (status, headers) = answer.head();
                let Some(wait) = patience.asked(status, headers, is_repeatable) else { return Ok(answer) };
                trail.retries.push(said!("{} asked to wait {} s", status, whole_seconds(wait)));
                drop(answer);
                pause(wait).await;
            }
        };
        self.pace.unless_stopped(work).await.unwrap_or(Err(SendError::Cancelled))
    }
}
