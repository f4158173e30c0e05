//! Follows the `next` links of a search.

use std::collections::HashSet;
use std::sync::Arc;

use crate::check::exchange::{Exchange, Request};
use crate::fhir::bundle::Bundle;
use crate::target::Target;

/// Sends a search and every `next` page, at most `limit` pages. Stops before a page that was already read, so that a loop ends, and before
/// one on another server; the last page then still has its `next` link.
pub async fn all(target: &Target, first: &Request, limit: usize) -> Vec<Arc<Exchange>> {
    let mut exchanges: Vec<Arc<Exchange>> = Vec::new();
    let mut seen = HashSet::new();
    let mut request = first.clone();
    while exchanges.len() < limit {
        let exchange = target.fetch(&request).await;
        seen.insert(exchange.url.clone());
        let next =
            exchange.resource().and_then(|resource| Bundle::in_document(resource)).and_then(|page| page.link("next").map(str::to_owned));
        exchanges.push(exchange);
        match next {
            Some(url) if target.is_own(&url) && seen.insert(url.clone()) => {
                request = Request { headers: first.headers.clone(), identity: first.identity, ..Request::get(url) };
            }
            _ => break,
        }
    }
    exchanges
}
