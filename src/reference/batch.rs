//! A batch: each entry answered on its own, in order (R4 http.html#transaction).

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use bytes::Bytes;
use serde_json::{Value, json};

use super::answer::Answer;
use super::auth;
use super::error::Refusal;
use super::fault::Breach;
use super::server::{BASE_PATH, Call, pairs};
use super::state::State;
use crate::fhir::resource;

/// The most entries of one batch.
const MOST_ENTRIES: usize = 100;

/// Answers a batch.
///
/// # Errors
/// 401 without a token, 400 when it is no Bundle of type batch.
pub fn answer(call: &Call, state: &mut State) -> Result<Answer, Refusal> {
    auth::access(state, &call.headers)?;
    let batch: Value =
        serde_json::from_slice(&call.body.clone()?).map_err(|error| Refusal::invalid(format!("the body is no JSON: {error}")))?;
    if resource::type_of(&batch) != Some("Bundle") || batch.get("type").and_then(Value::as_str) != Some("batch") {
        return Err(Refusal::invalid("only a Bundle of type batch can be posted here"));
    }
    let entries = batch.get("entry").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if entries.len() > MOST_ENTRIES {
        return Err(Refusal::invalid(format!("more than {MOST_ENTRIES} entries")));
    }
    let mut answers: Vec<Value> = entries.iter().map(|entry| one(call, state, entry)).collect();
    if state.has(Breach::BatchEmptyAnswer) {
        answers.clear();
    }
    let mut response = json!({ "resourceType": "Bundle", "type": "batch-response" });
    if !answers.is_empty() {
        response["entry"] = json!(answers);
    }
    Ok(Answer::ok(Bytes::from(response.to_string())))
}

fn one(call: &Call, state: &mut State, entry: &Value) -> Value {
    match inner(call, entry).and_then(|(inner, path)| inner.change(state, &path)) {
        Ok(answer) => {
            let mut response = json!({ "status": answer.status.to_string() });
            for (name, value) in &answer.headers {
                if *name == header::LOCATION || *name == header::ETAG {
                    response[name.as_str()] = json!(value);
                }
            }
            let mut written = json!({ "response": response });
            if let Some(Ok(body)) = answer.resource.as_deref().map(serde_json::from_slice::<Value>) {
                written["resource"] = body;
            }
            written
        }
        Err(refusal) => json!({ "response": { "status": refusal.status.to_string(), "outcome": refusal.outcome() } }),
    }
}

/// The request that an entry stands for.
fn inner(call: &Call, entry: &Value) -> Result<(Call, String), Refusal> {
    let text = |field: &str| entry.get("request").and_then(|request| request.get(field)).and_then(Value::as_str);
    let method = text("method").and_then(|method| Method::from_bytes(method.as_bytes()).ok());
    let method = method.ok_or_else(|| Refusal::invalid("an entry needs request.method"))?;
    let url = text("url").filter(|url| !url.is_empty()).ok_or_else(|| Refusal::invalid("an entry needs request.url"))?;
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let mut headers = HeaderMap::new();
    for name in [header::AUTHORIZATION, header::HOST] {
        headers.extend(call.headers.get(&name).map(|value| (name, value.clone())));
    }
    for (field, name) in [("ifMatch", "if-match"), ("ifNoneExist", "if-none-exist"), ("ifNoneMatch", "if-none-match")] {
        let value = text(field).and_then(|value| HeaderValue::from_str(value).ok());
        headers.extend(value.map(|value| (HeaderName::from_static(name), value)));
    }
    let body = entry.get("resource").map_or_else(Bytes::new, |resource| Bytes::from(resource.to_string()));
    let path = format!("{BASE_PATH}/{}", path.trim_start_matches('/'));
    Ok((Call { base: call.base.clone(), method, headers, query: pairs(query.as_bytes()), body: Ok(body) }, path))
}
