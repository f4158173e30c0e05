//! Read and vread of one resource (R4 http.html#read, #vread).

use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

use super::answer::Answer;
use super::error::Refusal;
use super::fault::Breach;
use super::search::query::{self, Pair};
use super::search::subset;
use super::state::{Access, Record, State, Version};
use crate::fhir::json::json;
use crate::fhir::resource;

/// The resource that is addressed.
#[derive(Clone, Copy, Debug)]
pub struct Address<'a> {
    /// The resource type, which is served.
    pub resource_type: &'a str,
    /// The id, decoded and not yet checked.
    pub id: &'a str,
}

/// Answers a read; with `If-None-Match` or `If-Modified-Since` a conditional one.
///
/// # Errors
/// 400 for a malformed id, 403 for another member's resource, 404 for an unknown one.
pub fn read(state: &State, access: Access, address: Address<'_>, pairs: &[Pair], headers: &HeaderMap) -> Result<Answer, Refusal> {
    let summary = query::summary(state, pairs)?;
    let record = match find(state, access, address) {
        Err(refusal) if refusal.status == StatusCode::NOT_FOUND && state.has(Breach::ReadUnknownId200) => {
            let made_up = json!({ "resourceType": address.resource_type, "id": address.id });
            return Ok(Answer::ok(Bytes::from(made_up.to_string())));
        }
        Err(refusal) if refusal.status == StatusCode::NOT_FOUND && state.has(Breach::ReadUnknownId500) => {
            return Err(Refusal::broken("the reader broke"));
        }
        found => found?,
    };
    let version = &record.current;
    if is_known(state, version, headers) {
        return Ok(stamped(state, Answer { status: StatusCode::NOT_MODIFIED, headers: Vec::new(), resource: None }, version));
    }
    let body = exchanged(state, access, version).unwrap_or_else(|| subset::of(state, version, &summary));
    Ok(stamped(state, Answer::ok(body), version))
}

/// What is sent in place of the resource, when told to break.
fn exchanged(state: &State, access: Access, version: &Version) -> Option<Bytes> {
    if state.has(Breach::ReadWrongId) && version.resource_type == "ExplanationOfBenefit" {
        let other = state.visible(&version.resource_type, access).find(|record| record.current.id != version.id);
        let mut value = version.value.clone();
        let stand_in = || {
            value["id"] = json!(format!("{}-other", version.id));
            Bytes::from(value.to_string())
        };
        return Some(other.map_or_else(stand_in, |record| record.current.json.clone()));
    }
    if state.has(Breach::ReadWrongType) && version.resource_type == "Coverage" {
        return state.visible("Patient", access).next().map(|record| record.current.json.clone());
    }
    if state.has(Breach::ReadStaleContent) && version.resource_type == "ExplanationOfBenefit" {
        let mut stale = version.value.clone();
        stale["created"] = json!("2001-01-01");
        return Some(Bytes::from(stale.to_string()));
    }
    None
}

/// Answers a vread.
///
/// # Errors
/// As [`read`]; 404 for an unknown version too.
pub fn vread(state: &State, access: Access, address: Address<'_>, number: &str) -> Result<Answer, Refusal> {
    let record = match (find(state, access, address), state.deleted(address.resource_type, address.id)) {
        (Ok(record), _) => record,
        // What was deleted keeps the versions before its deletion.
        (Err(_), Some(deleted)) if deleted.number != number && state.may_see(access, &deleted.record) => &deleted.record,
        (Err(refusal), _) => return Err(refusal),
    };
    let former = record.current.number != number && state.has(Breach::VreadFormerNotFound);
    let version = match record.numbered(number).filter(|_| !former) {
        Some(_) if state.has(Breach::VreadCurrentContent) => {
            let mut current = record.current.value.clone();
            current["meta"]["versionId"] = json!(number);
            return Ok(Answer::ok(Bytes::from(current.to_string())));
        }
        Some(version) => version,
        None if state.has(Breach::VreadUnknownVersion200) => record.current.clone(),
        None => return Err(Refusal::not_found(format!("{}/{} has no version {number}", address.resource_type, address.id))),
    };
    if state.has(Breach::VreadIgnoresVersion) {
        let mut other = version.value.clone();
        other["meta"]["versionId"] = json!(format!("{number}0"));
        return Ok(Answer::ok(Bytes::from(other.to_string())));
    }
    let body = version.json.clone();
    Ok(stamped(state, Answer::ok(body), &version))
}

pub(super) fn find<'a>(state: &'a State, access: Access, address: Address<'_>) -> Result<&'a Record, Refusal> {
    let Address { resource_type, id } = address;
    if !resource::is_valid_id(id) {
        if state.has(Breach::ReadMalformedId500) {
            return Err(Refusal::broken("the reader broke"));
        }
        return Err(Refusal::invalid("this is no id: 1 to 64 letters, digits, `-` and `.`"));
    }
    let record = state.record(resource_type, id).ok_or_else(|| {
        if state.was_dropped(resource_type, id) {
            return Refusal::gone(format!("{resource_type}/{id} was deleted"));
        }
        Refusal::not_found(format!("{resource_type}/{id} is not known here"))
    })?;
    if !state.may_see(access, record) {
        return Err(Refusal::forbidden(format!("the token does not cover {resource_type}/{id}")));
    }
    Ok(record)
}

pub(super) fn etag(version: &Version) -> String {
    format!("W/\"{}\"", version.number)
}

pub(super) fn stamped(state: &State, mut answer: Answer, version: &Version) -> Answer {
    if !state.has(Breach::ReadNoEtag) {
        let tag = if state.has(Breach::ReadStrongEtag) { format!("\"{}\"", version.number) } else { etag(version) };
        answer.headers.push((header::ETAG, tag));
    }
    let modified = if state.has(Breach::LastModifiedLate) { later(&version.last_updated) } else { http_date(&version.last_updated) };
    let modified = if state.has(Breach::LastModifiedIso) { Some(version.last_updated.clone()) } else { modified };
    answer.headers.extend(modified.filter(|_| !state.has(Breach::LastModifiedAbsent)).map(|date| (header::LAST_MODIFIED, date)));
    answer
}

/// An hour later, as a server says that takes its own zone for UTC.
fn later(instant: &str) -> Option<String> {
    (OffsetDateTime::parse(instant, &Rfc3339).ok()? + time::Duration::HOUR).to_offset(time::UtcOffset::UTC).format(HTTP_DATE).ok()
}

/// Whether the caller already has this version.
fn is_known(state: &State, version: &Version, headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(tags) = text(header::IF_NONE_MATCH) {
        let number = version.number.as_str();
        let is_among = tags.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_start_matches("W/").trim_matches('"') == number);
        return (is_among && !state.has(Breach::ReadIgnoresIfNoneMatch)) || state.has(Breach::ConditionalAnyTag);
    }
    let Some(since) = text(header::IF_MODIFIED_SINCE).filter(|_| !state.has(Breach::ConditionalIgnoresSince)) else { return false };
    let instant = |text: &str| time::PrimitiveDateTime::parse(text, HTTP_DATE).ok();
    let changed = http_date(&version.last_updated).and_then(|date| instant(&date));
    matches!((instant(since), changed), (Some(since), Some(changed)) if changed <= since || state.has(Breach::ConditionalAnyDate))
}

const HTTP_DATE: &[time::format_description::BorrowedFormatItem<'static>] =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");

fn http_date(instant: &str) -> Option<String> {
    OffsetDateTime::parse(instant, &Rfc3339).ok()?.to_offset(time::UtcOffset::UTC).format(HTTP_DATE).ok()
}

#[cfg(test)]
mod tests {
    use super::http_date;

    #[test]
    fn an_instant_becomes_an_http_date() {
        assert_eq!(http_date("2024-03-01T02:00:00+02:00").as_deref(), Some("Fri, 01 Mar 2024 00:00:00 GMT"));
        assert_eq!(http_date("yesterday"), None);
    }
}
