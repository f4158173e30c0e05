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

/// Each code of a run with its meaning, as the README tells them.
pub const STATUSES: [(&str, &str); 5] = [
    ("0", "conformant: every required case passed, or deviates only as the baseline says"),
    ("1", "deviates: a required case failed, or a baseline entry is stale"),
    ("2", "bad arguments, configuration, suite, package or baseline; nothing was sent"),
    ("3", "not measured: unreachable, not FHIR R4, nothing ran, or a required case is inconclusive or in error (`--allow-inconclusive`)"),
    ("4", "measured, but a report could not be written"),
];

/// The codes as `--help` shows them.
pub fn table() -> String {
    let rows = STATUSES.iter().map(|(code, meaning)| format!("\n  {code}  {meaning}"));
    std::iter::once("Exit status:".to_owned()).chain(rows).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_tells_every_exit_code() {
        let readme = include_str!("../../README.md");
        for (code, meaning) in STATUSES {
            assert!(readme.contains(&format!("\n| {code} | {meaning} |\n")), "{code}");
        }
    }
}
