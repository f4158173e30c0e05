//! Sends a request and records what becomes of it: redirects, waits and retries included.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use reqwest::Client;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderMap, HeaderName, HeaderValue};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::time::sleep;
use url::Url;

use crate::check::exchange::{Exchange, FOLLOWED, Identity, Method, Payload, Request, Response, SendError};
use crate::check::said::{self, Said, said};
use crate::check::sign_in::SignIn;

use super::address;
use super::auth::{Credentials, Session, SignInError, bearer};
use super::border::Border;
use super::cache::Cache;
use super::client::{Clients, Recipe};
use super::config::{FHIR_JSON, OtherTokens, TargetConfig};
use super::error::TargetError;
use super::fault::{Fault, whole_seconds};
use super::identity;
use super::pace::Pace;
use super::read::{Received, Room, Wire, exchange};
use super::redact::Redactor;
use super::wait::{Patience, pause};

/// Waits before a broken request is sent again; their number is the number of retries.
const BACK_OFF: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(400)];

/// The endpoint under test. Cheap to share by `Arc`; every request of a run goes through one.
#[derive(Debug)]
pub struct Target {
    config: TargetConfig,
    redactor: Redactor,
    recipe: Recipe,
    clients: Clients,
    fresh: OnceLock<Client>,
    credentials: Credentials,
    session: Option<Session>,
    pub(super) border: Border,
    pace: Arc<Pace>,
    cache: Cache,
    room: Room,
}

/// What happened on the way to an answer.
#[derive(Default)]
struct Trail {
    /// When it got its turn first.
    started: Option<(Instant, OffsetDateTime)>,
    attempts: u32,
    retries: Vec<Said>,
}

impl Target {
    /// Makes the target; nothing is sent. The total time of the run, if bounded, begins now.
    ///
    /// # Errors
    /// When TLS cannot be set up or `ca-file` is unusable.
    pub fn new(config: TargetConfig) -> Result<Self, TargetError> {
        let border = config.border();
        let recipe = Recipe::new(&config, border.clone())?;
        let refused = || TargetError::Token { origin: "token".to_owned(), what: "the token has characters that a header cannot carry" };
        let authorization = config.token.as_ref().map(|token| bearer(token).ok_or_else(refused)).transpose()?;
        let redactor = Redactor::new(&config);
        let OtherTokens { expired, foreign, other_member } = &config.other_tokens;
        [&config.token, expired, foreign, other_member].into_iter().flatten().for_each(|token| redactor.learn(token));
        let cache = Cache::default();
        let pace = Arc::new(Pace::new(&config.limits));
        let session = config.auth.clone().map(|auth| Session::new(&config, auth, &recipe, &redactor, &pace)).transpose()?;
        Ok(Self {
            redactor,
            clients: Clients::new(&recipe, &config.base)?,
            fresh: OnceLock::new(),
            pace,
            room: Room::new(Arc::clone(&cache.interner)),
            cache,
            recipe,
            credentials: Credentials::of(authorization),
            border,
            session,
            config,
        })
    }

    /// The FHIR base, without a slash at its end.
    pub fn base(&self) -> &str {
        self.config.base.as_str().trim_end_matches('/')
    }

    /// The settings.
    pub fn config(&self) -> &TargetConfig {
        &self.config
    }

    /// Whether a request to this absolute URL would carry the member's credentials: only one to the base's own origin does.
    pub fn trusts(&self, url: &str) -> bool {
        Url::parse(url).is_ok_and(|url| address::same_origin(&self.config.base, &url))
    }

    /// Whether a link, absolute or relative, leads to the base's own origin.
    pub fn is_own(&self, link: &str) -> bool {
        address::build(&self.config.base, link, &[]).is_ok_and(|url| address::same_origin(&self.config.base, &url))
    }

    /// Whether there is a token at all.
    pub fn has_token(&self) -> bool {
        self.credentials.is_some()
    }

    /// Why a request cannot be sent with these credentials, when it cannot.
    pub fn why_not(&self, identity: Identity) -> Option<String> {
        identity::why_not(identity, self.has_token(), &self.config)
    }

    /// How the run signs in, before it does; `None` when it was given its token, or none.
    pub fn expected_sign_in(&self) -> Option<SignIn> {
        self.session.as_ref().map(Session::expected)
    }

    /// Signs in, when the settings say how; all later requests as the member carry the token.
    ///
    /// # Errors
    /// Why there is no token.
    pub async fn sign_in(&self) -> Result<Option<SignIn>, SignInError> {
        match &self.session {
            Some(session) => session.sign_in(self, &self.credentials).await.map(Some),
            None => Ok(None),
        }
    }

    /// Tries parts of the sign-in that need requests of their own, and adds what becomes of them.
    pub async fn try_out(&self, sign_in: &mut SignIn, parts: &[&str]) {
        if let Some(session) = &self.session {
            session.try_out(self, sign_in, parts).await;
        }
    }

    /// The member whom the token is for, when the sign-in said it.
    pub fn signed_in_patient(&self) -> Option<String> {
        self.session.as_ref().and_then(Session::patient)
    }

    /// Requests sent so far, retries and redirects included.
    pub fn requests(&self) -> usize {
        self.pace.sent()
    }

    /// Ends every pending and future request with [`SendError::Cancelled`].
    pub fn cancel(&self) {
        self.pace.stop();
    }

    /// Whether [`Target::cancel`] was called.
    pub fn is_cancelled(&self) -> bool {
        self.pace.is_stopped()
    }

    /// Whether the run's total time is up; requests then end with [`SendError::Cancelled`].
    pub fn is_time_up(&self) -> bool {
        self.pace.is_time_up()
    }

    /// Sends a request, or gives the answer that an equal GET got before; equal GETs at the same time wait for the one that is sent.
    /// Failures are kept too, so that one dead resource is not asked again and again; only what was cancelled is not kept.
    pub async fn fetch(&self, request: &Request) -> Arc<Exchange> {
        if request.method != Method::Get {
            return Arc::new(self.send(request).await);
        }
        self.cache.get_or(request, || self.send(request), |shown| self.told(request, self.trusts(shown))).await
    }

    /// Sends a request. Whatever goes wrong is in the exchange.
    pub async fn send(&self, request: &Request) -> Exchange {
        let mut trail = Trail::default();
        let (shown, is_own);
        let result = match self.address(request) {
            Err(why) => {
                shown = self.redactor.text(&request.path);
                is_own = self.trusts(&shown);
                Err(SendError::Url(why))
            }
            Ok(url) => {
                shown = self.redactor.url(&url);
                is_own = address::same_origin(&self.config.base, &url);
                self.pace.unless_stopped(self.follow_as_member(request, url, &mut trail)).await.unwrap_or(Err(SendError::Cancelled))
            }
        };
        let started = trail.started.unwrap_or_else(|| (Instant::now(), OffsetDateTime::now_utc()));
        Exchange {
            request: self.told(request, is_own),
            url: shown,
            result,
            attempts: trail.attempts,
            retries: trail.retries,
            started: started.1.format(&Rfc3339).unwrap_or_default(),
            duration_ms: started.0.elapsed().as_secs_f64() * 1000.0,
        }
    }

    /// The URL of a request. A token stands in it only where that is the question, and only to the base's own origin.
    fn address(&self, request: &Request) -> Result<Url, String> {
        let url = address::build(&self.config.base, &request.path, &request.query)?;
        let member = self.credentials.header().map(|(authorization, _)| authorization);
        match identity::in_query(request.identity, member.as_ref()).filter(|_| address::same_origin(&self.config.base, &url)) {
            Some(pair) => address::build(&self.config.base, url.as_str(), &[pair]),
            None => Ok(url),
        }
    }

    /// What is told of a request, which may have gone to the base's own origin: without credentials, but with what the settings add.
    fn told(&self, request: &Request, is_own: bool) -> Request {
        let mut told = self.redactor.request(request);
        if !self.has_token() || !is_own {
            told.identity = Identity::Anonymous;
        }
        self.tell_configured(&mut told, is_own);
        told
    }

    /// Renews a token that is about to run out first, and once when it is refused. Nothing holds a slot while that waits for its own.
    async fn follow_as_member(&self, request: &Request, url: Url, trail: &mut Trail) -> Result<Response, SendError> {
        let Some(session) = self.session.as_ref().filter(|_| request.identity == Identity::Member) else {
            return self.in_turn(request, url, trail).await;
        };
        let generation = || self.credentials.header().map(|(_, generation)| generation);
        if self.credentials.is_due()
            && let Some(generation) = generation()
        {
            session.renew(self, &self.credentials, generation).await;
        }
        let used = generation();
        let response = self.in_turn(request, url.clone(), trail).await?;
        let (401, Some(used), true) = (response.status, used, session.may_help()) else { return Ok(response) };
        if !session.renew(self, &self.credentials, used).await {
            return Ok(response);
        }
        trail.retries.push("401: the token was renewed".into());
        let again = self.in_turn(request, url, trail).await?;
        if again.status == 401 {
            session.helped_nothing();
        }
        Ok(again)
    }

    /// Adds the headers that the target's settings put into every request, so that who repeats this one sends them too.
    fn tell_configured(&self, told: &mut Request, is_own: bool) {
        let mut add = |name: &str, value: &HeaderValue| {
            let shown = value.to_str().map(|value| self.redactor.header(name, value)).unwrap_or_default();
            if told.headers.iter().all(|(known, _)| !known.eq_ignore_ascii_case(name)) {
                told.headers.push((name.to_owned(), shown));
            }
        };
        if self.config.accept != FHIR_JSON {
            add(ACCEPT.as_str(), &self.config.accept);
        }
        self.config.headers.iter().filter(|_| is_own).for_each(|(name, value)| add(name.as_str(), value));
        if let Some(content_type) = &self.config.content_type
            && !matches!(told.payload, Some(Payload::Form(_)))
        {
            add(CONTENT_TYPE.as_str(), content_type);
        }
    }

    /// Waits for a slot, and keeps it until there is an answer.
    async fn in_turn(&self, request: &Request, url: Url, trail: &mut Trail) -> Result<Response, SendError> {
        let _slot = self.pace.slot().await;
        trail.started.get_or_insert_with(|| (Instant::now(), OffsetDateTime::now_utc()));
        self.follow(request, url, trail).await
    }

    /// Sends, and follows redirects of GET and HEAD.
    async fn follow(&self, request: &Request, first: Url, trail: &mut Trail) -> Result<Response, SendError> {
        let mut visited = HashSet::from([first.clone()]);
        let mut url = first;
        loop {
            if let Err(beyond) = self.border.admit(&url).await {
                return Err(SendError::Redirect(said::words(beyond.to_string())));
            }
            let received = self.persist(request, &url, trail).await?;
            let Some(next) = redirect(request.method, &url, &received)? else { return Ok(received.response) };
            let shown = self.redactor.url(&next);
            if visited.len() > self.config.limits.redirects {
                return Err(SendError::Redirect(said!(
                    "more than {} in a row, the next to {}",
                    self.config.limits.redirects,
                    said::url(shown)
                )));
            }
            if !visited.insert(next.clone()) {
                return Err(SendError::Redirect(said!("they go round in a circle, back to {}", said::url(shown))));
            }
            let bare = if self.trusts(next.as_str()) { "" } else { ", without credentials" };
            trail.retries.push(said!("{}{} to {}{}", FOLLOWED, received.response.status, said::url(shown), bare));
            url = next;
        }
    }

    /// Sends until there is an answer that is worth keeping, waiting as the server asks and trying broken connections again.
    async fn persist(&self, request: &Request, url: &Url, trail: &mut Trail) -> Result<Received, SendError> {
        let wire = self.wire(request, url)?;
        // A PUT without a body can change nothing, however often it comes.
        let is_safe = match request.method {
            Method::Get | Method::Head | Method::Options => true,
            Method::Put => request.payload.is_none(),
            Method::Post | Method::Patch | Method::Delete => false,
        };
        let mut back_off = BACK_OFF.iter();
        let is_search = request.method == Method::Post && matches!(request.payload, Some(Payload::Form(_)));
        let is_repeatable = is_search || matches!(request.method, Method::Get | Method::Head);
        let mut patience = Patience::new(&self.config.limits);
        let mut client = self.clients.of(url);
        loop {
            self.pace.turn().await;
            trail.attempts = trail.attempts.saturating_add(1);
            match exchange(client, &wire, &self.config.limits, &self.redactor, &self.room).await {
                Ok(received) => {
                    let Some(wait) = patience.asked(received.response.status, &received.headers, is_repeatable) else {
                        return Ok(received);
                    };
                    trail.retries.push(said!("{} asked to wait {} s", received.response.status, whole_seconds(wait)));
                    drop(received);
                    pause(wait).await;
                }
                Err(Fault { error, retry }) => match back_off.next().filter(|_| retry && is_safe) {
                    None => return Err(error),
                    Some(pause) => {
                        trail.retries.push(error.said());
                        client = self.fresh(url);
                        sleep(*pause).await;
                    }
                },
            }
        }
    }

    /// The client for retries; if it cannot be built, the ordinary one serves.
    fn fresh(&self, url: &Url) -> &Client {
        if let Some(client) = self.fresh.get() {
            return client;
        }
        match self.recipe.fresh_client() {
            Ok(client) => self.fresh.get_or_init(|| client),
            Err(_) => self.clients.of(url),
        }
    }

    /// Headers and body for one URL. Credentials, and headers set by hand that may be such, go to the base's origin only.
    fn wire(&self, request: &Request, url: &Url) -> Result<Wire, SendError> {
        let is_own = address::same_origin(&self.config.base, url);
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, self.config.accept.clone());
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        if let Some(content_type) = &self.config.content_type {
            headers.insert(CONTENT_TYPE, content_type.clone());
        }
        let payload = match &request.payload {
            None => None,
            Some(Payload::Form(fields)) => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
                Some(Bytes::from(address::encode(fields)))
            }
            Some(Payload::Json(text)) => {
                headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/fhir+json"));
                Some(Bytes::from(text.clone()))
            }
        };
        if is_own {
            headers.extend(self.config.headers.iter().cloned());
            let member = self.credentials.header().map(|(authorization, _)| authorization);
            if let Some(authorization) = identity::authorization(request.identity, member, &self.config) {
                headers.insert(AUTHORIZATION, authorization);
            }
        }
        for (name, value) in &request.headers {
            let unfit = || SendError::Url(format!("header `{}` cannot be sent", name.escape_default()));
            let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unfit())?;
            if is_own || !(header == AUTHORIZATION || header == COOKIE) {
                headers.insert(header, HeaderValue::from_str(value).map_err(|_| unfit())?);
            }
        }
        Ok(Wire { method: request.method, url: url.clone(), headers, payload, is_secret: false })
    }
}

/// Where a response sends a GET or HEAD on to, if it does.
fn redirect(method: Method, url: &Url, received: &Received) -> Result<Option<Url>, SendError> {
    let is_redirect = matches!(received.response.status, 301 | 302 | 303 | 307 | 308) && matches!(method, Method::Get | Method::Head);
    let Some(location) = received.headers.get("location").filter(|_| is_redirect) else { return Ok(None) };
    let refuse = |why: &'static str| Err(SendError::Redirect(why.into()));
    let Some(mut next) = location.to_str().ok().and_then(|location| url.join(location).ok()) else {
        return refuse("its Location is no URL");
    };
    next.set_fragment(None);
    if !matches!(next.scheme(), "http" | "https") {
        return refuse("its Location is neither http nor https");
    }
    if !next.username().is_empty() || next.password().is_some() {
        return refuse("its Location carries credentials");
    }
    Ok(Some(next))
}
