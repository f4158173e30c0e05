//! What can be wrong with a suite.

use std::path::PathBuf;

/// Bad suite: where, what, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// The file cannot be read.
    #[error("cannot read the suite {path}: {source}; name one of {known} or a .toml file or a folder of them")]
    Unreadable {
        /// The path as given.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
        /// Names of the embedded suites.
        known: String,
    },
    /// The TOML is not a suite; the parser's message has line and column.
    #[error("{path} is not a suite:\n{message}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The parser's message with line, column and the valid keys.
        message: String,
    },
    /// Rules of the grammar that the parser cannot know.
    #[error("{mistakes}")]
    Invalid {
        /// Each mistake on a line of its own: file, line, column, what is wrong and what to do.
        mistakes: String,
    },
}
