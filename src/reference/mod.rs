//! The reference payer: an in-memory CARIN endpoint with synthetic members, which can be told to break in named ways.

mod answer;
mod auth;
mod batch;
mod bundle;
pub mod data;
mod error;
mod everything;
pub mod fault;
mod history;
mod laxity;
mod metadata;
mod negotiate;
mod oauth;
mod operation;
mod options;
mod pages;
mod patch;
mod read;
mod search;
mod server;
mod state;
mod tamper;
mod tls;
mod transfer;
mod write;
mod xml;

use std::io;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use axum::Router;
use axum::serve::Listener;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub use oauth::{AuthorizationServer, ClientAccess, PASSWORD};
pub use options::{Auth, Options, OptionsError};

/// How one member gets in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MemberAccess {
    /// The Patient's id.
    pub patient: String,
    /// The bearer token.
    pub token: String,
}

/// A payer that is answering. It stops when this is dropped.
#[derive(Debug)]
pub struct Running {
    base: String,
    members: Vec<MemberAccess>,
    auth: Auth,
    clients: Vec<ClientAccess>,
    expired_token: Option<String>,
    foreign_token: Option<String>,
    authority: Option<String>,
    facts: String,
    stop: oneshot::Sender<()>,
    task: JoinHandle<io::Result<()>>,
}

/// Starts a payer on loopback.
///
/// # Errors
/// When the port cannot be had, a loaded resource cannot be served, or the authorization server that is not its own does not answer.
pub async fn start(options: Options) -> io::Result<Running> {
    let (port, auth) = (options.port(), options.auth());
    let foreign = match options.authorization_server() {
        Some(server) => Some(oauth::Foreign::found(server.clone()).await.map_err(io::Error::other)?),
        None => None,
    };
    let state = options.state(foreign).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    let (members, clients, facts) = (state.members.clone(), state.clients.clone(), state.known.clone());
    let foreign_token = state.bearer.then(|| state.foreign_token.clone());
    let expired_token = state.office.as_ref().filter(|office| office.foreign.is_none()).map(|office| office.expired_token(0));
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let scheme = if state.secure { "https" } else { "http" };
    let base = format!("{scheme}://{}{}", listener.local_addr()?, server::BASE_PATH);
    let facts = facts.replacen("[facts]\n", &format!("[facts]\n{}", pages::facts()), 1).replace(data::HOME, &base);
    let facts = facts.replace(data::HOME.trim_end_matches(server::BASE_PATH), base.trim_end_matches(server::BASE_PATH));
    let gate = state.secure.then(|| state.faults.clone());
    let router = axum::Router::new().fallback(server::handle).with_state(Arc::new(RwLock::new(state)));
    let (stop, stopped) = oneshot::channel::<()>();
    let (task, authority) = match gate {
        None => (serve(listener, router, stopped), None),
        Some(faults) => {
            let (gate, authority) = tls::open(listener, &faults)?;
            (serve(gate, router, stopped), Some(authority))
        }
    };
    Ok(Running { base, members, auth, clients, expired_token, foreign_token, authority, facts, stop, task })
}

/// Answers until it is told to stop.
fn serve<L: Listener<Addr: std::fmt::Debug>>(listener: L, router: Router, stopped: oneshot::Receiver<()>) -> JoinHandle<io::Result<()>> {
    let serving = axum::serve(listener, router).with_graceful_shutdown(async {
        // A dropped sender is a wish to stop as well.
        drop(stopped.await);
    });
    tokio::spawn(async move { serving.await })
}

impl Running {
    /// The FHIR base, without a slash at the end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Who can get in, in the order of their numbers.
    pub fn members(&self) -> &[MemberAccess] {
        &self.members
    }

    /// What the payer can say of its own data, as `[facts]` of `payerspec.toml`. Its faults are no part of that.
    pub fn facts(&self) -> &str {
        &self.facts
    }

    /// How callers show who they are.
    pub fn auth(&self) -> Auth {
        self.auth
    }

    /// The registered clients; none without an authorization server.
    pub fn clients(&self) -> &[ClientAccess] {
        &self.clients
    }

    /// A token of the first member that has run out.
    pub fn expired_token(&self) -> Option<&str> {
        self.expired_token.as_deref()
    }

    /// A token that is good at another resource server.
    pub fn foreign_token(&self) -> Option<&str> {
        self.foreign_token.as_deref()
    }

    /// The certificate of the authority by whose certificates it speaks TLS, as PEM, where it does.
    pub fn authority(&self) -> Option<&str> {
        self.authority.as_deref()
    }

    /// Lets what is under way finish, for at most two seconds, and stops.
    pub async fn shutdown(self) {
        let Self { stop, mut task, .. } = self;
        drop(stop);
        if tokio::time::timeout(Duration::from_secs(2), &mut task).await.is_err() {
            task.abort();
        }
    }
}
