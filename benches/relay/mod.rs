//! A relay before the payer that writes down what is asked.

use std::sync::{Arc, Mutex};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Request, Response, header};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// One request as the payer gets it.
#[derive(Clone)]
pub struct Asked {
    method: Method,
    /// Path and query.
    path: String,
    headers: HeaderMap,
    body: Bytes,
}

/// A relay that is answering. It stops when this is dropped.
pub struct Relay {
    /// The payer's FHIR base as it is seen through the relay.
    pub base: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    client: reqwest::Client,
    origin: String,
    asked: Mutex<Vec<Asked>>,
}

impl Relay {
    pub async fn start(base: &str) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let seen = format!("http://{}{}", listener.local_addr().unwrap(), base.trim_start_matches(origin(base)));
        let shared = Arc::new(Shared { client: client(false), origin: origin(base).to_owned(), asked: Mutex::default() });
        let router = axum::Router::new().fallback(pass_on).with_state(shared.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { base: seen, shared, task }
    }

    /// What was asked, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().unwrap().clone()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass_on(State(shared): State<Arc<Shared>>, request: Request<Body>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let path = head.uri.path_and_query().map_or_else(String::new, ToString::to_string);
    let asked = Asked { method: head.method, path, headers: head.headers, body: to_bytes(body, usize::MAX).await.unwrap() };
    shared.asked.lock().unwrap().push(asked.clone());
    let answer = send(&shared.client, &shared.origin, &asked).await;
    let mut response = Response::new(Body::empty());
    *response.status_mut() = answer.status();
    *response.headers_mut() = answer.headers().clone();
    for framing in [header::CONTENT_LENGTH, header::TRANSFER_ENCODING] {
        if asked.method != Method::HEAD {
            response.headers_mut().remove(framing);
        }
    }
    *response.body_mut() = Body::from(answer.bytes().await.unwrap());
    response
}

/// Sends a request to an origin. The payer makes its links by the Host header, which stays as it was.
pub async fn send(client: &reqwest::Client, origin: &str, asked: &Asked) -> reqwest::Response {
    let mut headers = asked.headers.clone();
    headers.remove(header::CONTENT_LENGTH);
    let builder = client.request(asked.method.clone(), format!("{origin}{}", asked.path)).headers(headers);
    builder.body(asked.body.clone()).send().await.unwrap()
}

/// A client that adds nothing to what it is given; it may unpack what comes compressed.
pub fn client(unpacks: bool) -> reqwest::Client {
    // The first client of the process chooses the provider; it is not needed for plain HTTP.
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder().no_proxy().gzip(unpacks).redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// Scheme, host and port of a FHIR base.
pub fn origin(base: &str) -> &str {
    base.match_indices('/').nth(2).map_or(base, |(at, _)| &base[..at])
}
