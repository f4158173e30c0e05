//! Reports from the event stream, one file each.

use std::io;

use crate::run::event::Event;

/// Consumes the event stream. An error of one reporter does not stop the others.
pub trait Reporter {
    /// Takes one event.
    fn on(&mut self, event: &Event<'_>) -> io::Result<()>;
}
