//! What is tried beside the sign-in: requests that must be refused, and what must be possible once more. Few of each, no lockouts.

use std::sync::Arc;

use url::Url;

use super::super::secret::Secret;
use super::super::send::Target;
use super::code::{Authorization, Unlike};
use super::config::ClientProof;
use super::discovery::Endpoints;
use super::error::SignInError;
use super::grant::{Showing, Tokens};
use super::pkce;
use super::session::Session;
use crate::check::exchange::{Exchange, Identity, Method, Request};
use crate::check::said::{Said, words};
use crate::check::sign_in::{SignIn, Trial};
use crate::fhir::bundle::Bundle;
use crate::fhir::resource;

/// Where nobody's app is: `.invalid` is never registered (RFC 2606).
const ELSEWHERE: &str = "https://app.payerspec.invalid/callback";
/// Another FHIR base.
const OTHER_BASE: &str = "https://fhir.payerspec.invalid/r4";

/// What one trial gives.
type Tried = Result<Vec<Arc<Exchange>>, Said>;

impl Session {
    /// Tries the wanted parts and records what becomes of each.
    pub async fn try_out(&self, target: &Target, sign_in: &mut SignIn, wanted: &[&str]) {
        let endpoints = self.endpoints(target).await;
        let trials = Trials { session: self, target, endpoints: &endpoints };
        for part in wanted {
            if sign_in.why_not(part).is_some() || sign_in.trials.contains_key(*part) {
                continue;
            }
            let mut rotated = None;
            let Some(tried) = trials.one(part, &mut rotated).await else { continue };
            sign_in.rotated = rotated.or(sign_in.rotated);
            let trial = tried.map_or_else(Trial::Undone, Trial::Done);
            sign_in.trials.insert((*part).to_owned(), trial);
        }
    }
}

struct Trials<'a> {
    session: &'a Session,
    target: &'a Target,
    endpoints: &'a Endpoints,
}

fn why(error: SignInError) -> Said {
    error.said()
}

impl Trials<'_> {
    /// Tries one part; `None` when it is judged from the sign-in itself.
    async fn one(&self, part: &str, rotated: &mut Option<bool>) -> Option<Tried> {
        Some(match part {
            "unknown-code" => self.unknown_code().await,
            "wrong-verifier" => self.wrong_verifier().await,
            "wrong-client" => self.wrong_proof(Showing::Unknown).await,
            "wrong-secret" => self.wrong_proof(Showing::Wrongly).await,
            "wrong-redirect" => self.wrong_redirect().await,
            "reused-code" => self.reused_code().await,
            "unregistered-redirect" => self.page(&Unlike { redirect_uri: Url::parse(ELSEWHERE).ok(), ..Unlike::default() }).await,
            "wrong-audience" => self.page(&Unlike { audience: Some(OTHER_BASE.to_owned()), ..Unlike::default() }).await,
            "refresh" | "rotated" => self.refresh(rotated).await,
            "reused-refresh" => self.reused_refresh().await,
            "revoked" => self.revoked().await,
            "unknown-introspected" => self.introspected(pkce::word().map_err(why)).await,
            "introspected" => self.introspected(self.signed_in(&Unlike::default()).await.map(|(_, tokens)| tokens.access)).await,
            "narrowed" => self.narrowed().await,
            "narrowed-read" => self.narrowed_read().await,
            "narrowed-include" => self.narrowed_include().await,
            "narrowed-everything" => self.narrowed_everything().await,
            "token-preflight" => self.token_preflight().await,
            "expired" => self.expired().await,
            _ => return None,
        })
    }

    fn token(&self) -> Result<&Url, Said> {
        self.endpoints.token().map_err(why)
    }

    fn authorization(&self) -> Result<Authorization, Said> {
        let endpoint = self.endpoints.authorize().map_err(why)?;
        self.session.authorization(endpoint, &self.session.auth.redirect_uri, &Unlike::default()).map_err(why)
    }

    /// A fresh code.
    async fn code(&self, unlike: &Unlike) -> Result<(Authorization, Secret), Said> {
        let endpoint = self.endpoints.authorize().map_err(why)?;
        let (authorization, returned) = self.session.authorize(endpoint, unlike).await.map_err(why)?;
        Ok((authorization, returned.code))
    }

    async fn redeem(&self, authorization: &Authorization, code: &Secret, showing: Showing) -> Result<Arc<Exchange>, Said> {
        Ok(self.session.redeem(self.token()?, authorization, code, showing).await.map_err(why)?.exchange)
    }

    /// A whole sign-in beside the run's own.
    async fn signed_in(&self, unlike: &Unlike) -> Result<(Arc<Exchange>, Tokens), Said> {
        let (authorization, code) = self.code(unlike).await?;
        let answer = self.session.redeem(self.token()?, &authorization, &code, Showing::Itself).await.map_err(why)?;
        let tokens = answer.tokens().map_err(why)?;
        Ok((answer.exchange, tokens))
    }

    async fn unknown_code(&self) -> Tried {
        let code = pkce::word().map_err(why)?;
        Ok(vec![self.redeem(&self.authorization()?, &code, Showing::Itself).await?])
    }

    async fn wrong_verifier(&self) -> Tried {
        let (mut authorization, code) = self.code(&Unlike::default()).await?;
        authorization.verifier = Some(pkce::word().map_err(why)?);
        Ok(vec![self.redeem(&authorization, &code, Showing::Itself).await?])
    }

    async fn wrong_proof(&self, showing: Showing) -> Tried {
        let (authorization, code) = self.code(&Unlike::default()).await?;
        Ok(vec![self.redeem(&authorization, &code, showing).await?])
    }

    async fn wrong_redirect(&self) -> Tried {
        let (mut authorization, code) = self.code(&Unlike::default()).await?;
        authorization.redirect_uri = Url::parse(ELSEWHERE).map_err(|error| words(error.to_string()))?;
        Ok(vec![self.redeem(&authorization, &code, Showing::Itself).await?])
    }

    async fn reused_code(&self) -> Tried {
        let (authorization, code) = self.code(&Unlike::default()).await?;
        let first = self.redeem(&authorization, &code, Showing::Itself).await?;
        Ok(vec![first, self.redeem(&authorization, &code, Showing::Itself).await?])
    }

    /// Asks for the first page of a sign-in and goes no further.
    async fn page(&self, unlike: &Unlike) -> Tried {
        let endpoint = self.endpoints.authorize().map_err(why)?;
        let authorization = self.session.authorization(endpoint, &self.session.auth.redirect_uri, unlike).map_err(why)?;
        Ok(vec![Arc::new(self.session.first_page(&authorization).await.map_err(why)?)])
    }

    async fn refresh(&self, rotated: &mut Option<bool>) -> Tried {
        let (first, tokens) = self.signed_in(&Unlike::default()).await?;
        let refresh = tokens.refresh.ok_or("the token response has no refresh_token")?;
        let answer = self.session.refresh(self.token()?, &refresh).await.map_err(why)?;
        *rotated = answer.tokens().ok().map(|tokens| tokens.refresh.is_some_and(|next| next != refresh));
        Ok(vec![first, answer.exchange])
    }

    async fn reused_refresh(&self) -> Tried {
        let (first, tokens) = self.signed_in(&Unlike::default()).await?;
        let refresh = tokens.refresh.ok_or("the token response has no refresh_token")?;
        let second = self.session.refresh(self.token()?, &refresh).await.map_err(why)?;
        if second.tokens().map_err(why)?.refresh.is_none_or(|next| next == refresh) {
            return Err("a refresh gives no other refresh token".into());
        }
        let third = self.session.refresh(self.token()?, &refresh).await.map_err(why)?;
        Ok(vec![first, second.exchange, third.exchange])
    }

    async fn revoked(&self) -> Tried {
        let endpoint = self.endpoints.revocation.as_ref().ok_or("discovery names no revocation endpoint")?;
        let (_, tokens) = self.signed_in(&Unlike::default()).await?;
        let before = self.record(&tokens.access, tokens.patient.as_deref()).await?;
        if before.status() != Some(200) {
            return Err("the token did not open the member's Patient before it was revoked".into());
        }
        let fields = vec![("token", tokens.access.clone()), ("token_type_hint", Secret::new("access_token"))];
        let revoked = self.session.ask(endpoint, fields, Showing::Itself).await.map_err(why)?.exchange;
        if revoked.status() != Some(200) {
            return Err("the revocation endpoint did not answer 200".into());
        }
        let after = self.record(&tokens.access, tokens.patient.as_deref()).await?;
        Ok(vec![after])
    }

    async fn introspected(&self, token: Result<Secret, Said>) -> Tried {
        let endpoint = self.endpoints.introspection.as_ref().ok_or("discovery names no introspection endpoint")?;
        if matches!(self.session.auth.proof, ClientProof::None) {
            return Err("a public client cannot show itself to the introspection endpoint".into());
        }
        let fields = vec![("token", token?)];
        Ok(vec![self.session.ask(endpoint, fields, Showing::Itself).await.map_err(why)?.exchange])
    }

    /// A token that is good for the Patient alone, how it was got, and the member.
    async fn narrow_token(&self) -> Result<(Arc<Exchange>, Secret, String), Said> {
        let asked = &self.session.auth.scopes;
        let is_first_version = !asked.iter().any(|scope| scope.ends_with(".rs") || scope.ends_with(".cruds"));
        let narrow = if is_first_version { "patient/Patient.read" } else { "patient/Patient.rs" };
        let scopes = asked.iter().filter(|scope| *scope == "launch/patient").cloned().chain([narrow.to_owned()]).collect();
        let (first, tokens) = self.signed_in(&Unlike { scopes: Some(scopes), ..Unlike::default() }).await?;
        if tokens.scope.as_deref().is_some_and(|granted| granted.contains("/*.") || granted.contains("ExplanationOfBenefit")) {
            return Err("the server granted more than patient/Patient, and said so".into());
        }
        let patient = tokens.patient.or_else(|| self.known_patient()).ok_or("the member's id is not known")?;
        Ok((first, tokens.access, patient))
    }

    /// Asks for claims with that token.
    async fn narrowed(&self) -> Tried {
        let (first, token, patient) = self.narrow_token().await?;
        let request = Request::get("ExplanationOfBenefit").query("patient", patient);
        Ok(vec![first, self.as_bearer(request, &token).await])
    }

    /// Reads a claim with it, whose id the member's own token shows.
    async fn narrowed_read(&self) -> Tried {
        let (first, token, patient) = self.narrow_token().await?;
        let found = self.target.fetch(&Request::get("ExplanationOfBenefit").query("patient", patient)).await;
        let bundle = found.resource().and_then(|document| Bundle::in_document(document));
        let id = bundle.and_then(|bundle| bundle.matches().find_map(resource::id_of).map(str::to_owned));
        let id = id.ok_or("the member has no ExplanationOfBenefit that could be read")?;
        Ok(vec![first, self.as_bearer(Request::get(format!("ExplanationOfBenefit/{id}")), &token).await])
    }

    /// Has claims come along with the Patient.
    async fn narrowed_include(&self) -> Tried {
        let (first, token, patient) = self.narrow_token().await?;
        let request = Request::get("Patient").query("_id", patient).query("_revinclude", "ExplanationOfBenefit:patient");
        Ok(vec![first, self.as_bearer(request, &token).await])
    }

    async fn narrowed_everything(&self) -> Tried {
        let (first, token, patient) = self.narrow_token().await?;
        Ok(vec![first, self.as_bearer(Request::get(format!("Patient/{patient}/$everything")), &token).await])
    }

    /// What a browser asks before an app sends its token request.
    async fn token_preflight(&self) -> Tried {
        let headers = [
            ("Origin", "https://app.example"),
            ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", "authorization"),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let asked = Request { method: Method::Options, headers, identity: Identity::Anonymous, ..Request::get(self.token()?.as_str()) };
        Ok(vec![Arc::new(self.target.send(&asked).await)])
    }

    async fn expired(&self) -> Tried {
        let token = self.session.auth.expired_token.as_ref().ok_or("no token that has run out is given")?;
        Ok(vec![self.record(token, None).await?])
    }

    /// The member's Patient, asked for with this token.
    async fn record(&self, token: &Secret, patient: Option<&str>) -> Result<Arc<Exchange>, Said> {
        let known = patient.map(str::to_owned).or_else(|| self.known_patient());
        // Without a member's id the search shows as well whether the token opens anything.
        let path = known.map_or_else(|| "Patient".to_owned(), |patient| format!("Patient/{patient}"));
        Ok(self.as_bearer(Request::get(path), token).await)
    }

    /// The member by the sign-in, else by the settings.
    fn known_patient(&self) -> Option<String> {
        self.session.patient().or_else(|| self.target.config().patients.first().cloned())
    }

    async fn as_bearer(&self, mut request: Request, token: &Secret) -> Arc<Exchange> {
        request.identity = Identity::Anonymous;
        Arc::new(self.target.send(&request.header("Authorization", format!("Bearer {}", token.expose()))).await)
    }
}
