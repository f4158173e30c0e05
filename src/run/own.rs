//! What the run makes on the server itself, when writes are allowed: copies of harvested resources, and the record of what is left of them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value as Json, json};

use crate::check::exchange::{Exchange, Method, Request};
use crate::check::write::{location::id_in, version_of};
use crate::check::{Made, Samples};
use crate::fhir::json::Value;
use crate::fhir::resource;
use crate::plan::{Bar, Step};
use crate::suite::Content;
use crate::target::Target;

/// The system of the tag that marks what a run made; its code is the run.
const TAG_SYSTEM: &str = "urn:payerspec:run";
/// Why what was deleted is on the record.
const STILL_THERE: &str = "its deletion was answered as done, and it can still be read";
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

    /// The body of a writing step as JSON text; `id` goes into a resource that is updated.
    ///
    /// # Errors
    /// Why there is none.
    pub fn body(&self, content: Content, sample: Option<&Value>, id: Option<&str>, samples: &Samples, bar: &Bar) -> Result<String, String> {
        match content {
            Content::Batch => reading("batch", samples, bar),
            Content::Transaction => reading("transaction", samples, bar),
            Content::JsonPatch => {
                let language = other_language(sample);
                Ok(json!([{ "op": "add", "path": "/language", "value": language }]).to_string())
            }
            Content::Copy | Content::Changed => {
                let sample = sample.ok_or("there is no harvested resource to copy")?;
                let mut copy = self.copy(sample, id)?;
                if content == Content::Changed {
                    copy.insert("language".to_owned(), json!(other_language(Some(sample))));
                }
                Ok(Json::Object(copy).to_string())
            }
        }
    }

    /// The sample without what the server gave it, with the run's mark.
    fn copy(&self, sample: &Value, id: Option<&str>) -> Result<Map<String, Json>, String> {
        let fields: Map<String, Json> = serde_json::from_str(&sample.to_string()).map_err(|error| error.to_string())?;
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
        let held = response.resource().filter(|body| resource::type_of(body) == Some(resource_type)).and_then(|body| resource::id_of(body));
        let put = exchange.request.path.rsplit('/').next().filter(|_| step.method == Method::Put);
        let id = located.or(held).or(put)?.to_owned();
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

/// A language that the sample does not have: a change that every type allows and that harms nothing.
fn other_language(sample: Option<&Value>) -> &'static str {
    let current = sample.and_then(|sample| sample.get("language")).and_then(Value::as_str);
    if current == Some("en-US") { "en" } else { "en-US" }
}

/// A Bundle of one read of what was harvested.
fn reading(kind: &str, samples: &Samples, bar: &Bar) -> Result<String, String> {
    let readable = |name: &String| bar.types.get(name).is_some_and(|type_bar| type_bar.offers("read"));
    let key = samples.counts().iter().filter(|(name, _)| readable(name)).find_map(|(name, _)| resource::key_of(samples.of(name).first()?));
    let key = key.ok_or("nothing was harvested that could be read")?;
    Ok(json!({ "resourceType": "Bundle", "type": kind, "entry": [{ "request": { "method": "GET", "url": key } }] }).to_string())
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
        let body = |content, id| own.body(content, Some(&sample), id, &Samples::default(), &Bar::default()).unwrap();
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
