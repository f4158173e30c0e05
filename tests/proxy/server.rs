//! The proxy: it takes a request, passes it on to the payer, and gives the answer back, either of them rewritten.

use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Request, Response, StatusCode, header};
use payerspec::reference::Running;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::rewrites::Rewrite;

/// A proxy that is answering. It stops when this is dropped.
pub struct Proxy {
    pub base: String,
    task: JoinHandle<()>,
}

/// What the harness asks.
pub struct Asked {
    pub method: Method,
    /// Path and query, such as `/fhir/Patient?_id=1`.
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// What the payer answers.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// What a rewrite may know beside the messages.
pub struct Known {
    /// Token of the member who asks.
    pub token: String,
    /// Token of another member.
    pub other_token: String,
    /// A Coverage of that other member, as JSON.
    pub other_coverage: String,
}

struct Shared {
    client: reqwest::Client,
    /// Scheme, host and port of the payer.
    origin: String,
    known: Known,
    rewrite: Option<&'static Rewrite>,
}

impl Proxy {
    pub async fn start(payer: &Running, rewrite: Option<&'static Rewrite>) -> Self {
        // Only the first test to come here installs it; the others find it there.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = reqwest::Client::builder().no_proxy().no_gzip().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let base = format!("http://{}/fhir", listener.local_addr().unwrap());
        let tokens: Vec<String> = payer.members().iter().map(|member| member.token.clone()).collect();
        let others = client.get(format!("{}/Coverage", payer.base())).bearer_auth(&tokens[1]).send().await.unwrap().text().await.unwrap();
        let others: serde_json::Value = serde_json::from_str(&others).unwrap();
        let known = Known {
            token: tokens[0].clone(),
            other_token: tokens[1].clone(),
            other_coverage: others["entry"][0]["resource"].to_string().replace(payer.base(), &base),
        };
        let origin = payer.base().trim_end_matches("/fhir").to_owned();
        let router = axum::Router::new().fallback(pass_on).with_state(Arc::new(Shared { client, origin, known, rewrite }));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { base, task }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass_on(State(shared): State<Arc<Shared>>, request: Request<Body>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let mut asked = Asked { method: head.method, path: head.uri.to_string(), headers: head.headers, body };
    if let Some(rewrite) = shared.rewrite {
        (rewrite.ask)(&mut asked, &shared.known);
    }
    let mut headers = asked.headers.clone();
    headers.remove(header::CONTENT_LENGTH);
    // The payer's answers must be as plain text here, so that they can be rewritten.
    headers.remove(header::ACCEPT_ENCODING);
    let url = format!("{}{}", shared.origin, asked.path);
    let sent = shared.client.request(asked.method.clone(), url).headers(headers).body(asked.body.clone()).send().await.unwrap();
    let (status, mut headers) = (sent.status(), sent.headers().clone());
    headers.remove(header::TRANSFER_ENCODING);
    let mut answer = Answer { status, headers, body: sent.bytes().await.unwrap() };
    if let Some(rewrite) = shared.rewrite {
        (rewrite.answer)(&asked, &mut answer, &shared.known);
    }
    if asked.method != Method::HEAD {
        answer.headers.remove(header::CONTENT_LENGTH);
    }
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    response
}
