//! The authorization endpoint (RFC 6749 section 4.1, SMART App Launch: obtain authorization code) and the pages behind it.

use axum::http::{Method, StatusCode, header};
use url::Url;

use super::super::fault::Breach;
use super::ledger::Asked;
use super::reply::Reply;
use super::scope::Scope;
use super::{Call, Client, Dialect, field, page};

/// The cookie that ties a login to one browser.
pub const COOKIE: &str = "payerspec-login";
/// What every synthetic member's password is.
pub const PASSWORD: &str = "password";
/// The user who may open the records of the first two members.
pub const FAMILY: &str = "family";

/// Why the application is sent back without a code.
type Refused = (&'static str, &'static str);

impl Call<'_> {
    /// Checks the request and asks the member to sign in.
    pub fn authorize(&self) -> Reply {
        if self.method != Method::GET {
            return Reply::page(StatusCode::METHOD_NOT_ALLOWED, page::notice("The authorization endpoint takes GET."));
        }
        let client = self.parameter("client_id").and_then(|id| self.office.clients.iter().find(|client| client.id == id));
        let (Some(client), Some(redirect_uri)) = (client, self.parameter("redirect_uri")) else {
            return Reply::page(StatusCode::BAD_REQUEST, page::notice("The application is not registered, or says no redirect_uri."));
        };
        if !client.may_return_to(redirect_uri) && !self.state.has(Breach::OauthRedirectUnregistered) {
            // Nobody is sent to an address that is not registered, not even with an error (RFC 6749 section 4.1.2.1).
            return Reply::page(StatusCode::BAD_REQUEST, page::notice("The redirect_uri is not registered for this application."));
        }
        let state = self.parameter("state").map(str::to_owned);
        match self.asked(client, redirect_uri) {
            Ok(asked) => {
                let (ticket, cookie) = self.office.ledger().begin(asked, self.now);
                let mut reply = Reply::page(StatusCode::OK, page::sign_in(&ticket, None));
                reply.headers.push((header::SET_COOKIE, format!("{COOKIE}={cookie}; Path=/auth; HttpOnly; SameSite=Lax")));
                reply
            }
            Err((error, description)) => self.back(redirect_uri, &[("error", error), ("error_description", description)], state.as_deref()),
        }
    }

    fn asked(&self, client: &Client, redirect_uri: &str) -> Result<Asked, Refused> {
        if self.parameter("response_type") != Some("code") {
            return Err(("unsupported_response_type", "response_type is code"));
        }
        if !client.signs_in_members() {
            return Err(("unauthorized_client", "this client has no members to sign in"));
        }
        let mut challenge = None;
        if self.office.dialect == Dialect::Smart {
            let audience = self.parameter("aud").map(|audience| audience.trim_end_matches('/'));
            if audience != Some(&self.base()) && !self.state.has(Breach::OauthWrongAudienceAccepted) {
                return Err(("invalid_request", "aud is not the FHIR base of this payer"));
            }
            if self.parameter("code_challenge_method") != Some("S256") {
                return Err(("invalid_request", "code_challenge_method is S256"));
            }
            // The challenge is a SHA-256 hash in base64url: 43 characters (RFC 7636 section 4.2).
            challenge = self.parameter("code_challenge").filter(|challenge| challenge.len() == 43).map(str::to_owned);
            if challenge.is_none() {
                return Err(("invalid_request", "code_challenge is missing or no SHA-256 hash"));
            }
        }
        let scope = match self.office.dialect {
            Dialect::Smart => Scope::of(self.parameter("scope").unwrap_or_default(), "patient"),
            Dialect::Utah => Scope::of("patient/*.read", "patient"),
        };
        if scope.granted.is_empty() {
            return Err(("invalid_scope", "none of the scopes can be granted"));
        }
        Ok(Asked {
            client: client.id.clone(),
            redirect_uri: redirect_uri.to_owned(),
            scope,
            state: self.parameter("state").map(str::to_owned),
            nonce: self.parameter("nonce").map(str::to_owned),
            challenge,
        })
    }

    /// Takes the user's name and password.
    pub fn login(&self) -> Reply {
        let fields = super::super::server::pairs(self.body);
        let ticket = field(&fields, "ticket").unwrap_or_default();
        let (user, password) = (field(&fields, "username").unwrap_or_default(), field(&fields, "password").unwrap_or_default());
        let cookies = self.cookies();
        let mut ledger = self.office.ledger();
        let Some(login) = ledger.login(ticket, &cookies, self.now).filter(|_| self.method == Method::POST) else { return gone() };
        let members = &self.state.members;
        let patients: Vec<usize> = if user == FAMILY {
            (0..members.len().min(2)).collect()
        } else {
            members.iter().position(|member| member.patient == user).into_iter().collect()
        };
        if patients.is_empty() || password != PASSWORD {
            return Reply::page(StatusCode::OK, page::sign_in(ticket, Some("The user or the password is wrong.")));
        }
        let names: Vec<&str> = patients.iter().filter_map(|place| members.get(*place)).map(|member| member.patient.as_str()).collect();
        let consent = page::consent(ticket, &login.asked.client, &names, &login.asked.scope.granted.join(" "));
        login.patients = patients;
        Reply::page(StatusCode::OK, consent)
    }

    /// Takes the member's decision and sends the browser back to the application.
    pub fn consent(&self) -> Reply {
        let fields = super::super::server::pairs(self.body);
        let ticket = field(&fields, "ticket").unwrap_or_default();
        let cookies = self.cookies();
        let chosen = field(&fields, "patient").and_then(|patient| self.state.member_of(patient));
        let mut ledger = self.office.ledger();
        let Some(login) = ledger.login(ticket, &cookies, self.now).filter(|_| self.method == Method::POST) else { return gone() };
        let Some(member) = chosen.filter(|member| login.patients.contains(member)) else { return gone() };
        if field(&fields, "decision") == Some("allow") {
            let Some((code, asked)) = ledger.code(ticket, member, self.now) else { return gone() };
            self.back(&asked.redirect_uri, &[("code", &code)], asked.state.as_deref())
        } else {
            let Some(asked) = ledger.end(ticket) else { return gone() };
            let refused = [("error", "access_denied"), ("error_description", "the member does not allow it")];
            self.back(&asked.redirect_uri, &refused, asked.state.as_deref())
        }
    }

    fn cookies(&self) -> String {
        let headers = self.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        headers.collect::<Vec<_>>().join("; ")
    }

    /// Sends the browser back to the application.
    fn back(&self, redirect_uri: &str, parameters: &[(&str, &str)], state: Option<&str>) -> Reply {
        let Ok(mut url) = Url::parse(redirect_uri) else {
            return Reply::page(StatusCode::BAD_REQUEST, page::notice("The redirect_uri is no URL."));
        };
        url.query_pairs_mut().extend_pairs(parameters);
        if let Some(state) = state.filter(|_| !self.state.has(Breach::OauthStateDropped)) {
            url.query_pairs_mut().append_pair("state", state);
        }
        if self.office.dialect == Dialect::Smart {
            url.query_pairs_mut().append_pair("iss", &self.issuer());
        }
        Reply::redirect(url.into())
    }
}

fn gone() -> Reply {
    Reply::page(StatusCode::BAD_REQUEST, page::notice("This sign-in has ended, or was begun in another browser. Begin again."))
}
