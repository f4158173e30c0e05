//! Create, update, patch and delete, with their conditional forms (R4 http.html#create, #update, #patch, #delete).

use axum::http::{Method, StatusCode, header};
use time::OffsetDateTime;
use time::macros::format_description;

use super::answer::Answer;
use super::error::Refusal;
use super::fault::Breach;
use super::options::owner;
use super::patch;
use super::read::{self, Address};
use super::search;
use super::server::{Call, pairs};
use super::state::{Access, State};
use crate::fhir::json::{Value, json};
use crate::fhir::resource;

/// The type that a writable payer takes writes of.
const WRITABLE: &str = "Coverage";
const JSON_PATCH: &str = "application/json-patch+json";
const INSTANT: &[time::format_description::BorrowedFormatItem<'static>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// Whether resources of this type may be written.
pub fn takes(state: &State, resource_type: &str) -> bool {
    state.writable && resource_type == WRITABLE
}

/// Answers a write of a type, or of one resource of it.
///
/// # Errors
/// What the caller is told in its place.
pub fn answer(call: &Call, state: &mut State, access: Access, resource_type: &str, id: Option<&str>) -> Result<Answer, Refusal> {
    let id = id.map(str::to_owned);
    match (&call.method, id) {
        (&Method::POST, None) => create(call, state, access, resource_type),
        (&Method::PUT, Some(id)) => update(call, state, access, resource_type, &id),
        (&Method::PUT, None) => match only(call, state, access, resource_type, &call.query)? {
            Some(id) => update(call, state, access, resource_type, &id),
            None => create(call, state, access, resource_type),
        },
        (&Method::PATCH, Some(id)) => patch(call, state, access, resource_type, &id),
        (&Method::DELETE, Some(id)) => delete(call, state, access, resource_type, &id),
        (&Method::DELETE, None) => match only(call, state, access, resource_type, &call.query)? {
            Some(id) => delete(call, state, access, resource_type, &id),
            None => Ok(Answer { status: StatusCode::NO_CONTENT, headers: Vec::new(), resource: None }),
        },
        _ => Err(Refusal::method("GET, HEAD, PUT, PATCH, DELETE", "a new resource is posted to its type")),
    }
}

fn create(call: &Call, state: &mut State, access: Access, resource_type: &str) -> Result<Answer, Refusal> {
    let condition = call.headers.get("if-none-exist").and_then(|value| value.to_str().ok()).map(|text| pairs(text.as_bytes()));
    if let Some(condition) = condition.filter(|_| !state.has(Breach::CreateIgnoresCondition))
        && let Some(id) = only(call, state, access, resource_type, &condition)?
    {
        let record = read::find(state, access, Address { resource_type, id: &id })?;
        return Ok(read::stamped(state, Answer::ok(record.current.json.clone()), &record.current));
    }
    let mut value = body(call, resource_type)?;
    if resource::id_of(&value).is_some() && state.has(Breach::CreateTakesId) {
        return store(call, state, access, value);
    }
    let id = (1_usize..).map(|number| format!("new-{number}")).find(|id| is_free(state, resource_type, id)).unwrap_or_default();
    value["id"] = json!(id);
    store(call, state, access, value)
}

fn update(call: &Call, state: &mut State, access: Access, resource_type: &str, id: &str) -> Result<Answer, Refusal> {
    let mut value = body(call, resource_type)?;
    let conditional = call.query.iter().any(|(name, _)| !name.starts_with("_f"));
    match resource::id_of(&value) {
        None if conditional => value["id"] = json!(id),
        Some(own) if own == id => {}
        Some(_) if state.has(Breach::UpdateAcceptsOtherId) => value["id"] = json!(id),
        None if state.has(Breach::UpdateAcceptsNoId) => value["id"] = json!(id),
        _ => return Err(Refusal::invalid(format!("the body's id must be {id}, as in the URL"))),
    }
    match read::find(state, access, Address { resource_type, id }) {
        Ok(record) => {
            let current = record.current.clone();
            fresh(call, state, &current.number)?;
            if state.has(Breach::UpdateIgnored) {
                return Ok(read::stamped(state, Answer::ok(current.json.clone()), &current));
            }
            store(call, state, access, value)
        }
        Err(refusal) if matches!(refusal.status, StatusCode::NOT_FOUND | StatusCode::GONE) => store(call, state, access, value),
        Err(refusal) => Err(refusal),
    }
}

fn patch(call: &Call, state: &mut State, access: Access, resource_type: &str, id: &str) -> Result<Answer, Refusal> {
    let current = read::find(state, access, Address { resource_type, id })?.current.clone();
    fresh(call, state, &current.number)?;
    if media_type(call) != JSON_PATCH {
        return Err(Refusal::media_type(format!("a patch is {JSON_PATCH}")));
    }
    let operations =
        serde_json::from_slice(&call.body.clone()?).map_err(|error| Refusal::invalid(format!("the body is no JSON: {error}")))?;
    let patched = patch::apply(&current.value, &operations, state.has(Breach::PatchIgnoresTest))?;
    if resource::key_of(&patched) != resource::key_of(&current.value) {
        return Err(Refusal::unprocessable("a patch cannot change the type or the id"));
    }
    if state.has(Breach::PatchIgnored) {
        return Ok(read::stamped(state, Answer::ok(current.json.clone()), &current));
    }
    store(call, state, access, patched)
}

fn delete(call: &Call, state: &mut State, access: Access, resource_type: &str, id: &str) -> Result<Answer, Refusal> {
    let known = read::find(state, access, Address { resource_type, id }).map(|record| record.current.number.clone());
    if let Ok(current) = &known
        && !state.has(Breach::DeleteAcceptsStale)
    {
        fresh(call, state, current)?;
    }
    match known {
        Ok(_) if !state.has(Breach::DeleteLeavesReadable) => state.drop_record(resource_type, id, now()),
        Err(refusal) if !matches!(refusal.status, StatusCode::NOT_FOUND | StatusCode::GONE) => return Err(refusal),
        // What is not there need not be deleted: the wish is met.
        _ => {}
    }
    Ok(Answer { status: StatusCode::NO_CONTENT, headers: Vec::new(), resource: None })
}

/// Holds a resource as its next version, and says so.
fn store(call: &Call, state: &mut State, access: Access, mut value: Value) -> Result<Answer, Refusal> {
    let (Some(resource_type), Some(id)) = (resource::type_of(&value).map(str::to_owned), resource::id_of(&value).map(str::to_owned)) else {
        return Err(Refusal::invalid("the resource has no type or id"));
    };
    let owner = owner(state, &value);
    if let Access::Member(caller) = access
        && owner != Some(caller)
    {
        return Err(Refusal::forbidden("the token covers only what is about its own member"));
    }
    let before = state.record(&resource_type, &id).map(|record| record.current.number.clone());
    let number = match &before {
        Some(number) if state.has(Breach::UpdateKeepsVersion) => number.clone(),
        Some(number) => number.parse().map_or(1, |number: u64| number.saturating_add(1)).to_string(),
        None => "1".to_owned(),
    };
    if before.is_none() && state.has(Breach::CreateLosesData) {
        drop(value.as_object_mut().and_then(|fields| fields.shift_remove("payor")));
    }
    let meta = value.as_object_mut().map(|fields| fields.get_or_insert_with("meta", || json!({})));
    let Some(Value::Object(meta)) = meta else { return Err(Refusal::invalid("meta is no object")) };
    meta.insert("versionId".to_owned(), json!(number));
    meta.insert("lastUpdated".to_owned(), json!(now()));
    state.hold(owner, value).map_err(|error| Refusal::invalid(error.to_string()))?;
    let version = read::find(state, access, Address { resource_type: &resource_type, id: &id })?.current.clone();
    let mut answer = read::stamped(state, Answer::ok(version.json.clone()), &version);
    let minimal = preferences(call).any(|preference| preference == "return=minimal");
    if minimal && !state.has(Breach::CreateIgnoresPreference) {
        answer.resource = None;
    }
    if before.is_none() {
        answer.status = if state.has(Breach::CreateStatus200) { StatusCode::OK } else { StatusCode::CREATED };
        if !state.has(Breach::CreateNoLocation) {
            answer.headers.push((header::LOCATION, format!("{}/{resource_type}/{id}/_history/{number}", call.base)));
        }
    }
    Ok(answer)
}

/// The resource in the body.
fn body(call: &Call, resource_type: &str) -> Result<Value, Refusal> {
    if !matches!(media_type(call).as_str(), "" | "application/fhir+json" | "application/json") {
        return Err(Refusal::media_type("a resource is written as application/fhir+json"));
    }
    let value: Value =
        serde_json::from_slice(&call.body.clone()?).map_err(|error| Refusal::invalid(format!("the body is no JSON: {error}")))?;
    if resource::type_of(&value) != Some(resource_type) {
        return Err(Refusal::invalid(format!("the body is no {resource_type}")));
    }
    Ok(value)
}

/// What the caller prefers, in lower case without white space.
fn preferences(call: &Call) -> impl Iterator<Item = String> {
    let texts = call.headers.get_all("prefer").into_iter().filter_map(|value| value.to_str().ok());
    texts.flat_map(|text| text.split([',', ';'])).map(|preference| preference.trim().to_ascii_lowercase())
}

/// Refuses a change of a version that is no longer current.
fn fresh(call: &Call, state: &State, current: &str) -> Result<(), Refusal> {
    let Some(wanted) = call.headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok()) else { return Ok(()) };
    let matches = wanted.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_start_matches("W/").trim_matches('"') == current);
    if matches || state.has(Breach::UpdateAcceptsStale) {
        return Ok(());
    }
    Err(Refusal::precondition(format!("If-Match names {wanted}, the current version is {current}")))
}

/// The one resource that a condition selects, if any.
fn only(
    call: &Call,
    state: &State,
    access: Access,
    resource_type: &str,
    condition: &[search::query::Pair],
) -> Result<Option<String>, Refusal> {
    if condition.is_empty() && call.method != Method::POST {
        return Err(Refusal::method("GET, HEAD, POST", "a write of a whole type needs a condition"));
    }
    match search::ids(state, access, &call.base, resource_type, condition)?.as_slice() {
        [] => Ok(None),
        [only] => Ok(Some(only.clone())),
        [first, ..] if call.method == Method::POST && state.has(Breach::CreateTakesFirst) => Ok(Some(first.clone())),
        several => Err(Refusal::precondition(format!("the condition selects {} resources", several.len()))),
    }
}

/// This moment, as `meta.lastUpdated` says it.
fn now() -> String {
    OffsetDateTime::now_utc().format(INSTANT).unwrap_or_default()
}

fn is_free(state: &State, resource_type: &str, id: &str) -> bool {
    state.record(resource_type, id).is_none() && !state.was_dropped(resource_type, id)
}

fn media_type(call: &Call) -> String {
    let text = call.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
