//! A terminology server's `ValueSet/$validate-code` (R4 valueset-operation-validate-code.html): cached, bounded, and never needed.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::Duration;

use reqwest::{Client, header, redirect};
use tokio::runtime::Runtime;
use url::Url;

use super::{client, fetch};
use crate::fhir::json::{Value, parse};
use crate::validate::Terminology;

const TIMEOUT: Duration = Duration::from_secs(10);
/// Largest answer that is read, in bytes.
const MOST_BYTES: usize = 1024 * 1024;
/// Answers that are remembered.
const MOST_REMEMBERED: usize = 200_000;
/// Failures in a row after which the server is not asked any more.
const MOST_FAILURES: usize = 3;

type Key = (String, Option<String>, String);

/// A terminology server.
pub struct TerminologyServer {
    base: Url,
    client: Client,
    runtime: Runtime,
    answers: Mutex<HashMap<Key, Option<bool>>>,
    failures: AtomicUsize,
    gave_up: AtomicBool,
    problem: Mutex<Option<String>>,
}

/// Why there is no terminology server to ask.
#[derive(Debug, thiserror::Error)]
pub enum TerminologyError {
    #[error("`{0}` is not the http or https URL of a terminology server")]
    Url(String),
    #[error("cannot prepare to ask the terminology server: {0}")]
    Client(String),
}

impl TerminologyServer {
    /// A server by its FHIR base. Nothing is sent yet.
    ///
    /// # Errors
    /// The base is no http or https URL.
    pub fn new(base: &str) -> Result<Self, TerminologyError> {
        let with_slash = format!("{}/", base.trim_end_matches('/'));
        let url = Url::parse(&with_slash).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let url = url.ok_or_else(|| TerminologyError::Url(base.to_owned()))?;
        let is_loopback = client::is_loopback(&url);
        let start = || {
            let builder = Client::builder().gzip(true).connect_timeout(TIMEOUT).timeout(TIMEOUT).redirect(redirect::Policy::none());
            if is_loopback { builder.no_proxy() } else { builder }
        };
        let client = client::build(&[], start).map_err(|error| TerminologyError::Client(error.to_string()))?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        Ok(Self {
            base: url,
            client,
            runtime: runtime.map_err(|error| TerminologyError::Client(error.to_string()))?,
            answers: Mutex::default(),
            failures: AtomicUsize::new(0),
            gave_up: AtomicBool::new(false),
            problem: Mutex::default(),
        })
    }

    /// What kept it from answering, for one notice at the end.
    pub fn problem(&self) -> Option<String> {
        let problem = self.problem.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        let end = if self.gave_up.load(Ordering::Relaxed) { "; it was not asked any more" } else { "" };
        Some(format!("the terminology server {} did not always answer: {problem}{end}", self.base))
    }

    fn ask(&self, value_set: &str, system: Option<&str>, code: &str) -> Result<Option<bool>, String> {
        let mut url = self.base.join("ValueSet/$validate-code").map_err(|error| error.to_string())?;
        let (canonical, version) = crate::fhir::reference::split_canonical(value_set);
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("url", canonical).append_pair("code", code);
            match system {
                Some(system) => query.append_pair("system", system),
                None => query.append_pair("inferSystem", "true"),
            };
            if let Some(version) = version {
                query.append_pair("valueSetVersion", version);
            }
        }
        let (sender, receiver) = mpsc::channel();
        let request = self.client.get(url).header(header::ACCEPT, "application/fhir+json");
        // The caller may itself run on a runtime, which must not wait for another one's tasks by polling them.
        self.runtime.spawn(async move { drop(sender.send(answer(request).await)) });
        receiver.recv_timeout(TIMEOUT * 2).map_err(|_| "no answer in time".to_owned())?
    }
}

async fn answer(request: reqwest::RequestBuilder) -> Result<Option<bool>, String> {
    let mut response = request.send().await.map_err(|error| fetch::plain(&error))?;
    if response.status().is_server_error() {
        return Err(format!("it answered {}", response.status()));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| fetch::plain(&error))? {
        if bytes.len() + chunk.len() > MOST_BYTES {
            return Err(format!("an answer larger than {MOST_BYTES} bytes"));
        }
        bytes.extend_from_slice(&chunk);
    }
    let answer = parse(&bytes).map_err(|error| format!("an answer that is no JSON ({error})"))?.value;
    let parameters = answer.get("parameter").and_then(Value::as_array).into_iter().flatten();
    let mut result = parameters.filter(|parameter| parameter.get("name").and_then(Value::as_str) == Some("result"));
    // An OperationOutcome, as for a value set that the server does not know, is no answer and no failure.
    Ok(result.next().and_then(|parameter| parameter.get("valueBoolean")?.as_bool()))
}

impl Terminology for TerminologyServer {
    fn member_of(&self, value_set: &str, system: Option<&str>, code: &str) -> Option<bool> {
        let key: Key = (value_set.to_owned(), system.map(str::to_owned), code.to_owned());
        if let Some(known) = self.answers.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return *known;
        }
        if self.gave_up.load(Ordering::Relaxed) {
            return None;
        }
        let answer = self.ask(value_set, system, code);
        match &answer {
            Ok(_) => self.failures.store(0, Ordering::Relaxed),
            Err(reason) => {
                *self.problem.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason.clone());
                if self.failures.fetch_add(1, Ordering::Relaxed) + 1 >= MOST_FAILURES {
                    self.gave_up.store(true, Ordering::Relaxed);
                }
                return None;
            }
        }
        let answer = answer.ok().flatten();
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() < MOST_REMEMBERED {
            answers.insert(key, answer);
        }
        answer
    }
}

impl fmt::Debug for TerminologyServer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TerminologyServer").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}
