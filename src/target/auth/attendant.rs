//! Whoever runs the program, as far as a sign-in needs them.

use std::fmt::Debug;

use super::store::Kept;

/// Shows addresses to a person, takes pasted ones, and keeps tokens between runs.
pub trait Attendant: Debug + Send + Sync {
    /// Brings the person to the address of the sign-in.
    fn show(&self, url: &str);
    /// The address to which the browser came back, read from the person; blocks. `None` when it comes by the listener instead.
    fn pasted(&self) -> Option<String>;
    /// What was kept for this base and client.
    fn kept(&self, base: &str, client_id: &str) -> Option<Kept>;
    /// Keeps what is good for the next run.
    fn keep(&self, kept: &Kept);
}
