//! Rules about writes, all on resources that the run itself made.

pub mod all_or_nothing;
pub mod answer;
pub mod each_alone;
pub mod gone;
pub mod in_order;
pub mod location;
pub mod once;
pub mod own_id;
pub mod preference;
pub mod refused;
pub mod same_as_read;
pub mod same_content;
pub mod several_refused;
pub mod stale_refused;
pub mod status;
pub mod transacted;
pub mod version_moved;

use super::Subject;
use super::exchange::{Exchange, Method, Payload, Response};
use crate::check::said::{Said, foreign, said};
use crate::fhir::bundle::Entry;
use crate::fhir::json::Value;
use crate::fhir::outcome::OperationOutcome;
use crate::fhir::resource;

/// The writes of a case, in order.
pub fn writes<'a>(subject: &Subject<'a>) -> Vec<&'a Exchange> {
    let exchanges = subject.steps.iter().flatten().map(|exchange| &**exchange);
    let is_write = |exchange: &&Exchange| {
        let is_form = matches!(exchange.request.payload, Some(Payload::Form(_)));
        !is_form && !matches!(exchange.request.method, Method::Get | Method::Head)
    };
    exchanges.filter(is_write).collect()
}

/// Whether a write was done.
fn is_done(exchange: &Exchange) -> bool {
    exchange.status().is_some_and(|status| (200..300).contains(&status))
}

/// The methods and URLs of the entries of the last batch or transaction that was sent, with its response.
fn bundled<'a>(subject: &Subject<'a>) -> Option<(Vec<(String, String)>, &'a Response)> {
    let exchange = writes(subject).into_iter().rfind(|exchange| exchange.request.method == Method::Post)?;
    let Some(Payload::Json(text)) = &exchange.request.payload else { return None };
    let sent: Value = serde_json::from_str(text).ok()?;
    let field = |entry: &Value, name: &str| entry.get("request")?.get(name)?.as_str().map(str::to_owned);
    let entries = sent.get("entry")?.as_array()?.iter();
    Some((entries.filter_map(|entry| Some((field(entry, "method")?, field(entry, "url")?))).collect(), exchange.response()?))
}

/// The status that an entry of an answer gives.
fn status_of(entry: &Entry<'_>) -> Option<u16> {
    entry.tree.get("response")?.get("status")?.as_str()?.get(..3)?.parse().ok()
}

/// The read that follows the last write, if the case has one and it was sent.
fn read_back<'a>(subject: &Subject<'a>) -> Option<&'a Exchange> {
    subject.exchange().filter(|exchange| exchange.request.method == Method::Get)
}

/// The version that a response is about: by its ETag, else by its body, else by its Location.
pub(crate) fn version_of(response: &Response) -> Option<String> {
    let tag = response.header("etag").map(|tag| tag.trim().trim_start_matches("W/").trim_matches('"').to_owned());
    let in_body = || response.resource().and_then(|body| resource::version_of(body)).map(str::to_owned);
    let in_location = || Some(response.header("location")?.split_once("/_history/")?.1.to_owned());
    tag.filter(|tag| !tag.is_empty()).or_else(in_body).or_else(in_location)
}

/// The status, with what the server said of it.
fn said(response: &Response) -> Said {
    let text = response.resource().and_then(|body| OperationOutcome::of(body)).and_then(|outcome| outcome.first_text());
    text.map_or_else(|| response.status.into(), |text| said!("{} ({})", response.status, foreign(text)))
}
