//! Signing in as a member's app: SMART App Launch, Backend Services, refresh, and flows that depart from them.

mod attendant;
mod code;
mod config;
mod credentials;
mod discovery;
mod error;
mod form;
mod grant;
mod jose;
mod listener;
mod manners;
mod options;
mod pkce;
mod preset;
mod record;
mod script;
mod session;
mod store;
mod trials;

pub use attendant::Attendant;
pub use config::{AuthConfig, ClientProof, Flow, FormStep};
pub use error::SignInError;
pub use options::{AuthOptions, FieldText, FormOptions};
pub use store::{Kept, StoreError, TokenStore};

pub(super) use credentials::{Credentials, bearer, sensitive};
pub(super) use discovery::stated;
pub(super) use session::Session;
