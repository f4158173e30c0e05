//! What was asked, granted and issued, by the random words that stand for it.

use std::collections::{HashMap, HashSet};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};

use super::super::fault::Breach;
use super::super::state::State;
use super::scope::Scope;

/// Seconds within which a member signs in.
const LOGIN_SECONDS: i64 = 600;
/// Seconds within which a code is redeemed (RFC 6749 section 4.1.2 recommends ten minutes at most).
const CODE_SECONDS: i64 = 60;

/// What an application asked of a member.
#[derive(Clone, Debug)]
pub struct Asked {
    pub client: String,
    pub redirect_uri: String,
    pub scope: Scope,
    pub state: Option<String>,
    pub nonce: Option<String>,
    pub challenge: Option<String>,
}

/// A member who is about to sign in.
#[derive(Clone, Debug)]
pub struct Login {
    pub asked: Asked,
    pub cookie: String,
    /// The members whose record the user may open; empty before the password was right.
    pub patients: Vec<usize>,
    expires: i64,
}

/// What a code stands for.
#[derive(Clone, Debug)]
pub struct Code {
    pub asked: Asked,
    pub member: usize,
    pub used: bool,
    expires: i64,
}

/// What a token stands for.
#[derive(Clone, Debug)]
pub struct Grant {
    pub client: String,
    pub member: Option<usize>,
    pub scope: Scope,
    pub nonce: Option<String>,
    /// The code that it came from: when the code is used again, the token ends.
    pub code: Option<String>,
    pub expires: i64,
}

/// The books.
#[derive(Debug, Default)]
pub struct Ledger {
    logins: HashMap<String, Login>,
    pub codes: HashMap<String, Code>,
    pub access: HashMap<String, Grant>,
    pub refresh: HashMap<String, Grant>,
    assertions: HashSet<String>,
}

impl Ledger {
    /// Begins a login; gives its ticket and the cookie that goes with it.
    pub fn begin(&mut self, asked: Asked, now: i64) -> (String, String) {
        self.logins.retain(|_, login| login.expires > now);
        let (ticket, cookie) = (word(), word());
        self.logins.insert(ticket.clone(), Login { asked, cookie: cookie.clone(), patients: Vec::new(), expires: now + LOGIN_SECONDS });
        (ticket, cookie)
    }

    /// The login of this ticket, for the browser that holds its cookie.
    pub fn login(&mut self, ticket: &str, cookies: &str, now: i64) -> Option<&mut Login> {
        let login = self.logins.get_mut(ticket).filter(|login| login.expires > now)?;
        let cookie = format!("{}={}", super::authorize::COOKIE, login.cookie);
        cookies.split(';').any(|held| held.trim() == cookie).then_some(login)
    }

    /// Ends a login with a code for a member.
    pub fn code(&mut self, ticket: &str, member: usize, now: i64) -> Option<(String, Asked)> {
        self.codes.retain(|_, code| code.expires > now);
        let asked = self.end(ticket)?;
        let code = word();
        self.codes.insert(code.clone(), Code { asked: asked.clone(), member, used: false, expires: now + CODE_SECONDS });
        Some((code, asked))
    }

    /// Ends a login without a code.
    pub fn end(&mut self, ticket: &str) -> Option<Asked> {
        Some(self.logins.remove(ticket)?.asked)
    }

    /// An access token for a grant.
    pub fn issue(&mut self, grant: Grant, now: i64) -> String {
        self.access.retain(|_, grant| grant.expires > now - LOGIN_SECONDS);
        let token = word();
        self.access.insert(token.clone(), grant);
        token
    }

    /// A token of a member's whole record that has run out.
    pub fn expired(&mut self, member: usize, now: i64) -> String {
        let scope = Scope::of("patient/*.rs", "patient");
        let grant = Grant { client: String::new(), member: Some(member), scope, nonce: None, code: None, expires: now - 1 };
        let token = word();
        self.access.insert(token.clone(), grant);
        token
    }

    /// Takes back every token that came from a code.
    pub fn take_back(&mut self, code: &str) {
        self.access.retain(|_, grant| grant.code.as_deref() != Some(code));
        self.refresh.retain(|_, grant| grant.code.as_deref() != Some(code));
    }

    /// Whether a client assertion's `jti` was not seen before; it is seen now.
    pub fn is_new_assertion(&mut self, client: &str, jti: &str) -> bool {
        self.assertions.insert(format!("{client} {jti}"))
    }

    /// What an access token opens.
    pub fn opened(&self, state: &State, token: &str, now: i64) -> Option<(Option<usize>, Scope)> {
        let grant = self.access.get(token).filter(|_| !token.is_empty())?;
        if grant.expires <= now && !state.has(Breach::AccessTokenExpiredAccepted) {
            return None;
        }
        let scope = if state.has(Breach::AccessTokenScopeIgnored) { Scope::of("patient/*.cruds", "patient") } else { grant.scope.clone() };
        Some((grant.member, scope))
    }
}

/// A random word that nobody guesses: 256 bits. An empty one, which opens nothing, if the system has no randomness.
pub fn word() -> String {
    let mut bytes = [0; 32];
    match SystemRandom::new().fill(&mut bytes) {
        Ok(()) => URL_SAFE_NO_PAD.encode(bytes),
        Err(_) => String::new(),
    }
}
