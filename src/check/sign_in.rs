//! How the run got its token: what was asked and answered, with every credential masked. Only `target` makes one.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::exchange::Exchange;
use super::said::Said;

/// The parts of a sign-in that a case may judge: what was asked and answered, and what is tried beside it.
pub const PARTS: [&str; 32] = [
    "configuration",
    "endpoints",
    "pkce",
    "state",
    "token-request",
    "redirect-uri",
    "token",
    "no-store",
    "expires-in",
    "scope",
    "patient",
    "id-token",
    "unknown-code",
    "wrong-verifier",
    "reused-code",
    "wrong-client",
    "wrong-secret",
    "wrong-redirect",
    "unregistered-redirect",
    "wrong-audience",
    "refresh",
    "rotated",
    "reused-refresh",
    "revoked",
    "expired",
    "narrowed",
    "narrowed-read",
    "narrowed-include",
    "narrowed-everything",
    "token-preflight",
    "unknown-introspected",
    "introspected",
];

/// What stands for the body of a page that has the form of the sign-in.
pub const SIGN_IN_PAGE: &str = "a page with the form of the sign-in";
/// What stands for the body of any other page.
pub const OTHER_PAGE: &str = "a page without the form of the sign-in";

/// One sign-in of a member's app (SMART App Launch, RFC 6749), or what of it is to be expected before it was done.
#[derive(Clone, Debug, Default)]
pub struct SignIn {
    /// Parts of the sign-in that do not apply, each with the reason. All others do.
    pub why_not: BTreeMap<&'static str, String>,
    /// The answer to `[base]/.well-known/smart-configuration`.
    pub configuration: Option<Arc<Exchange>>,
    /// Endpoints by their SMART name, as the SMART configuration and the CapabilityStatement have them.
    pub endpoints: Vec<StatedEndpoint>,
    /// The parameters of the authorization request.
    pub asked: Vec<(String, String)>,
    /// The parameters with which the browser came back; `state` is told apart, since it is a secret of the sign-in.
    pub returned: Vec<(String, String)>,
    /// Whether `state` came back as it was sent; `None` when none was sent.
    pub state_returned: Option<bool>,
    /// The token request with its response.
    pub token: Option<Arc<Exchange>>,
    /// What is wrong with the id_token; `None` when there was none to look at.
    pub id_token: Option<Vec<Said>>,
    /// Whether a refresh gave another refresh token; `None` when none was made.
    pub rotated: Option<bool>,
    /// What was tried beside the sign-in, by the name of the part.
    pub trials: BTreeMap<String, Trial>,
}

/// One endpoint, as both places state it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatedEndpoint {
    /// `authorize` or `token`.
    pub name: &'static str,
    /// By `.well-known/smart-configuration`.
    pub configuration: Option<String>,
    /// By the extension `oauth-uris` of the CapabilityStatement.
    pub statement: Option<String>,
}

/// Something that was tried to see it refused, or done once more.
#[derive(Clone, Debug)]
pub enum Trial {
    /// What was sent, the telling exchange last.
    Done(Vec<Arc<Exchange>>),
    /// Why it could not be tried.
    Undone(Said),
}

impl SignIn {
    /// Why a part does not apply, when it does not.
    pub fn why_not(&self, part: &str) -> Option<&str> {
        self.why_not.get(part).map(String::as_str)
    }

    /// What was sent for a part.
    ///
    /// # Errors
    /// Why nothing was.
    pub fn exchanges(&self, part: &str) -> Result<Vec<Arc<Exchange>>, Said> {
        match (part, self.trials.get(part)) {
            (_, Some(Trial::Done(exchanges))) => Ok(exchanges.clone()),
            (_, Some(Trial::Undone(reason))) => Err(reason.clone()),
            ("configuration", None) => Ok(self.configuration.iter().cloned().collect()),
            ("pkce" | "state" | "endpoints", None) => Ok(Vec::new()),
            (_, None) => Ok(self.token.iter().cloned().collect()),
        }
    }
}
