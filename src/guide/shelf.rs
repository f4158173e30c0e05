//! One package's catalogue, embedded or compiled at run time: finds records by its index and reads each at most once.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Read;
use std::sync::{Arc, OnceLock};

use flate2::read::DeflateDecoder;
use serde::de::DeserializeOwned;

use super::compile::Compiled;
use super::facts::{Compartment, GuideFacts, GuideId, Operation, SearchParameter};
use super::index::{Kind, Row};
use super::profile::Profile;
use super::terminology::{CodeSystem, ValueSetRules};
use crate::fhir::capability::Capability;
use crate::fhir::json::Value;

/// One package's records.
#[derive(Debug)]
pub struct Shelf {
    pub guide: GuideFacts,
    pub embedded: bool,
    rows: Vec<Row>,
    blocks: Vec<Block>,
    records: Vec<OnceLock<Option<Record>>>,
    /// Search parameters by base, in the order of their codes.
    searches: OnceLock<HashMap<String, Vec<usize>>>,
}

/// Where a block of records comes from.
#[derive(Debug)]
pub enum Block {
    /// Compressed inside the program.
    Packed { packed: &'static [u8], length: usize, open: OnceLock<Vec<u8>> },
    /// In memory.
    Open(Vec<u8>),
}

/// A record that was read.
#[derive(Debug)]
enum Record {
    Profile(Arc<Profile>),
    SearchParameter(Arc<SearchParameter>),
    ValueSet(Arc<ValueSetRules>),
    CodeSystem(Arc<CodeSystem>),
    Operation(Arc<Operation>),
    Compartment(Arc<Compartment>),
    Expectations(Vec<Arc<Capability>>),
}

impl Shelf {
    /// A shelf of an index, in the order of kind and url, and its blocks.
    pub fn new(guide: GuideFacts, embedded: bool, rows: Vec<Row>, blocks: Vec<Block>) -> Self {
        let records = rows.iter().map(|_| OnceLock::new()).collect();
        Self { guide, embedded, rows, blocks, records, searches: OnceLock::new() }
    }

    /// A shelf of a package that was compiled now.
    pub fn of_compiled(compiled: Compiled) -> Result<Self, serde_json::Error> {
        let mut content = Vec::new();
        let mut rows = Vec::new();
        let mut add = |kind: Kind, record: &str, described: &Value| {
            rows.push(Row::describe(kind, described, 0, content.len(), record.len()));
            content.extend_from_slice(record.as_bytes());
        };
        for (kind, records) in &compiled.records {
            for record in records {
                add(*kind, record, &serde_json::from_str(record)?);
            }
        }
        add(Kind::Expectations, &serde_json::to_string(&compiled.expectations)?, &Value::Null);
        Ok(Self::new(compiled.guide, false, rows, vec![Block::Open(content)]))
    }

    /// Which package.
    pub fn id(&self) -> GuideId {
        GuideId::new(&*self.guide.id, &*self.guide.version)
    }

    /// Whether any record is there besides expectations.
    pub fn rows(&self, kind: Kind) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.kind == kind)
    }

    pub fn profile(&self, url: &str, version: Option<&str>) -> Option<Arc<Profile>> {
        match self.record(self.find(Kind::Profile, url, version)?)? {
            Record::Profile(profile) => Some(Arc::clone(profile)),
            _ => None,
        }
    }

    /// The profile without keeping it, for who needs little of many.
    pub fn glance(&self, url: &str) -> Option<Arc<Profile>> {
        let position = self.find(Kind::Profile, url, None)?;
        if self.records.get(position)?.get().is_some() {
            return self.profile(url, None);
        }
        let row = self.rows.get(position)?;
        let content = self.blocks.get(row.block)?.glance();
        Some(Arc::new(parse::<Profile>(content.get(row.offset..)?.get(..row.length)?)?.expand()))
    }

    pub fn value_set(&self, url: &str, version: Option<&str>) -> Option<Arc<ValueSetRules>> {
        match self.record(self.find(Kind::ValueSet, url, version)?)? {
            Record::ValueSet(rules) => Some(Arc::clone(rules)),
            _ => None,
        }
    }

    pub fn code_system(&self, url: &str, version: Option<&str>) -> Option<Arc<CodeSystem>> {
        match self.record(self.find(Kind::CodeSystem, url, version)?)? {
            Record::CodeSystem(system) => Some(Arc::clone(system)),
            _ => None,
        }
    }

    pub fn operation(&self, url: &str) -> Option<Arc<Operation>> {
        match self.record(self.find(Kind::Operation, url, None)?)? {
            Record::Operation(operation) => Some(Arc::clone(operation)),
            _ => None,
        }
    }

    pub fn compartment(&self, url: &str) -> Option<Arc<Compartment>> {
        match self.record(self.find(Kind::Compartment, url, None)?)? {
            Record::Compartment(compartment) => Some(Arc::clone(compartment)),
            _ => None,
        }
    }

    pub fn search_parameter_by_url(&self, url: &str) -> Option<Arc<SearchParameter>> {
        self.search_parameter_at(self.find(Kind::SearchParameter, url, None)?)
    }

    /// The parameter of a type by its code; the type may be `Resource` or `DomainResource`.
    pub fn search_parameter(&self, resource_type: &str, code: &str) -> Option<Arc<SearchParameter>> {
        let of_type = self.searches().get(resource_type)?;
        let code_at = |position: &usize| self.rows.get(*position).map(|row| row.detail.as_str());
        let position = of_type.get(of_type.partition_point(|position| code_at(position) < Some(code)))?;
        (code_at(position) == Some(code)).then(|| self.search_parameter_at(*position))?
    }

    /// All parameters that name the type as a base.
    pub fn search_parameters<'a>(&'a self, resource_type: &str) -> impl Iterator<Item = Arc<SearchParameter>> + use<'a> {
        let of_type = self.searches().get(resource_type).map(Vec::as_slice).unwrap_or_default();
        of_type.iter().filter_map(|position| self.search_parameter_at(*position))
    }

    pub fn expectations(&self) -> &[Arc<Capability>] {
        let position = self.rows.iter().position(|row| row.kind == Kind::Expectations);
        match position.and_then(|position| self.record(position)) {
            Some(Record::Expectations(capabilities)) => capabilities,
            _ => &[],
        }
    }

    fn search_parameter_at(&self, position: usize) -> Option<Arc<SearchParameter>> {
        match self.record(position)? {
            Record::SearchParameter(parameter) => Some(Arc::clone(parameter)),
            _ => None,
        }
    }

    fn searches(&self) -> &HashMap<String, Vec<usize>> {
        self.searches.get_or_init(|| {
            let mut searches: HashMap<String, Vec<usize>> = HashMap::new();
            for (position, row) in self.rows.iter().enumerate().filter(|(_, row)| row.kind == Kind::SearchParameter) {
                for base in row.types.split(',') {
                    searches.entry(base.to_owned()).or_default().push(position);
                }
            }
            for of_type in searches.values_mut() {
                of_type.sort_by_key(|position| self.rows.get(*position).map(|row| row.detail.as_str()));
            }
            searches
        })
    }

    /// The record of a canonical; of several versions the last. A wanted version may be shorter than the stated one (`4.0` for `4.0.1`).
    fn find(&self, kind: Kind, url: &str, version: Option<&str>) -> Option<usize> {
        let first = self.rows.partition_point(|row| (row.kind, row.url.as_str()) < (kind, url));
        let same = self.rows.iter().enumerate().skip(first).take_while(|(_, row)| row.kind == kind && row.url == url);
        let fits = |row: &Row| {
            version.is_none_or(|version| row.version.strip_prefix(version).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
        };
        same.filter(|(_, row)| fits(row)).map(|(position, _)| position).last()
    }

    fn record(&self, position: usize) -> Option<&Record> {
        self.records.get(position)?.get_or_init(|| self.read(position)).as_ref()
    }

    fn read(&self, position: usize) -> Option<Record> {
        let row = self.rows.get(position)?;
        let content = self.blocks.get(row.block)?.content().get(row.offset..)?.get(..row.length)?;
        match row.kind {
            Kind::Profile => Some(Record::Profile(Arc::new(parse::<Profile>(content)?.expand()))),
            Kind::SearchParameter => Some(Record::SearchParameter(Arc::new(parse(content)?))),
            Kind::ValueSet => Some(Record::ValueSet(Arc::new(parse(content)?))),
            Kind::CodeSystem => Some(Record::CodeSystem(Arc::new(parse(content)?))),
            Kind::Operation => Some(Record::Operation(Arc::new(parse(content)?))),
            Kind::Compartment => Some(Record::Compartment(Arc::new(parse(content)?))),
            Kind::Expectations => Some(Record::Expectations(parse::<Vec<Capability>>(content)?.into_iter().map(Arc::new).collect())),
        }
    }
}

impl Block {
    /// The content, which stays packed if it is.
    fn glance(&self) -> Cow<'_, [u8]> {
        match self {
            Self::Packed { packed, length, open } if open.get().is_none() => Cow::Owned(inflate(packed, *length)),
            _ => Cow::Borrowed(self.content()),
        }
    }

    fn content(&self) -> &[u8] {
        match self {
            Self::Open(content) => content,
            Self::Packed { packed, length, open } => open.get_or_init(|| inflate(packed, *length)),
        }
    }
}

/// Unpacks what the build script packed. A block that does not unpack is empty, and its records are then not found.
pub fn inflate(packed: &[u8], length: usize) -> Vec<u8> {
    let mut content = Vec::with_capacity(length);
    match DeflateDecoder::new(packed).read_to_end(&mut content) {
        Ok(_) => content,
        Err(_) => Vec::new(),
    }
}

/// Our own records always parse; a test reads every one.
fn parse<T: DeserializeOwned>(content: &[u8]) -> Option<T> {
    serde_json::from_slice(content).ok()
}
