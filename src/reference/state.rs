//! The record that the reference payer holds: every version of every resource, found by type and id, with its owner.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use thiserror::Error;

use super::data::CarinVersion;
use super::fault::{Breach, Faults};
use super::oauth::{ClientAccess, Office};
use crate::fhir::json::{Value, json};
use crate::fhir::resource;

/// One version of one resource.
#[derive(Clone, Debug)]
pub struct Version {
    /// The resource type.
    pub resource_type: String,
    /// The logical id.
    pub id: String,
    /// `meta.versionId`.
    pub number: String,
    /// `meta.lastUpdated`.
    pub last_updated: String,
    /// The resource.
    pub value: Value,
    /// The resource as JSON text.
    pub json: Bytes,
}

/// All versions of one resource.
#[derive(Clone, Debug)]
pub struct Record {
    /// Which member it belongs to, as an index; `None` when every member may see it.
    pub owner: Option<usize>,
    /// The current version.
    pub current: Arc<Version>,
    /// The versions before it, newest first.
    pub former: Vec<Arc<Version>>,
}

/// What one caller may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// The whole record.
    Everything,
    /// One member's part, by index, and what is shared.
    Member(usize),
}

/// Why a resource cannot be held.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StoreError {
    /// It has no `resourceType`, or not one that can stand in a URL.
    #[error("a resource without a usable resourceType: give it one, such as \"Patient\"")]
    NoType,
    /// It has no valid `id`.
    #[error("a {0} without a valid id: give it one of 1 to 64 letters, digits, `-` and `.`")]
    NoId(String),
}

/// What the payer knows. It changes while it runs only where it is writable.
#[derive(Debug)]
pub struct State {
    /// The guide's version that it follows.
    pub version: CarinVersion,
    /// The ways in which it is broken.
    pub faults: Faults,
    /// How it asks who is calling.
    pub bearer: bool,
    /// Patient ids and tokens, by member index.
    pub members: Vec<super::MemberAccess>,
    /// A token that is good at another resource server, and here opens nothing.
    pub foreign_token: String,
    /// What the payer can say of its own data, as `[facts]` in TOML.
    pub known: String,
    /// Whether Coverage may be written.
    pub writable: bool,
    /// Whether it speaks TLS.
    pub secure: bool,
    /// The authorization server, where there is one.
    pub office: Option<Office>,
    /// What its clients need to know of themselves.
    pub clients: Vec<ClientAccess>,
    records: BTreeMap<String, BTreeMap<String, Record>>,
    /// What was deleted, by type and id.
    gone: BTreeMap<(String, String), Deleted>,
}

/// Everything that was held at one time.
#[derive(Clone, Debug)]
pub struct Backup {
    records: BTreeMap<String, BTreeMap<String, Record>>,
    gone: BTreeMap<(String, String), Deleted>,
}

/// A resource that was deleted.
#[derive(Clone, Debug)]
pub struct Deleted {
    /// What it was.
    pub record: Record,
    /// The version that the deletion made.
    pub number: String,
    /// When it was deleted.
    pub at: String,
}

impl State {
    /// A payer that holds nothing yet.
    pub fn new(version: CarinVersion, faults: Faults, bearer: bool, members: Vec<super::MemberAccess>) -> Self {
        Self {
            version,
            faults,
            bearer,
            members,
            foreign_token: String::new(),
            writable: false,
            known: String::new(),
            secure: false,
            office: None,
            clients: Vec::new(),
            records: BTreeMap::new(),
            gone: BTreeMap::new(),
        }
    }

    /// Whether it is broken in this way.
    pub fn has(&self, breach: Breach) -> bool {
        self.faults.has(breach)
    }

    /// Holds a resource. One that is already held under this type and id becomes a former version.
    ///
    /// # Errors
    /// When the resource cannot be addressed.
    pub fn hold(&mut self, owner: Option<usize>, mut value: Value) -> Result<(), StoreError> {
        let resource_type = resource::type_of(&value).filter(|name| is_type_name(name)).ok_or(StoreError::NoType)?.to_owned();
        let id = resource::id_of(&value).filter(|id| resource::is_valid_id(id)).map(str::to_owned);
        let id = id.ok_or_else(|| StoreError::NoId(resource_type.clone()))?;
        let held = self.records.entry(resource_type.clone()).or_default();
        let next = held.get(&id).map_or(1, |record| record.former.len() + 2);
        stamp(&mut value, next);
        let version = Arc::new(Version {
            number: resource::version_of(&value).unwrap_or_default().to_owned(),
            last_updated: value.pointer("/meta/lastUpdated").and_then(Value::as_str).unwrap_or_default().to_owned(),
            json: Bytes::from(value.to_string()),
            resource_type,
            id: id.clone(),
            value,
        });
        match held.get_mut(&id) {
            Some(record) => {
                let former = std::mem::replace(&mut record.current, version);
                record.former.insert(0, former);
                record.owner = owner.or(record.owner);
            }
            None => drop(held.insert(id, Record { owner, current: version, former: Vec::new() })),
        }
        Ok(())
    }

    /// Takes a resource out of what is read and found; its versions stay in its history.
    pub fn drop_record(&mut self, resource_type: &str, id: &str, at: String) {
        if let Some(record) = self.records.get_mut(resource_type).and_then(|held| held.remove(id)) {
            let number = record.current.number.parse().map_or(1, |number: u64| number.saturating_add(1)).to_string();
            self.gone.insert((resource_type.to_owned(), id.to_owned()), Deleted { record, number, at });
        }
    }

    /// Everything that is held, to be put back.
    pub fn backup(&self) -> Backup {
        Backup { records: self.records.clone(), gone: self.gone.clone() }
    }

    /// Puts everything back as it was.
    pub fn restore(&mut self, backup: Backup) {
        (self.records, self.gone) = (backup.records, backup.gone);
    }

    /// What was deleted under this type and id, and is not there again.
    pub fn deleted(&self, resource_type: &str, id: &str) -> Option<&Deleted> {
        self.gone.get(&(resource_type.to_owned(), id.to_owned())).filter(|_| self.record(resource_type, id).is_none())
    }

    /// Everything that was deleted and is not there again.
    pub fn all_deleted(&self) -> impl Iterator<Item = &Deleted> {
        self.gone.iter().filter(|((resource_type, id), _)| self.record(resource_type, id).is_none()).map(|(_, deleted)| deleted)
    }

    /// Whether there was such a resource until it was deleted.
    pub fn was_dropped(&self, resource_type: &str, id: &str) -> bool {
        self.deleted(resource_type, id).is_some()
    }

    /// The types that are held.
    pub fn types(&self) -> impl Iterator<Item = &str> {
        self.records.keys().map(String::as_str)
    }

    /// Whether any resource of this type is held.
    pub fn serves(&self, resource_type: &str) -> bool {
        self.records.contains_key(resource_type)
    }

    /// One resource, whoever it belongs to.
    pub fn record(&self, resource_type: &str, id: &str) -> Option<&Record> {
        self.records.get(resource_type)?.get(id)
    }

    /// All resources of a type that the caller may see, by id.
    pub fn visible(&self, resource_type: &str, access: Access) -> impl Iterator<Item = &Record> {
        self.records.get(resource_type).into_iter().flat_map(BTreeMap::values).filter(move |record| self.may_see(access, record))
    }

    /// Whether the caller may see this resource.
    pub fn may_see(&self, access: Access, record: &Record) -> bool {
        match (access, record.owner) {
            (Access::Everything, _) | (_, None) => true,
            (Access::Member(caller), Some(owner)) => caller == owner || self.has(Breach::AuthOtherMemberVisible),
        }
    }

    /// The member whose Patient has this id.
    pub fn member_of(&self, patient: &str) -> Option<usize> {
        self.members.iter().position(|member| member.patient == patient)
    }

    /// The version that a reference such as `Patient/1` or `Patient/1/_history/2` names, absolute URLs of this server included.
    pub fn resolve(&self, reference: &str) -> Option<(&Record, Arc<Version>)> {
        let target = Target::of(reference)?;
        let record = self.record(target.resource_type, target.id)?;
        Some((record, target.version.map_or_else(|| Some(record.current.clone()), |number| record.numbered(number))?))
    }
}

impl Record {
    /// All versions, newest first.
    pub fn versions(&self) -> impl Iterator<Item = &Arc<Version>> {
        std::iter::once(&self.current).chain(&self.former)
    }

    /// The version with this number.
    pub fn numbered(&self, number: &str) -> Option<Arc<Version>> {
        self.versions().find(|version| version.number == number).cloned()
    }
}

/// The parts of a literal reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target<'a> {
    /// The resource type.
    pub resource_type: &'a str,
    /// The logical id.
    pub id: &'a str,
    /// The version, when the reference names one.
    pub version: Option<&'a str>,
}

impl<'a> Target<'a> {
    /// Reads the end of a relative or absolute reference; a fragment or a bare id has no target.
    pub fn of(reference: &'a str) -> Option<Self> {
        let mut parts = reference.rsplit('/');
        let (last, before) = (parts.next()?, parts.next()?);
        let target = if before == "_history" {
            let id = parts.next()?;
            Self { resource_type: parts.next()?, id, version: Some(last) }
        } else {
            Self { resource_type: before, id: last, version: None }
        };
        (is_type_name(target.resource_type) && resource::is_valid_id(target.id)).then_some(target)
    }
}

/// Whether a text has the form of a resource type.
pub fn is_type_name(text: &str) -> bool {
    text.len() <= 64 && text.starts_with(|first: char| first.is_ascii_uppercase()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn stamp(value: &mut Value, number: usize) {
    let Some(fields) = value.as_object_mut() else { return };
    let meta = fields.get_or_insert_with("meta", || json!({}));
    if !meta.is_object() {
        *meta = json!({});
    }
    let Some(meta) = meta.as_object_mut() else { return };
    if !meta.get("versionId").is_some_and(Value::is_string) {
        meta.insert("versionId".to_owned(), json!(number.to_string()));
    }
    if !meta.get("lastUpdated").is_some_and(Value::is_string) {
        meta.insert("lastUpdated".to_owned(), json!("2024-01-01T00:00:00Z"));
    }
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn references_are_taken_apart() {
        let target = |text| Target::of(text).map(|target| (target.resource_type, target.id, target.version));
        assert_eq!(target("Patient/1"), Some(("Patient", "1", None)));
        assert_eq!(target("http://h/fhir/Patient/1/_history/2"), Some(("Patient", "1", Some("2"))));
        assert_eq!(target("#contained"), None);
        assert_eq!(target("urn:uuid:1"), None);
    }
}
