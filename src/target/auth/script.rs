//! A sign-in without a person: pages are fetched, their forms filled in as the settings say, and redirects followed to the redirect URI.

use std::time::Instant;

use bytes::Bytes;
use cookie_store::CookieStore;
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, COOKIE, HeaderMap, HeaderName, HeaderValue, LOCATION, SET_COOKIE};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::time::timeout;
use url::{Position, Url};

use super::super::fault::Fault;
use super::super::secret::Secret;
use super::code::Authorization;
use super::error::{SignInError, plain};
use super::form::{Form, forms};
use super::manners::{Answered, Trail};
use super::session::Session;
use crate::check::exchange::{Body, Exchange, Identity, Request, Response, SendError};
use crate::check::said::{self, Said, foreign, said, words};
use crate::check::sign_in::{OTHER_PAGE, SIGN_IN_PAGE};

/// Requests of one sign-in at most.
const MOST_REQUESTS: usize = 30;
/// Bytes of a page at most.
const MOST_BYTES: usize = 1024 * 1024;

/// What a page is answered with.
struct Page {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Answered for Page {
    fn head(&self) -> (u16, &HeaderMap) {
        (self.status, &self.headers)
    }
}

/// What is asked next.
struct Next {
    url: Url,
    /// The form's pairs, when it is a POST.
    form: Option<Vec<(String, Secret)>>,
}

impl Session {
    /// Signs in and gives the address to which the browser would come back.
    pub(super) async fn scripted(&self, authorization: &Authorization) -> Result<Url, SignInError> {
        let mut cookies = CookieStore::default();
        let mut steps = self.auth.forms.iter();
        let mut next = Next { url: authorization.url.clone(), form: None };
        for _ in 0..MOST_REQUESTS {
            let at = place(&next.url);
            let Page { status, headers, text: page } = self.page(&mut cookies, &next).await?;
            if let Some(location) = headers.get(LOCATION).filter(|_| matches!(status, 301..=303 | 307 | 308)) {
                let url = location.to_str().ok().and_then(|location| next.url.join(location).ok());
                let url = url.ok_or_else(|| script(&at, "its Location is no URL"))?;
                if authorization.is_redirect(&url) {
                    return Ok(url);
                }
                self.allow(&at, &url)?;
                // Only 307 and 308 send a form on; every other redirect is followed by a GET (RFC 9110 section 15.4).
                let form = if matches!(status, 307 | 308) { next.form.take() } else { None };
                next = Next { url, form };
                continue;
            }
            if status != 200 {
                return Err(script(&at, said!("status {} where a page with a form was expected", status)));
            }
            let Some(step) = steps.next() else {
                return Err(script(&at, said!("every form is sent, and here is one more page: {}", offered(&forms(&page)))));
            };
            let forms = forms(&page);
            let Some(form) = forms.iter().find(|form| form.fits(step)) else {
                let wanted: Vec<&str> = step.fields.iter().map(|(name, _)| name.as_str()).collect();
                let button = step.button.as_ref().map_or_else(String::new, |button| format!(" and the button {button}"));
                let wanted = words(format!("[{}]{button}", wanted.join(", ")));
                return Err(script(&at, said!("no form has the fields {}; {}", wanted, offered(&forms))));
            };
            let url = next.url.join(&form.action).map_err(|_| script(&at, "the form's action is no URL"))?;
            self.allow(&at, &url)?;
            next = submitted(url, form.is_post, form.submission(step));
        }
        let back = words(authorization.redirect_uri.as_str());
        Err(script(&place(&next.url), said!("more than {} requests did not lead back to {}", MOST_REQUESTS, back)))
    }

    /// The first answer to an authorization request, as it may be shown: without cookies, and without the page, which may hold anything.
    ///
    /// # Errors
    /// When redirects lead to no page.
    pub(super) async fn first_page(&self, authorization: &Authorization) -> Result<Exchange, SignInError> {
        let (started, at) = (Instant::now(), OffsetDateTime::now_utc());
        let result = match self.follow(authorization).await {
            Ok(answer) => Ok(answer),
            Err(SignInError::Send { source, .. }) => Err(source),
            Err(other) => return Err(other),
        };
        let mut request = Request::get(authorization.url[..Position::AfterPath].to_owned());
        request.query = authorization.shown();
        request.identity = Identity::Anonymous;
        let shown = |(name, value): (&HeaderName, &HeaderValue)| {
            (name.as_str().to_owned(), self.redactor.header(name.as_str(), &String::from_utf8_lossy(value.as_bytes())))
        };
        Ok(Exchange {
            url: request.path.clone(),
            request,
            result: match result {
                Ok(Page { status, headers, text }) => {
                    let has_form = self.auth.forms.first().is_some_and(|step| forms(&text).iter().any(|form| form.fits(step)));
                    let body = Body::Unreadable(if has_form { SIGN_IN_PAGE } else { OTHER_PAGE }.to_owned());
                    Ok(Response { status, headers: headers.iter().map(shown).collect(), bytes: Bytes::new(), packed: None, body })
                }
                Err(source) => Err(source),
            },
            attempts: 1,
            retries: Vec::new(),
            started: at.format(&Rfc3339).unwrap_or_default(),
            duration_ms: started.elapsed().as_secs_f64() * 1000.0,
        })
    }

    /// The first page, or the redirect that leads away from the sign-in.
    async fn follow(&self, authorization: &Authorization) -> Result<Page, SignInError> {
        let mut next = Next { url: authorization.url.clone(), form: None };
        let mut cookies = CookieStore::default();
        for _ in 0..MOST_REQUESTS {
            let page = self.page(&mut cookies, &next).await?;
            let location = page.headers.get(LOCATION).filter(|_| matches!(page.status, 301..=303 | 307 | 308));
            let url = location.and_then(|location| next.url.join(location.to_str().ok()?).ok());
            match url.filter(|url| !authorization.is_redirect(url) && self.allow("the sign-in", url).is_ok()) {
                Some(url) => next.url = url,
                None => return Ok(page),
            }
        }
        Err(script(&place(&next.url), said!("more than {} redirects did not lead to a page", MOST_REQUESTS)))
    }

    fn allow(&self, at: &str, url: &Url) -> Result<(), SignInError> {
        let own = |known: &Option<Url>| known.as_ref().is_some_and(|known| super::super::address::same_origin(known, url));
        if self.auth.trusts(&self.base, url) || own(&self.authorize_by_hand) {
            return Ok(());
        }
        Err(SignInError::Foreign { what: said!("the way on from {}", said::url(at)), origin: super::super::address::origin(url) })
    }

    /// Asks for a page, and keeps its cookies.
    async fn page(&self, cookies: &mut CookieStore, next: &Next) -> Result<Page, SignInError> {
        let held: Vec<String> = cookies.get_request_values(&next.url).map(|(name, value)| format!("{name}={value}")).collect();
        let once = || async {
            timeout(self.limits.response, self.page_once(&held, next))
                .await
                .unwrap_or_else(|_| Err(Fault::late(self.limits.response).error))
        };
        // A form that was taken in may not be sent twice.
        let page = self.mannerly(next.form.is_none(), &mut Trail::default(), once).await;
        let page = page.map_err(|source| SignInError::Send { what: "a page of the sign-in gave no answer", source })?;
        for cookie in page.headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok()) {
            // A cookie that is malformed or for another site is not kept, as a browser would not.
            drop(cookies.parse(cookie, &next.url));
        }
        Ok(page)
    }

    async fn page_once(&self, held: &[String], next: &Next) -> Result<Page, SendError> {
        let method = if next.form.is_some() { Method::POST } else { Method::GET };
        let mut request = self.client.request(method, next.url.clone()).header(ACCEPT, HeaderValue::from_static("text/html, */*;q=0.5"));
        if !held.is_empty() {
            request = request.header(COOKIE, held.join("; "));
        }
        if let Some(pairs) = &next.form {
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            form.extend_pairs(pairs.iter().map(|(name, value)| (name, value.expose())));
            request = request.header(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded")).body(form.finish());
        }
        let failed = |error: &reqwest::Error| Fault::read(error, &next.url, &self.limits).error;
        let mut answer = request.send().await.map_err(|error| failed(&error))?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| failed(&error))? {
            if bytes.len() + chunk.len() > MOST_BYTES {
                return Err(SendError::TooLarge { limit: MOST_BYTES });
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Page { status, headers, text: String::from_utf8_lossy(&bytes).into_owned() })
    }
}

fn submitted(mut url: Url, is_post: bool, pairs: Vec<(String, Secret)>) -> Next {
    if is_post {
        return Next { url, form: Some(pairs) };
    }
    url.query_pairs_mut().clear().extend_pairs(pairs.iter().map(|(name, value)| (name, value.expose())));
    Next { url, form: None }
}

fn script(at: &str, what: impl Into<Said>) -> SignInError {
    SignInError::Script { at: at.to_owned(), what: what.into() }
}

/// An address without its query, which may hold secrets.
fn place(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    plain(url.as_str())
}

/// The forms of a page, for messages.
fn offered(forms: &[Form]) -> Said {
    if forms.is_empty() {
        return "the page has no form".into();
    }
    let names = forms.iter().map(|form| said!("[{}]", foreign(plain(&form.names()))));
    said!("the forms there have {}", Said::joined(names, " and "))
}
