//! Rules about history.

pub mod bundle;
pub mod deletion;
pub mod each_once;
pub mod every_version;
pub mod newest_first;
pub mod page_size;
pub mod paging;
pub mod same_as_vread;
pub mod since;

use std::sync::Arc;

use super::exchange::Exchange;
use crate::fhir::bundle::{Bundle, Entry};
use crate::fhir::date::Interval;
use crate::fhir::json::Value;
use crate::fhir::resource;

/// The entries of every page of a step that brought Bundles.
fn entries(exchanges: &[Arc<Exchange>]) -> Vec<Entry<'_>> {
    let resources = exchanges.iter().filter_map(|exchange| exchange.resource());
    resources.filter_map(|resource| Bundle::in_document(resource)).flat_map(|bundle| bundle.entries().collect::<Vec<_>>()).collect()
}

/// The version that an entry holds: type, id and version.
fn version(entry: &Entry<'_>) -> Option<String> {
    let held = entry.resource()?;
    Some(format!("{}/_history/{}", resource::key_of(held)?, resource::version_of(held)?))
}

/// When the version that an entry holds was made.
fn made(entry: &Entry<'_>) -> Option<Interval> {
    let held = entry.resource()?.get("meta")?.get("lastUpdated")?.as_str()?;
    Interval::parse(held)
}

/// A part of what an entry says was requested, or answered.
fn said<'a>(entry: &Entry<'a>, part: &str, field: &str) -> Option<&'a str> {
    entry.tree.get(part)?.get(field).and_then(Value::as_str)
}

/// The value of a parameter in the query of a step's first request.
fn asked<'a>(exchanges: &'a [Arc<Exchange>], name: &str) -> Option<&'a str> {
    let query = &exchanges.first()?.request.query;
    query.iter().find(|(asked, _)| asked == name).map(|(_, value)| value.as_str())
}
