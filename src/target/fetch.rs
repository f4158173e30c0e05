//! Downloads guide packages from a registry: no credentials, bounded, and synchronous as the guide room asks.

use std::time::Duration;

use reqwest::{Client, redirect};
use url::Url;

use crate::guide::Fetch;

use super::client;

/// For one download as a whole.
const TIMEOUT: Duration = Duration::from_secs(300);
/// For a connection, and for the next piece.
const PIECE_TIMEOUT: Duration = Duration::from_secs(30);
/// Redirects followed for one download.
const MAX_REDIRECTS: usize = 5;

/// Downloads files without credentials.
#[derive(Clone, Copy, Debug, Default)]
pub struct Downloader;

impl Fetch for Downloader {
    fn get(&self, url: &str, limit: usize) -> Result<Vec<u8>, String> {
        // Its own thread, since a runtime cannot wait inside another.
        let download = || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
            runtime.block_on(download(url, limit))
        };
        std::thread::scope(|scope| scope.spawn(download).join()).unwrap_or_else(|_| Err("the download broke off".to_owned()))
    }
}

async fn download(url: &str, limit: usize) -> Result<Vec<u8>, String> {
    let url = Url::parse(url).map_err(|error| format!("`{url}` is not a URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("`{}:` is neither http nor https", url.scheme()));
    }
    let start = || {
        let builder = Client::builder().gzip(true).connect_timeout(PIECE_TIMEOUT).read_timeout(PIECE_TIMEOUT).timeout(TIMEOUT);
        builder.redirect(redirect::Policy::custom(policy))
    };
    let client = client::build(&[], start).map_err(|error| plain(&error))?;
    let mut response = client.get(url).send().await.map_err(|error| plain(&error))?;
    if !response.status().is_success() {
        return Err(format!("the registry answered {}", response.status()));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| plain(&error))? {
        if bytes.len().saturating_add(chunk.len()) > limit {
            return Err(format!("the file is larger than {limit} bytes"));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Never from https to http.
fn policy(attempt: redirect::Attempt<'_>) -> redirect::Action {
    let is_downgrade = attempt.url().scheme() != "https" && attempt.previous().iter().any(|url| url.scheme() == "https");
    if attempt.previous().len() > MAX_REDIRECTS {
        attempt.error("too many redirects")
    } else if is_downgrade {
        attempt.error("redirected from https to http")
    } else {
        attempt.follow()
    }
}

pub(super) fn plain(error: &reqwest::Error) -> String {
    let mut words = vec![error.to_string()];
    let mut next = std::error::Error::source(error);
    while let Some(inner) = next {
        words.push(inner.to_string());
        next = inner.source();
    }
    words.dedup();
    words.join(": ")
}
