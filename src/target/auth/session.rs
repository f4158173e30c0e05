//! One client's sign-in at one target: from discovery to a token, and its renewal.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::Client;
use time::OffsetDateTime;
use tokio::sync::Mutex as AsyncMutex;
use tokio::time::timeout;
use url::Url;

use super::super::client::Recipe;
use super::super::config::TargetConfig;
use super::super::error::TargetError;
use super::super::limits::Limits;
use super::super::pace::Pace;
use super::super::redact::Redactor;
use super::super::secret::Secret;
use super::super::send::Target;
use super::attendant::Attendant;
use super::code::{Authorization, Returned, Unlike};
use super::config::{AuthConfig, ClientProof, Flow};
use super::credentials::Credentials;
use super::discovery::{self, Endpoints};
use super::error::SignInError;
use super::grant::{Answer, Showing, Tokens};
use super::jose::{self, Expected};
use super::listener::Listener;
use super::record;
use super::store::Kept;
use crate::check::exchange::{Exchange, Identity, Request};
use crate::check::said::{self, Said, said};
use crate::check::sign_in::SignIn;
use crate::fhir::json::Value;

/// Bytes of a token response at most.
const MOST_BYTES: usize = 256 * 1024;

/// The sign-in of a target.
#[derive(Debug)]
pub struct Session {
    pub(super) auth: AuthConfig,
    pub(super) base: Url,
    pub(super) authorize_by_hand: Option<Url>,
    pub(super) client: Client,
    pub(super) limits: Limits,
    pub(super) redactor: Redactor,
    pub(super) pace: Arc<Pace>,
    attendant: Option<Arc<dyn Attendant>>,
    renewal: AsyncMutex<Renewal>,
    patient: Mutex<Option<String>>,
    is_futile: AtomicBool,
}

/// What a renewal needs.
#[derive(Debug, Default)]
struct Renewal {
    endpoint: Option<Url>,
    refresh: Option<Secret>,
}

impl Session {
    /// Nothing is sent yet.
    pub fn new(
        config: &TargetConfig,
        auth: AuthConfig,
        recipe: &Recipe,
        redactor: &Redactor,
        pace: &Arc<Pace>,
    ) -> Result<Self, TargetError> {
        let of_client = match &auth.proof {
            ClientProof::Basic(secret) | ClientProof::Post(secret) => Some(secret),
            ClientProof::None | ClientProof::Key(_) => None,
        };
        let known = of_client.into_iter().chain(&auth.refresh_token).chain(&auth.expired_token);
        known.for_each(|secret| redactor.learn(secret));
        let limits = Limits { response_bytes: config.limits.response_bytes.min(MOST_BYTES), ..config.limits.clone() };
        Ok(Self {
            client: recipe.client()?,
            base: config.base.clone(),
            authorize_by_hand: config.authorize.clone(),
            redactor: redactor.clone(),
            pace: Arc::clone(pace),
            attendant: config.attendant.clone(),
            renewal: AsyncMutex::default(),
            patient: Mutex::default(),
            is_futile: AtomicBool::new(false),
            limits,
            auth,
        })
    }

    /// What of a sign-in is to be expected, before it is done.
    pub fn expected(&self) -> SignIn {
        SignIn { why_not: record::why_not(&self.auth), ..SignIn::default() }
    }

    /// The member whom the token is for, when the server said it.
    pub fn patient(&self) -> Option<String> {
        self.patient.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The `aud` of authorization requests.
    pub(super) fn audience(&self) -> &str {
        self.auth.audience.as_deref().unwrap_or_else(|| self.base.as_str().trim_end_matches('/'))
    }

    /// Gets a token and puts it in place.
    pub async fn sign_in(&self, target: &Target, credentials: &Credentials) -> Result<SignIn, SignInError> {
        let (mut sign_in, endpoints) = self.discover(target).await;
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let kept = self.attendant.as_ref().and_then(|attendant| attendant.kept(target.base(), &self.auth.client_id));
        let kept = kept.filter(|_| self.auth.flow != Flow::ClientCredentials && !self.auth.is_scripted());
        for secret in kept.iter().flat_map(|kept| kept.refresh_token.iter().chain([&kept.access_token])) {
            self.redactor.learn(secret);
        }
        let known = kept.as_ref().and_then(|kept| kept.patient.clone());
        if let Some(kept) = &kept
            && kept.expires_at.is_some_and(|expires| expires > now + 120)
        {
            let seconds = kept.expires_at.and_then(|expires| u64::try_from(expires - now).ok());
            credentials.put(&kept.access_token, seconds);
            *self.renewal.lock().await = Renewal { endpoint: endpoints.token.clone(), refresh: kept.refresh_token.clone() };
            self.set_patient(kept.patient.clone());
            record::without_exchange(&mut sign_in);
            return Ok(sign_in);
        }
        let refresh = kept.and_then(|kept| kept.refresh_token).or_else(|| self.auth.refresh_token.clone());
        let (answer, tokens) = match (self.auth.flow, refresh) {
            (Flow::ClientCredentials, _) => {
                let answer = self.for_itself(endpoints.token()?).await?;
                let tokens = answer.tokens()?;
                (answer, tokens)
            }
            (Flow::RefreshToken, refresh) => {
                let refresh = refresh.ok_or(SignInError::Unattended)?;
                let answer = self.refresh(endpoints.token()?, &refresh).await?;
                let mut tokens = answer.tokens()?;
                tokens.refresh.get_or_insert(refresh);
                (answer, tokens)
            }
            (Flow::AuthorizationCode, Some(refresh)) if !self.auth.is_scripted() => {
                let answer = self.refresh(endpoints.token()?, &refresh).await?;
                match answer.tokens() {
                    Ok(mut tokens) => {
                        tokens.refresh.get_or_insert(refresh);
                        record::by_refresh(&mut sign_in);
                        (answer, tokens)
                    }
                    // What was kept is good no more: the member signs in again.
                    Err(SignInError::Refused { .. }) => self.by_code(target, &endpoints, &mut sign_in).await?,
                    Err(error) => return Err(error),
                }
            }
            (Flow::AuthorizationCode, _) => self.by_code(target, &endpoints, &mut sign_in).await?,
        };
        // Only a member who signs in anew may be another one.
        if sign_in.asked.is_empty() && is_another(known.as_deref(), tokens.patient.as_deref()) {
            return Err(SignInError::Token { what: "is for another member than the one who signed in; sign in anew" });
        }
        sign_in.token = Some(answer.exchange);
        if !credentials.put(&tokens.access, tokens.expires_in) {
            return Err(SignInError::Token { what: "has an access_token that a header cannot carry; the server is at fault" });
        }
        self.set_patient(tokens.patient.clone());
        self.keep(target, &tokens, now);
        *self.renewal.lock().await = Renewal { endpoint: endpoints.token.clone(), refresh: tokens.refresh };
        Ok(sign_in)
    }

    /// Asks for the discovery documents, without credentials.
    async fn discover(&self, target: &Target) -> (SignIn, Endpoints) {
        let mut request = Request::get(".well-known/smart-configuration").header("Accept", "application/json");
        request.identity = Identity::Anonymous;
        let configuration = target.fetch(&request).await;
        let mut request = Request::get(target.config().metadata.as_str());
        request.identity = Identity::Anonymous;
        let metadata = target.fetch(&request).await;
        let (smart, statement) = (document(&configuration), document(&metadata));
        let endpoints = Endpoints::choose(target.config(), &self.auth, smart, statement);
        let sign_in =
            SignIn { endpoints: discovery::stated(smart, statement), configuration: Some(configuration.clone()), ..self.expected() };
        (sign_in, endpoints)
    }

    /// The endpoints, for what is tried beside the sign-in. Discovery was answered before and is not asked again.
    pub(super) async fn endpoints(&self, target: &Target) -> Endpoints {
        self.discover(target).await.1
    }

    async fn by_code(&self, target: &Target, endpoints: &Endpoints, sign_in: &mut SignIn) -> Result<(Answer, Tokens), SignInError> {
        let (authorization, returned) = self.authorize(endpoints.authorize()?, &Unlike::default()).await?;
        sign_in.asked = authorization.shown();
        sign_in.returned.clone_from(&returned.parameters);
        sign_in.state_returned = returned.state;
        if let (Some(told), Some(known)) = (&returned.issuer, &endpoints.issuer)
            && told != known
        {
            // The code is another server's: sent to this one, it would be in the wrong hands.
            return Err(SignInError::Redirect { what: "names another issuer (iss) than discovery".to_owned() });
        }
        let answer = self.redeem(endpoints.token()?, &authorization, &returned.code, Showing::Itself).await?;
        let tokens = answer.tokens()?;
        if let Some(token) = &tokens.id_token {
            sign_in.id_token = Some(self.id_token_problems(target, endpoints, token, authorization.nonce.as_ref()).await);
        }
        Ok((answer, tokens))
    }

    /// Has a member sign in: by script, or by the person who runs the program.
    pub(super) async fn authorize(&self, endpoint: &Url, unlike: &Unlike) -> Result<(Authorization, Returned), SignInError> {
        if self.auth.is_scripted() {
            let authorization = self.authorization(endpoint, &self.auth.redirect_uri, unlike)?;
            let url = self.scripted(&authorization).await?;
            let returned = authorization.returned(&url)?;
            return Ok((authorization, returned));
        }
        let attendant = self.attendant.clone().ok_or(SignInError::Unattended)?;
        let listener = Listener::open(&self.auth.redirect_uri).await?;
        let redirect_uri = listener.as_ref().map_or(&self.auth.redirect_uri, |listener| &listener.redirect_uri);
        let authorization = self.authorization(endpoint, redirect_uri, unlike)?;
        attendant.show(authorization.url.as_str());
        let back = async {
            tokio::select! {
                url = async { match &listener { Some(listener) => listener.redirect(&authorization).await, None => std::future::pending().await } } => url,
                url = pasted(attendant, &authorization) => url,
            }
        };
        let late = SignInError::Late { seconds: self.auth.login_timeout.as_secs() };
        let url = timeout(self.auth.login_timeout, back).await.map_err(|_| late)??;
        let returned = authorization.returned(&url)?;
        if returned.state == Some(false) {
            // It may be the answer to somebody else's request (RFC 6749 section 10.12).
            return Err(SignInError::Redirect { what: "does not carry the state that was sent".to_owned() });
        }
        Ok((authorization, returned))
    }

    /// Redeems a code.
    pub(super) async fn redeem(
        &self,
        endpoint: &Url,
        authorization: &Authorization,
        code: &Secret,
        showing: Showing,
    ) -> Result<Answer, SignInError> {
        let mut fields = vec![
            ("grant_type", Secret::new("authorization_code")),
            ("code", code.clone()),
            (self.auth.dialect.redirect_field, Secret::new(authorization.redirect_uri.as_str())),
        ];
        fields.extend(authorization.verifier.iter().map(|verifier| ("code_verifier", verifier.clone())));
        self.ask(endpoint, fields, showing).await
    }

    /// Uses a refresh token.
    pub(super) async fn refresh(&self, endpoint: &Url, refresh: &Secret) -> Result<Answer, SignInError> {
        let fields = vec![("grant_type", Secret::new("refresh_token")), ("refresh_token", refresh.clone())];
        self.ask(endpoint, fields, Showing::Itself).await
    }

    async fn for_itself(&self, endpoint: &Url) -> Result<Answer, SignInError> {
        let fields = vec![("grant_type", Secret::new("client_credentials")), ("scope", Secret::new(self.auth.scopes.join(" ")))];
        self.ask(endpoint, fields, Showing::Itself).await
    }

    async fn id_token_problems(&self, target: &Target, endpoints: &Endpoints, token: &Secret, nonce: Option<&Secret>) -> Vec<Said> {
        let keys = self.keys(target, endpoints).await;
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let expected = Expected { issuer: endpoints.issuer.as_deref(), client_id: &self.auth.client_id, nonce, now };
        jose::problems(token, &keys, &expected)
    }

    /// The keys of id_tokens: from `jwks_uri`, else from what the issuer's OpenID configuration names.
    async fn keys(&self, target: &Target, endpoints: &Endpoints) -> Result<Value, Said> {
        let mut url = endpoints.jwks.clone();
        if let (None, Some(issuer)) = (&url, &endpoints.issuer) {
            let address = Url::parse(&format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/')));
            let address = address.map_err(|_| "the issuer is no URL")?;
            let configuration = self.public(target, &address).await?;
            url = configuration.get("jwks_uri").and_then(Value::as_str).and_then(|text| Url::parse(text).ok());
        }
        let url = url.ok_or("neither discovery nor `jwks-url` names the server's keys")?;
        self.public(target, &url).await
    }

    /// A public JSON document of the authorization server.
    async fn public(&self, target: &Target, url: &Url) -> Result<Value, Said> {
        let by_hand = self.auth.jwks.as_ref() == Some(url);
        if !by_hand && !self.auth.trusts(&self.base, url) {
            return Err(said!("{} is neither on the base's origin nor in `allow-origins`", said::url(self.redactor.url(url))));
        }
        let mut request = Request::get(url.as_str()).header("Accept", "application/json");
        request.identity = Identity::Anonymous;
        let exchange = target.fetch(&request).await;
        let status = exchange.status().map_or_else(|| "no answer".into(), |status| said!("status {}", status));
        document(&exchange).cloned().ok_or_else(|| said!("{} gave no JSON ({})", said::url(self.redactor.url(url)), status))
    }

    /// Renews the token, unless it was renewed since. Returns whether there is a newer one.
    pub async fn renew(&self, target: &Target, credentials: &Credentials, generation: u64) -> bool {
        let mut renewal = self.renewal.lock().await;
        if credentials.header().is_some_and(|(_, current)| current != generation) {
            return true;
        }
        let answer = match (&renewal.endpoint, &renewal.refresh) {
            (Some(endpoint), _) if self.auth.flow == Flow::ClientCredentials => self.for_itself(endpoint).await,
            (Some(endpoint), Some(refresh)) => self.refresh(endpoint, refresh).await,
            _ => {
                credentials.give_up();
                return false;
            }
        };
        match answer.and_then(|answer| answer.tokens()) {
            // What it opens is not the record that is judged.
            Ok(tokens) if is_another(self.patient().as_deref(), tokens.patient.as_deref()) => {
                credentials.give_up();
                false
            }
            Ok(mut tokens) if credentials.put(&tokens.access, tokens.expires_in) => {
                tokens.refresh = tokens.refresh.take().or_else(|| renewal.refresh.clone());
                tokens.patient = tokens.patient.take().or_else(|| self.patient());
                self.keep(target, &tokens, OffsetDateTime::now_utc().unix_timestamp());
                renewal.refresh = tokens.refresh;
                true
            }
            _ => {
                credentials.give_up();
                false
            }
        }
    }

    /// Whether a refused request may be tried with a new token: not after that has helped nothing once.
    pub fn may_help(&self) -> bool {
        !self.is_futile.load(Ordering::Relaxed)
    }

    /// A new token did not help.
    pub fn helped_nothing(&self) {
        self.is_futile.store(true, Ordering::Relaxed);
    }

    fn set_patient(&self, patient: Option<String>) {
        *self.patient.lock().unwrap_or_else(PoisonError::into_inner) = patient;
    }

    fn keep(&self, target: &Target, tokens: &Tokens, now: i64) {
        let Some(attendant) = &self.attendant else { return };
        let lasts = tokens.expires_in.and_then(|seconds| i64::try_from(seconds).ok());
        attendant.keep(&Kept {
            base: target.base().to_owned(),
            client_id: self.auth.client_id.clone(),
            access_token: tokens.access.clone(),
            refresh_token: tokens.refresh.clone(),
            expires_at: lasts.and_then(|lasts| now.checked_add(lasts)),
            patient: tokens.patient.clone(),
        });
    }
}

/// Whether a token is for another member than the known one, as far as both are told.
fn is_another(known: Option<&str>, told: Option<&str>) -> bool {
    known.zip(told).is_some_and(|(known, told)| known != told)
}

/// What a person pastes; never, when nobody pastes anything.
async fn pasted(attendant: Arc<dyn Attendant>, authorization: &Authorization) -> Result<Url, SignInError> {
    let text = tokio::task::spawn_blocking(move || attendant.pasted()).await.ok().flatten();
    let Some(text) = text else { return std::future::pending().await };
    Url::parse(text.trim())
        .ok()
        .filter(|url| authorization.is_redirect(url))
        .ok_or_else(|| SignInError::Redirect { what: format!("that was pasted does not begin with {}", authorization.redirect_uri) })
}

/// The JSON object of a successful answer.
fn document(exchange: &Exchange) -> Option<&Value> {
    exchange.resource().filter(|_| exchange.status() == Some(200)).map(|document| -> &Value { document })
}
