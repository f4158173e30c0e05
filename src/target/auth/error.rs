//! Why there is no token. Nothing here holds one.

use std::fmt;

use crate::check::exchange::SendError;
use crate::check::said::{self, Said, code, foreign, said, words};

/// Errors of authorization and token endpoints that a specification names (RFC 6749 sections 4.1.2.1 and 5.2, RFC 8628, OpenID Connect
/// Core section 3.1.2.6, RFC 7009): words that say nothing of a member.
const REGISTERED: [&str; 17] = [
    "access_denied",
    "account_selection_required",
    "authorization_pending",
    "consent_required",
    "interaction_required",
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "invalid_scope",
    "invalid_target",
    "login_required",
    "server_error",
    "temporarily_unavailable",
    "unauthorized_client",
    "unsupported_grant_type",
    "unsupported_response_type",
    "unsupported_token_type",
];

/// What went wrong while signing in: it says nothing about the server's resources, only that they could not be asked for.
#[derive(Debug)]
pub enum SignInError {
    /// An endpoint is not known.
    NoEndpoint {
        /// Such as `token`.
        name: &'static str,
        /// Where it was looked for, and what was there.
        looked: Said,
        /// The setting that helps.
        setting: &'static str,
    },
    /// Discovery leads to another origin.
    Foreign {
        /// What leads there.
        what: Said,
        /// Scheme, host and port.
        origin: String,
    },
    /// A request got no answer.
    Send {
        /// What was asked.
        what: &'static str,
        /// Why there is no answer.
        source: SendError,
    },
    /// The authorization server said no.
    Refused {
        /// Which endpoint.
        at: &'static str,
        /// Status, error and description.
        said: Said,
    },
    /// The browser came back with something else than was asked for.
    Redirect {
        /// What is wrong with it.
        what: String,
    },
    /// The token response cannot be used.
    Token {
        /// What is wrong.
        what: &'static str,
    },
    /// A scripted sign-in met something else than its script says.
    Script {
        /// The page's address, without its query.
        at: String,
        /// What was there, and what is expected.
        what: Said,
    },
    /// Nobody is there to sign in.
    Unattended,
    /// The member did not sign in in time.
    Late {
        /// The bound.
        seconds: u64,
    },
    /// The listener cannot be opened.
    Listen {
        /// Host and port.
        address: String,
        /// Why.
        source: std::io::Error,
    },
    /// The client's key cannot sign.
    Signing,
    /// The system has no randomness.
    Random,
    /// The HTTP client cannot be set up.
    Client(String),
}

impl SignInError {
    /// As reports tell it: what the server said is marked as such.
    pub fn said(&self) -> Said {
        match self {
            Self::NoEndpoint { name, looked, setting } => said!("no {} endpoint: {}; set `{}`", code(name), looked, code(setting)),
            Self::Foreign { what, origin } => said!(
                "{} is on {}, another origin than the FHIR base; add `allow-origins = [\"{}\"]` to [auth] if that is right",
                what,
                said::url(origin),
                said::url(origin),
            ),
            Self::Send { what, source } => said!("{}: {}; check the address and the network", code(what), source.said()),
            Self::Refused { at, said } => {
                said!(
                    "{} refused: {}; check client-id, its secret or key, redirect-uri and scopes against the registration",
                    code(at),
                    said
                )
            }
            Self::Redirect { what } => {
                said!("the redirect back from the sign-in {}; begin again, and if it stays so the server is at fault", words(what))
            }
            Self::Token { what } => said!("the token response {}", code(what)),
            Self::Script { at, what } => said!("the scripted sign-in stopped at {}: {}; correct [[auth.form]]", said::url(at), what),
            Self::Unattended => {
                "a member has to sign in and nobody is there; run `payerspec login` first, or give [[auth.form]] or a refresh token".into()
            }
            Self::Late { seconds } => {
                said!("nobody came back from the sign-in within {} s; begin again, or raise `login-timeout`", *seconds)
            }
            Self::Listen { address, source } => said!(
                "cannot listen on {} for the redirect back: {}; free the port or set another `redirect-port`",
                code(address),
                words(source.to_string()),
            ),
            Self::Signing => "the key of `key-file` cannot sign; check that it is whole".into(),
            Self::Random => "the system gives no random numbers; nothing was sent".into(),
            Self::Client(why) => said!("cannot set up the connection: {}", words(why)),
        }
    }
}

impl fmt::Display for SignInError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.said().fmt(formatter)
    }
}

impl std::error::Error for SignInError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Send { source, .. } => Some(source),
            Self::Listen { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// An error with its description (RFC 6749 section 5.2), both in the server's own words unless a specification names the error.
pub(super) fn refusal(error: &str, description: Option<&str>) -> Said {
    let error = if REGISTERED.contains(&error) { code(error) } else { foreign(plain(error)) };
    match description {
        Some(description) => said!("{}: {}", error, foreign(plain(description))),
        None => error,
    }
}

/// A server's own words, without control characters and no longer than fits a line.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::said::{Part, Quoted};

    #[test]
    fn what_a_server_says_is_marked_and_what_a_specification_names_is_not() {
        let foreign = |said: &Said| {
            let quoted = |part: Part<'_>| match part {
                Part::Quote(text, Quoted::Foreign) => Some(text.to_owned()),
                _ => None,
            };
            said.parts().into_iter().filter_map(quoted).collect::<Vec<_>>()
        };
        let said = refusal("invalid_grant", Some("Jane Roe\u{1b}[2J is locked"));
        assert_eq!(
            (said.to_string().as_str(), foreign(&said)),
            ("invalid_grant: Jane Roe[2J is locked", vec!["Jane Roe[2J is locked".to_owned()])
        );
        assert_eq!(foreign(&refusal("Jane", None)), ["Jane"]);
        let error = SignInError::Refused { at: "the token endpoint", said };
        assert_eq!(foreign(&error.said()), ["Jane Roe[2J is locked"]);
        assert_eq!(error.to_string(), error.said().to_string());
    }
}
