//! What the run makes on the server itself, when writes are allowed: copies of harvested resources, and the record of what is left of them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::check::exchange::{Exchange, Method, Request, Response};
use crate::check::write::{each_alone::UNKNOWN_ID, location::id_in, version_of};
use crate::check::{Made, Samples};
use crate::fhir::bundle::Bundle;
use crate::fhir::json::Value;
use crate::fhir::json::{Map, Value as Json, json};
use crate::fhir::resource;
use crate::plan::{Bar, Step};
use crate::suite::Content;
use crate::target::Target;

/// The system of the tag that marks what a run made; its code is the run.
const TAG_SYSTEM: &str = "urn:payerspec:run";
/// Why what was deleted is on the record.
const STILL_THERE: &str = "its deletion was answered as done, and it can still be read";
/// Reads in one batch at most.
const MOST_READS: usize = 4;
/// For deleting what an interrupted run left.
const LAST_SWEEP: Duration = Duration::from_secs(10);

/// What this run has made, by `Type/id`, with the reason why it is still there.
#[derive(Debug)]
pub struct Own {
    run: String,
    next: AtomicUsize,
    left: Mutex<BTreeMap<String, String>>,
}

impl Default for Own {
    fn default() -> Self {
        let run = format!("{:x}", time::OffsetDateTime::now_utc().unix_timestamp_nanos() / 1000);
        Self { run, next: AtomicUsize::default(), left: Mutex::default() }
    }
}

impl Own {
    /// An id that no server holds.
    pub fn new_id(&self) -> String {
        format!("payerspec-{}-{}", self.run, self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// The body of a writing step as JSON text.
    ///
    /// # Errors
    /// Why there is none.
    pub fn body(&self, content: Content, sample: Option<&Value>, ids: Ids<'_>, samples: &Samples, bar: &Bar) -> Result<String, String> {
        let change = json!({ "op": "add", "path": "/language", "value": other_language(sample) });
        let copy = |id: Option<&str>| self.copy(sample.ok_or("there is no harvested resource to copy")?, id);
        let changed = |id: Option<&str>| {
            let mut changed = copy(id)?;
            changed.insert("language".to_owned(), json!(other_language(sample)));
            Ok::<_, String>(changed)
        };
        let resource_type = sample.and_then(resource::type_of).unwrap_or_default();
        Ok(match content {
            Content::Batch => bundle("batch", &reads(samples, bar, true)?),
            Content::Transaction => bundle("transaction", &reads(samples, bar, false)?),
            Content::JsonPatch => json!([change]),
            Content::FailingPatch => json!([{ "op": "test", "path": "/resourceType", "value": TAG_SYSTEM }, change]),
            Content::Copy => Json::Object(copy(ids.in_path)?),
            Content::CopyWithId => Json::Object(copy(Some(ids.new))?),
            Content::Changed => Json::Object(changed(ids.in_path)?),
            Content::OtherId => Json::Object(changed(Some(ids.new))?),
            Content::NoId => Json::Object(changed(None)?),
            Content::TransactionCreate => bundle("transaction", &[writing("POST", resource_type, copy(None)?)]),
            Content::TransactionOverlap => {
                let url = format!("{resource_type}/{}", ids.new);
                let put = writing("PUT", &url, copy(Some(ids.new))?);
                bundle("transaction", &[put.clone(), put])
            }
        }
        .to_string())
    }

    /// The sample without what the server gave it, with the run's mark.
    fn copy(&self, sample: &Value, id: Option<&str>) -> Result<Map, String> {
        let fields: Map = serde_json::from_str(&sample.to_string()).map_err(|error| error.to_string())?;
        let mut copy = Map::new();
        copy.extend(fields.get_key_value("resourceType").map(|(name, value)| (name.clone(), value.clone())));
        copy.extend(id.map(|id| ("id".to_owned(), json!(id))));
        copy.insert("meta".to_owned(), json!({ "tag": [{ "system": TAG_SYSTEM, "code": self.run }] }));
        copy.extend(fields.into_iter().filter(|(name, _)| !matches!(name.as_str(), "resourceType" | "id" | "meta")));
        Ok(copy)
    }

    /// What a making step made, if the server says so; from now on it is on the record.
    pub fn made(&self, resource_type: &str, step: &Step, exchange: &Exchange) -> Option<Made> {
        let Some(response) = exchange.response() else {
            if exchange.attempts > 0 {
                self.keep(format!("{resource_type}?_tag={TAG_SYSTEM}|{}", self.run), "its creation got no answer, so that it may exist");
            }
            return None;
        };
        if !(200..300).contains(&response.status) {
            return None;
        }
        let located = response.header("location").and_then(|location| id_in(location, resource_type));
        let bundled = || in_answer(response, resource_type);
        let held = response.resource().filter(|body| resource::type_of(body) == Some(resource_type)).and_then(|body| resource::id_of(body));
        let put = exchange.request.path.rsplit('/').next().filter(|_| step.method == Method::Put);
        let id = located.or(held).or_else(bundled).or(put)?.to_owned();
        // A conditional create may answer with what was there before: then only 201 says that it is new.
        let conditional = exchange.request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("if-none-exist"));
        if response.status == 201 || !conditional {
            self.keep(format!("{resource_type}/{id}"), "not deleted yet");
        }
        Some(Made { resource_type: resource_type.to_owned(), id, version: version_of(response) })
    }

    /// Deletes what a case made, as far as it is on the record, and gives the exchanges.
    pub async fn delete(&self, target: &Target, bar: &Bar, key: &str) -> Option<Exchange> {
        if self.left().get(key)? == STILL_THERE {
            return None;
        }
        let resource_type = key.split('/').next().unwrap_or_default();
        if !bar.types.get(resource_type).is_some_and(|type_bar| type_bar.offers("delete")) {
            self.keep(key.to_owned(), "delete is not declared");
            return None;
        }
        let exchange = target.send(&Request { method: Method::Delete, ..Request::get(key) }).await;
        match &exchange.result {
            Ok(response) if (200..300).contains(&response.status) || matches!(response.status, 404 | 410) => self.forget(key),
            Ok(response) => self.keep(key.to_owned(), &format!("its deletion was answered with status {}", response.status)),
            Err(error) => self.keep(key.to_owned(), &error.to_string()),
        }
        Some(exchange)
    }

    /// Notes that a request which must be refused may have made a resource.
    pub fn suspect(&self, key: &str) {
        self.keep(key.to_owned(), "a transaction that must fail may have made it");
    }

    /// Takes a resource off the record: it is gone.
    pub fn forget(&self, key: &str) {
        self.left().remove(key);
    }

    /// Notes that a resource can be read although its deletion was answered as done.
    pub fn defies(&self, key: &str) {
        if let Some(reason) = self.left().get_mut(key) {
            STILL_THERE.clone_into(reason);
        }
    }

    /// Says why a resource is still there.
    fn keep(&self, key: String, reason: &str) {
        self.left().insert(key, reason.to_owned());
    }

    /// Deletes what a run that was stopped left, and says what is still there.
    pub async fn sweep(&self, target: &Target, bar: &Bar) -> Vec<String> {
        let open: Vec<String> = self.left().iter().filter(|(key, _)| !key.contains('?')).map(|(key, _)| key.clone()).collect();
        if target.is_cancelled()
            && !open.is_empty()
            && let Ok(broom) = Target::new(target.config().clone())
        {
            let all = async {
                for key in &open {
                    self.delete(&broom, bar, key).await;
                }
            };
            // What is not gone by then is told to be left.
            drop(tokio::time::timeout(LAST_SWEEP, all).await);
        }
        self.left().iter().map(|(key, reason)| format!("{key}: {reason}")).collect()
    }

    fn left(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The ids that a body may name.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ids<'a> {
    /// The id in the path of an update.
    pub in_path: Option<&'a str>,
    /// An id that no server holds.
    pub new: &'a str,
}

/// A language that the sample does not have: a change that every type allows and that harms nothing.
fn other_language(sample: Option<&Value>) -> &'static str {
    let current = sample.and_then(|sample| sample.get("language")).and_then(Value::as_str);
    if current == Some("en-US") { "en" } else { "en-US" }
}

/// The id of what a transaction made, by the Location in its answer's first entry.
fn in_answer<'a>(response: &'a Response, resource_type: &str) -> Option<&'a str> {
    let answer = Bundle::in_document(response.resource()?)?;
    let location = answer.entries().next()?.tree.get("response")?.get("location")?.as_str()?;
    id_in(location, resource_type)
}

/// Reads of the first resource of each harvested type, with one of an unknown id among them if wished.
fn reads(samples: &Samples, bar: &Bar, with_unknown: bool) -> Result<Vec<Json>, String> {
    let readable = |name: &String| bar.types.get(name).is_some_and(|type_bar| type_bar.offers("read"));
    let counts = samples.counts();
    let first = counts.iter().filter(|(name, _)| readable(name)).filter_map(|(name, _)| resource::key_of(samples.of(name).first()?));
    let mut keys: Vec<String> = first.take(MOST_READS).collect();
    let some_type = keys.first().and_then(|key| key.split('/').next()).ok_or("nothing was harvested that could be read")?.to_owned();
    if with_unknown {
        keys.insert(1, format!("{some_type}/{UNKNOWN_ID}"));
    }
    Ok(keys.iter().map(|key| json!({ "request": { "method": "GET", "url": key } })).collect())
}

fn writing(method: &str, url: &str, body: Map) -> Json {
    json!({ "resource": body, "request": { "method": method, "url": url } })
}

fn bundle(kind: &str, entries: &[Json]) -> Json {
    json!({ "resourceType": "Bundle", "type": kind, "entry": entries })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_carries_the_mark_and_nothing_of_the_servers() {
        let own = Own::default();
        let sample: Value = serde_json::from_str(
            r#"{"resourceType": "Observation", "id": "1", "meta": {"versionId": "3"}, "language": "en-US", "valueQuantity": {"value": 1.10}}"#,
        )
        .unwrap();
        let body = |content, in_path| {
            let ids = Ids { in_path, new: "new" };
            own.body(content, Some(&sample), ids, &Samples::default(), &Bar::default()).unwrap()
        };
        let copy = body(Content::Copy, None);
        assert!(copy.starts_with(r#"{"resourceType":"Observation","meta":{"tag":[{"system":"urn:payerspec:run","code":""#), "{copy}");
        assert!(copy.ends_with(r#""language":"en-US","valueQuantity":{"value":1.10}}"#), "{copy}");
        assert!(body(Content::Changed, Some("7")).contains(r#""language":"en""#));
        assert!(body(Content::Changed, Some("7")).starts_with(r#"{"resourceType":"Observation","id":"7""#));
        assert_eq!(body(Content::JsonPatch, None), r#"[{"op":"add","path":"/language","value":"en"}]"#);
    }

    #[test]
    fn ids_are_valid_and_each_is_new() {
        let own = Own::default();
        let (one, other) = (own.new_id(), own.new_id());
        assert!(resource::is_valid_id(&one) && one != other, "{one} {other}");
    }
}
