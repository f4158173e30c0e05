//! Why there is no token. Nothing here holds one.

use crate::check::exchange::SendError;

/// What went wrong while signing in: it says nothing about the server's resources, only that they could not be asked for.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// An endpoint is not known.
    #[error("no {name} endpoint: {looked}; set `{setting}`")]
    NoEndpoint {
        /// Such as `token`.
        name: &'static str,
        /// Where it was looked for, and what was there.
        looked: String,
        /// The setting that helps.
        setting: &'static str,
    },
    /// Discovery leads to another origin.
    #[error("{what} is on {origin}, another origin than the FHIR base; add `allow-origins = [\"{origin}\"]` to [auth] if that is right")]
    Foreign {
        /// What leads there.
        what: String,
        /// Scheme, host and port.
        origin: String,
    },
    /// A request got no answer.
    #[error("{what}: {source}; check the address and the network")]
    Send {
        /// What was asked.
        what: &'static str,
        /// Why there is no answer.
        source: SendError,
    },
    /// The authorization server said no.
    #[error("{at} refused: {said}; check client-id, its secret or key, redirect-uri and scopes against the registration")]
    Refused {
        /// Which endpoint.
        at: &'static str,
        /// Status, error and description.
        said: String,
    },
    /// The browser came back with something else than was asked for.
    #[error("the redirect back from the sign-in {what}; begin again, and if it stays so the server is at fault")]
    Redirect {
        /// What is wrong with it.
        what: String,
    },
    /// The token response cannot be used.
    #[error("the token response {what}")]
    Token {
        /// What is wrong.
        what: String,
    },
    /// A scripted sign-in met something else than its script says.
    #[error("the scripted sign-in stopped at {at}: {what}; correct [[auth.form]]")]
    Script {
        /// The page's address, without its query.
        at: String,
        /// What was there, and what is expected.
        what: String,
    },
    /// Nobody is there to sign in.
    #[error("a member has to sign in and nobody is there; run `payerspec login` first, or give [[auth.form]] or a refresh token")]
    Unattended,
    /// The member did not sign in in time.
    #[error("nobody came back from the sign-in within {seconds} s; begin again, or raise `login-timeout`")]
    Late {
        /// The bound.
        seconds: u64,
    },
    /// The listener cannot be opened.
    #[error("cannot listen on {address} for the redirect back: {source}; free the port or set another `redirect-port`")]
    Listen {
        /// Host and port.
        address: String,
        /// Why.
        source: std::io::Error,
    },
    /// The client's key cannot sign.
    #[error("the key of `key-file` cannot sign; check that it is whole")]
    Signing,
    /// The system has no randomness.
    #[error("the system gives no random numbers; nothing was sent")]
    Random,
    /// The HTTP client cannot be set up.
    #[error("cannot set up the connection: {0}")]
    Client(String),
}

/// A server's own words, without control characters and no longer than fits a line.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(200).collect()
}
