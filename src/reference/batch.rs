//! Batches, each entry answered on its own, and transactions, all entries or none (R4 http.html#transaction).

use std::collections::BTreeSet;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use bytes::Bytes;

use super::answer::Answer;
use super::auth;
use super::error::Refusal;
use super::fault::Breach;
use super::server::{BASE_PATH, Call, pairs};
use super::state::State;
use crate::fhir::json::{Value, json};
use crate::fhir::resource;

/// The most entries of one Bundle.
const MOST_ENTRIES: usize = 100;

/// Answers a batch or a transaction.
///
/// # Errors
/// 401 without a token, 400 when it is no such Bundle, and for a transaction what one of its entries is refused for.
pub fn answer(call: &Call, state: &mut State) -> Result<Answer, Refusal> {
    auth::access(state, &call.headers)?;
    let asked: Value =
        serde_json::from_slice(&call.body.clone()?).map_err(|error| Refusal::invalid(format!("the body is no JSON: {error}")))?;
    let kind = asked.get("type").and_then(Value::as_str).filter(|_| resource::type_of(&asked) == Some("Bundle"));
    let entries = asked.get("entry").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if entries.len() > MOST_ENTRIES {
        return Err(Refusal::invalid(format!("more than {MOST_ENTRIES} entries")));
    }
    match kind {
        Some("batch") => Ok(batch(call, state, entries)),
        Some("transaction") if state.writable => transaction(call, state, entries),
        _ => Err(Refusal::invalid("only a Bundle of type batch, or of type transaction where that is declared, can be posted here")),
    }
}

fn batch(call: &Call, state: &mut State, entries: &[Value]) -> Answer {
    let mut answers = Vec::new();
    let mut failed = false;
    for entry in entries {
        let answered = if failed && state.has(Breach::BatchStopsAtFailure) {
            Err(Refusal::invalid("an entry before this one failed"))
        } else {
            one(call, state, entry)
        };
        failed |= answered.is_err();
        answers.push(answered.unwrap_or_else(|refusal| refused(state, &refusal)));
    }
    if state.has(Breach::BatchEmptyAnswer) {
        answers.clear();
    }
    if state.has(Breach::BatchReversed) {
        answers.reverse();
    }
    if state.has(Breach::BatchWrongContent) {
        for answer in answers.iter_mut().filter(|answer| answer.get("resource").is_some()) {
            answer["resource"]["language"] = json!("de");
        }
    }
    let kind = if state.has(Breach::BatchWrongType) { "searchset" } else { "batch-response" };
    response(kind, &answers)
}

/// In the order that R4 gives: deletions, creations, updates, reads. The answers stand in the order of the entries.
fn transaction(call: &Call, state: &mut State, entries: &[Value]) -> Result<Answer, Refusal> {
    let method = |entry: &Value| entry.pointer("/request/method").and_then(Value::as_str).unwrap_or_default().to_owned();
    let (looks_first, looks_last) = (!state.has(Breach::TransactionAcceptsOverlap), state.has(Breach::TransactionNotAtomic));
    if looks_first && !looks_last {
        no_overlap(entries)?;
    }
    let before = state.backup();
    let mut order: Vec<usize> = (0..entries.len()).collect();
    let rank = |at: &usize| match entries.get(*at).map(method).as_deref() {
        Some("DELETE") => 0,
        Some("POST") => 1,
        Some("PUT" | "PATCH") => 2,
        _ => 3,
    };
    order.sort_by_key(rank);
    let mut answers = vec![Value::Null; entries.len()];
    for at in order {
        let Some(entry) = entries.get(at) else { continue };
        match one(call, state, entry) {
            Ok(answered) => answers[at] = answered,
            Err(refusal) => {
                state.restore(before);
                return Err(refusal);
            }
        }
    }
    if looks_last {
        no_overlap(entries)?;
    }
    if state.has(Breach::TransactionIgnored) {
        state.restore(before);
    }
    if state.has(Breach::TransactionEmptyAnswer) {
        answers.clear();
    }
    if state.has(Breach::TransactionReversed) {
        answers.reverse();
    }
    Ok(response("transaction-response", &answers))
}

/// Refuses what names one resource twice.
fn no_overlap(entries: &[Value]) -> Result<(), Refusal> {
    let mut seen = BTreeSet::new();
    for entry in entries {
        let text = |field: &str| entry.get("request").and_then(|request| request.get(field)).and_then(Value::as_str);
        if let (Some("PUT" | "PATCH" | "DELETE"), Some(url)) = (text("method"), text("url"))
            && !seen.insert(url)
        {
            return Err(Refusal::invalid(format!("the transaction changes {url} twice")));
        }
    }
    Ok(())
}

fn response(kind: &str, answers: &[Value]) -> Answer {
    let mut response = json!({ "resourceType": "Bundle", "type": kind });
    if !answers.is_empty() {
        response["entry"] = json!(answers);
    }
    Answer::ok(Bytes::from(response.to_string()))
}

fn refused(state: &State, refusal: &Refusal) -> Value {
    let status = if state.has(Breach::BatchFailureAs200) { "200 OK".to_owned() } else { refusal.status.to_string() };
    json!({ "response": { "status": status, "outcome": refusal.outcome() } })
}

fn one(call: &Call, state: &mut State, entry: &Value) -> Result<Value, Refusal> {
    let (inner, path) = inner(call, entry)?;
    let answer = inner.change(state, &path)?;
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
    Ok(written)
}

/// The request that an entry stands for.
fn inner(call: &Call, entry: &Value) -> Result<(Call, String), Refusal> {
    let text = |field: &str| entry.get("request").and_then(|request| request.get(field)).and_then(Value::as_str);
    let method = text("method").and_then(|method| Method::from_bytes(method.as_bytes()).ok());
    let method = method.ok_or_else(|| Refusal::invalid("an entry needs request.method"))?;
    let url = text("url").filter(|url| !url.is_empty()).ok_or_else(|| Refusal::invalid("an entry needs request.url"))?;
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let mut headers = HeaderMap::new();
    for name in [header::AUTHORIZATION, header::HOST, header::ACCEPT, header::CONTENT_TYPE] {
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
