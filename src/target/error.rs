//! What can be wrong with the target's configuration or a statement given as a file.

use std::path::PathBuf;

/// Bad input about the target: the command ends with exit code 2 before anything is sent.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// A file cannot be read.
    #[error("cannot read {}: {source}; check that it exists and that you may read it", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The configuration file is not what it should be.
    #[error("{}:{line}:{column}: {what}; {hint}", path.display())]
    Syntax {
        /// The configuration file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What is wrong.
        what: String,
        /// What to do.
        hint: String,
    },
    /// What the payer says of its own data makes no sense.
    #[error("{}, [facts]: {what}", path.display())]
    Facts {
        /// The configuration file.
        path: PathBuf,
        /// What is wrong and what to do.
        what: String,
    },
    /// No base URL was given.
    #[error("no target was given; name the FHIR base with --target URL or as `base` in [target] of payerspec.toml")]
    NoBase,
    /// A setting that is not a usable URL.
    #[error("{setting}: `{value}` is no usable URL: {why}; give an http or https URL such as https://payer.example/fhir")]
    Url {
        /// The setting's name.
        setting: &'static str,
        /// What was given, credentials left out.
        value: String,
        /// What is wrong.
        why: String,
    },
    /// A setting out of bounds.
    #[error("{setting}: {what}; {hint}")]
    Setting {
        /// The setting's name.
        setting: &'static str,
        /// What is wrong.
        what: String,
        /// What to do.
        hint: &'static str,
    },
    /// A header that cannot or must not be sent.
    #[error("header `{name}`: {why}")]
    Header {
        /// The header's name.
        name: String,
        /// What is wrong and what to do.
        why: &'static str,
    },
    /// The token's source gives nothing usable.
    #[error("{origin}: {what}; put the bare access token there, on one line")]
    Token {
        /// The file or the environment variable.
        origin: String,
        /// What is wrong.
        what: &'static str,
    },
    /// The environment variable for the token is not set.
    #[error("the environment variable {name} is not set; set it to the access token, or give the token in a file with --token-file")]
    NoVariable {
        /// The variable.
        name: String,
    },
    /// TLS or the HTTP client cannot be set up.
    #[error("cannot set up TLS: {reason}; check the certificates of this machine and `ca-file`")]
    Tls {
        /// Why.
        reason: String,
    },
    /// The file given as the server's statement is none.
    #[error("{}: {what}; give a CapabilityStatement as JSON or XML, such as the answer to GET [base]/metadata", path.display())]
    Statement {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        what: String,
    },
}
