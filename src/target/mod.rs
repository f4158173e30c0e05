//! The endpoint under test, and the only door to the network: HTTP, pacing, retries, recording and redaction.

mod address;
mod auth;
mod body;
mod border;
mod cache;
mod client;
mod config;
mod error;
mod fault;
mod fetch;
mod file;
mod hello;
mod identity;
mod limits;
mod metadata;
mod pace;
mod read;
mod redact;
mod secret;
mod send;
mod shelf;
mod survey;
mod terminology;
mod token;
mod transport;

mod wait;

pub use auth::{
    Attendant, AuthConfig, AuthOptions, ClientProof, FieldText, Flow, FormOptions, FormStep, Kept, SignInError, StoreError, TokenStore,
};
pub use config::{OtherTokens, TargetConfig, TokenSource};
pub use error::TargetError;
pub use fetch::Downloader;
pub use file::{ConfigFile, TargetOptions};
pub use limits::Limits;
pub use metadata::{Discovery, declaration_from_bytes, declaration_from_file};
pub use redact::Redactor;
pub use secret::Secret;
pub use send::Target;
pub use survey::Survey;
pub use terminology::{TerminologyError, TerminologyServer};
