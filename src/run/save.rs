//! What a step's answer hands on to the steps after it.

use std::collections::BTreeMap;

use crate::check::exchange::Exchange;
use crate::check::said::{Said, code, foreign, said, url, words};
use crate::fhir::fhirpath::{Environment, Expression, Node};

/// The first item that each expression selects in an answer, as text by name.
///
/// # Errors
/// Why a value could not be had: the reason of an inconclusive outcome.
pub fn values(wanted: &BTreeMap<String, String>, exchange: &Exchange) -> Result<BTreeMap<String, String>, Said> {
    let mut values = BTreeMap::new();
    if wanted.is_empty() {
        return Ok(values);
    }
    // A Bundle is put together from its parts, once for all that is wanted of it.
    let body = exchange.resource().map(|resource| resource.whole());
    for (name, text) in wanted {
        let expression = Expression::parse(text).map_err(|error| words(format!("{text}: {error}")))?;
        let none = || match exchange.status() {
            Some(status) => said!(
                "nothing was there that {} selects: {} {} was answered with status {}",
                code(text),
                code(exchange.request.method.word()),
                url(&exchange.request.path),
                status
            ),
            None => said!("nothing was there that {} selects", code(text)),
        };
        let body = body.as_deref().ok_or_else(none)?;
        let items = expression.evaluate(Node::resource(body), &Environment::of(Node::resource(body)));
        let items = items.map_err(|error| said!("{}: {}", code(text), foreign(error.to_string())))?;
        let first = items.first().and_then(|item| match item.json() {
            Some(json) if !json.is_string() => Some(json.to_string()),
            _ => item.as_str().map(str::to_owned),
        });
        values.insert(name.clone(), first.ok_or_else(none)?);
    }
    Ok(values)
}
