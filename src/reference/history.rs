//! History of one resource, of a type and of the whole system (R4 http.html#history).

use std::sync::Arc;

use bytes::Bytes;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::bundle::{Bundle, Entry};
use super::error::Refusal;
use super::fault::Breach;
use super::read::{self, Address};
use super::search::page;
use super::search::query::{PAGE, Pair};
use super::state::{Access, Record, State, Version};
use crate::fhir::json::{Value, json};

/// The types whose history as a whole is offered.
pub const OF_TYPE: [&str; 3] = ["Coverage", "ExplanationOfBenefit", "Patient"];

/// Whose history is asked for.
#[derive(Clone, Copy, Debug)]
pub enum Scope<'a> {
    /// One resource's.
    Instance(Address<'a>),
    /// All resources' of a type.
    Type(&'a str),
    /// Every resource's.
    System,
}

/// One change: a version that was written, or a deletion.
struct Change {
    resource_type: String,
    id: String,
    number: String,
    at: String,
    method: &'static str,
    status: &'static str,
    version: Option<Arc<Version>>,
}

/// What may follow the question mark.
struct Wish {
    count: usize,
    since: Option<OffsetDateTime>,
    offset: usize,
}

/// Answers a history, newest change first.
///
/// # Errors
/// As a read, except that a deleted resource has a history; 400 for a malformed `_count` or `_since`.
pub fn answer(state: &State, access: Access, base: &str, scope: Scope<'_>, pairs: &[Pair]) -> Result<Bundle, Refusal> {
    let wish = Wish::read(state, pairs)?;
    let mut changes = changes(state, access, scope)?;
    break_as_told(state, scope, &mut changes);
    if let Some(since) = wish.since {
        changes.retain(|change| instant(&change.at).is_none_or(|at| at >= since));
    }
    changes.sort_by_key(|change| std::cmp::Reverse(instant(&change.at)));
    if state.has(Breach::HistoryOldestFirst) {
        changes.reverse();
    }
    let url = match scope {
        Scope::Instance(Address { resource_type, id }) => format!("{base}/{resource_type}/{id}/_history"),
        Scope::Type(resource_type) => format!("{base}/{resource_type}/_history"),
        Scope::System => format!("{base}/_history"),
    };
    let used: Vec<Pair> = pairs.iter().filter(|(name, _)| name == "_count" || name == "_since").cloned().collect();
    let own = (wish.offset > 0).then_some(wish.offset);
    let mut links = vec![("self", page::url(&url, &used, own))];
    let next = wish.offset.saturating_add(wish.count);
    let last = next.saturating_add(wish.count) >= changes.len();
    if wish.count > 0 && next < changes.len() && !(last && state.has(Breach::HistoryDropsLastPage)) {
        links.push(("next", page::url(&url, &used, Some(next))));
    }
    let total = Some(changes.len());
    let shown = changes.iter().skip(wish.offset).take(wish.count);
    let entries = shown.map(|change| change.entry(state, base)).collect();
    let mut bundle = Bundle { kind: "history", total, links, entries };
    if state.has(Breach::HistoryWrongBundleType) {
        bundle.kind = "searchset";
    }
    if state.has(Breach::HistoryEmpty) {
        (bundle.total, bundle.entries) = (Some(0), Vec::new());
    }
    Ok(bundle)
}

/// Spoils the list of changes in the ways that are switched on.
fn break_as_told(state: &State, scope: Scope<'_>, changes: &mut Vec<Change>) {
    if state.has(Breach::HistoryOmitsFormer) {
        let mut seen = Vec::new();
        changes.retain(|change| {
            let key = (change.resource_type.clone(), change.id.clone());
            !seen.contains(&key) && {
                seen.push(key);
                true
            }
        });
    }
    if state.has(Breach::HistoryOmitsDelete) {
        changes.retain(|change| change.version.is_some());
    }
    if state.has(Breach::HistoryRepeatsVersion)
        && let Some(version) = changes.first().and_then(|change| change.version.clone())
    {
        changes.insert(0, Change::of(version, "PUT", "200 OK"));
    }
    let other = match scope {
        Scope::Instance(Address { resource_type: "Organization", .. }) | Scope::Type("Organization") => Some("Practitioner"),
        Scope::System => None,
        _ => Some("Organization"),
    };
    if let Some(other) = other.filter(|_| state.has(Breach::HistoryForeignResource)) {
        let foreign = state.visible(other, Access::Everything).next().map(|record| record.current.clone());
        changes.extend(foreign.map(|version| Change::of(version, "PUT", "200 OK")));
    }
}

impl Wish {
    fn read(state: &State, pairs: &[Pair]) -> Result<Self, Refusal> {
        let text = |wanted: &str| pairs.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        let number = |text: &str| text.parse().map_err(|_| Refusal::invalid(format!("_count={text} is no number")));
        let moment = |text: &str| instant(text).ok_or_else(|| Refusal::invalid(format!("_since={text} is no instant")));
        let place = |text: &str| page::offset(text).ok_or_else(|| Refusal::invalid("this page is not one of ours"));
        let count = text("_count").filter(|_| !state.has(Breach::HistoryIgnoresCount));
        let since = text("_since").filter(|_| !state.has(Breach::HistoryIgnoresSince));
        Ok(Self {
            count: count.map_or(Ok(page::LARGEST_SIZE), number)?.min(page::LARGEST_SIZE),
            since: since.map(moment).transpose()?,
            offset: text(PAGE).map_or(Ok(0), place)?,
        })
    }
}

fn changes(state: &State, access: Access, scope: Scope<'_>) -> Result<Vec<Change>, Refusal> {
    let mut changes = Vec::new();
    match scope {
        Scope::Instance(address) => match read::find(state, access, address) {
            Ok(record) => of_record(record, &mut changes),
            Err(refusal) => match state.deleted(address.resource_type, address.id).filter(|deleted| state.may_see(access, &deleted.record))
            {
                Some(deleted) => of_deleted(deleted, &mut changes),
                None => return Err(refusal),
            },
        },
        Scope::Type(resource_type) => of_type(state, access, resource_type, &mut changes),
        Scope::System => {
            for resource_type in state.types() {
                of_type(state, access, resource_type, &mut changes);
            }
        }
    }
    Ok(changes)
}

fn of_type(state: &State, access: Access, resource_type: &str, changes: &mut Vec<Change>) {
    state.visible(resource_type, access).for_each(|record| of_record(record, changes));
    let deleted = state.all_deleted().filter(|deleted| deleted.record.current.resource_type == resource_type);
    deleted.filter(|deleted| state.may_see(access, &deleted.record)).for_each(|deleted| of_deleted(deleted, changes));
}

fn of_record(record: &Record, changes: &mut Vec<Change>) {
    let oldest = record.former.len();
    for (at, version) in record.versions().enumerate() {
        let (method, status) = if at == oldest { ("POST", "201 Created") } else { ("PUT", "200 OK") };
        changes.push(Change::of(Arc::clone(version), method, status));
    }
}

fn of_deleted(deleted: &super::state::Deleted, changes: &mut Vec<Change>) {
    let last = &deleted.record.current;
    changes.push(Change {
        resource_type: last.resource_type.clone(),
        id: last.id.clone(),
        number: deleted.number.clone(),
        at: deleted.at.clone(),
        method: "DELETE",
        status: "204 No Content",
        version: None,
    });
    of_record(&deleted.record, changes);
}

impl Change {
    fn of(version: Arc<Version>, method: &'static str, status: &'static str) -> Self {
        Self {
            resource_type: version.resource_type.clone(),
            id: version.id.clone(),
            number: version.number.clone(),
            at: version.last_updated.clone(),
            method,
            status,
            version: Some(version),
        }
    }

    fn entry(&self, state: &State, base: &str) -> Entry {
        let key = format!("{}/{}", self.resource_type, self.id);
        let url = if self.method == "POST" { &self.resource_type } else { &key };
        let mut request = json!({ "method": self.method, "url": url });
        if state.has(Breach::HistoryNoRequestUrl) {
            request = json!({ "method": self.method });
        }
        let mut response = json!({ "status": self.status, "etag": format!("W/\"{}\"", self.number), "lastModified": self.at });
        if state.has(Breach::HistoryNoResponse) {
            response = Value::Null;
        }
        let text = self.version.as_ref().map(|version| self.text(state, version)).unwrap_or_default();
        Entry { change: Some((request, response)), ..Entry::of(Some(format!("{base}/{key}")), text) }
    }

    fn text(&self, state: &State, version: &Version) -> Bytes {
        if state.has(Breach::HistoryDiffersFromVread) {
            let mut other = version.value.clone();
            other["language"] = json!("de");
            return Bytes::from(other.to_string());
        }
        version.json.clone()
    }
}

fn instant(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok()
}
