//! Exit codes and errors of commands.

use std::process::ExitCode;

/// How a command ends. 101 is Rust's panic and is never meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Conformant, or done.
    Done,
    /// The target deviates.
    Deviates,
    /// Bad arguments, configuration, suite, package or baseline; nothing was sent.
    BadInput,
    /// Unreachable, nothing ran, or a required case without an answer.
    NotMeasured,
    /// Measured, but a report could not be written.
    Unreported,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Deviates => 1,
            Exit::BadInput => 2,
            Exit::NotMeasured => 3,
            Exit::Unreported => 4,
        })
    }
}

/// What the user gave cannot be used: one message that says where, what, and what to do.
#[derive(Debug)]
pub struct BadInput(pub String);

impl<E: std::error::Error> From<E> for BadInput {
    fn from(error: E) -> Self {
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            let cause_text = cause.to_string();
            if !message.contains(&cause_text) {
                message = format!("{message}: {cause_text}");
            }
            source = cause.source();
        }
        Self(message)
    }
}
