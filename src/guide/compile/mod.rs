//! Turns the resources of a FHIR package into the records of a catalogue.

mod code_system;
mod compartment;
mod differential;
mod operation;
mod profile;
pub mod search_parameter;
mod value_set;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error::GuideError;
use super::facts::{GuideFacts, GuideId};
use super::index::{self, Kind};
use crate::fhir::capability::Capability;
use crate::fhir::json::Value;

/// A package reduced to records: one line of JSON each, by kind, in the order of url and version.
#[derive(Debug)]
pub struct Compiled {
    /// What the package says of itself.
    pub guide: GuideFacts,
    /// The records.
    pub records: BTreeMap<Kind, Vec<String>>,
    /// The server CapabilityStatements that state requirements.
    pub expectations: Vec<Capability>,
}

/// Takes a package's files one at a time.
#[derive(Debug)]
pub struct Compiler {
    label: String,
    guide: Option<GuideFacts>,
    records: BTreeMap<(Kind, String, String, String), String>,
    expectations: BTreeMap<String, Capability>,
}

#[derive(Deserialize)]
struct Peek {
    #[serde(rename = "resourceType")]
    resource_type: Option<String>,
}

impl Compiler {
    /// A compiler for the package that errors call `label`.
    pub fn new(label: &str) -> Self {
        Self { label: label.to_owned(), guide: None, records: BTreeMap::new(), expectations: BTreeMap::new() }
    }

    /// Takes one file by its path in the package. Only the JSON files directly under `package/` count.
    ///
    /// # Errors
    /// A file that is not JSON, or a `package.json` without id and version.
    pub fn add(&mut self, path: &str, content: &[u8]) -> Result<(), GuideError> {
        let Some(name) = path.strip_prefix("package/") else { return Ok(()) };
        let is_json = std::path::Path::new(name).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        if name.contains('/') || name.starts_with('.') || !is_json {
            return Ok(());
        }
        let content = content.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(content);
        if name == "package.json" {
            self.guide = Some(manifest(&self.label, content)?);
            return Ok(());
        }
        let broken = |error: serde_json::Error| self.bad(name, format!("is not JSON ({error})"));
        // Most files are examples: they are looked at without being built up.
        let Ok(Peek { resource_type: Some(resource_type) }) = serde_json::from_slice::<Peek>(content) else {
            return serde_json::from_slice::<serde::de::IgnoredAny>(content).map(|_| ()).map_err(broken);
        };
        if Kind::of_resource(&resource_type).is_none() && resource_type != "CapabilityStatement" {
            return Ok(());
        }
        let resource: Value = serde_json::from_slice(content).map_err(broken)?;
        self.add_resource(name, &resource)
    }

    /// Takes one conformance resource; others are passed over.
    ///
    /// # Errors
    /// A profile with more constraints than a catalogue can number.
    pub fn add_resource(&mut self, name: &str, resource: &Value) -> Result<(), GuideError> {
        let resource_type = resource.get("resourceType").and_then(Value::as_str).unwrap_or_default();
        if resource_type == "CapabilityStatement" {
            self.add_expectations(resource);
            return Ok(());
        }
        let Some(url) = resource.get("url").and_then(Value::as_str) else { return Ok(()) };
        let Some(kind) = Kind::of_resource(resource_type) else { return Ok(()) };
        let record = match kind {
            Kind::Profile => text_of(&profile::compile(resource).map_err(|reason| self.bad(name, reason))?),
            Kind::SearchParameter => text_of(&search_parameter::compile(resource)),
            Kind::ValueSet => text_of(&value_set::compile(resource)),
            Kind::CodeSystem => text_of(&code_system::compile(resource)),
            Kind::Operation => text_of(&operation::compile(resource)),
            Kind::Compartment => text_of(&compartment::compile(resource)),
            Kind::Expectations => return Ok(()),
        };
        let record = record.map_err(|error| self.bad(name, format!("cannot be reduced to facts ({error})")))?;
        let field = |name: &str| resource.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        self.records.entry((kind, url.to_owned(), field("version"), field("id"))).or_insert(record);
        Ok(())
    }

    fn add_expectations(&mut self, statement: &Value) {
        if statement.get("kind").and_then(Value::as_str) != Some("requirements") {
            return;
        }
        let capability = Capability::read(statement);
        if capability.has_server_rest {
            self.expectations.insert(capability.url.clone().unwrap_or_default(), capability);
        }
    }

    /// Everything that was taken.
    ///
    /// # Errors
    /// There was no `package.json`.
    pub fn finish(self) -> Result<Compiled, GuideError> {
        let guide = self.guide.ok_or(GuideError::NoManifest { package: self.label })?;
        Ok(gather(guide, self.records, self.expectations))
    }

    /// Everything that was taken, as a package of the given name.
    pub fn finish_as(self, id: &GuideId) -> Compiled {
        let guide = GuideFacts {
            id: id.package.clone(),
            version: id.version.clone(),
            name: id.package.clone(),
            fhir_versions: vec!["4.0.1".to_owned()],
            ..GuideFacts::default()
        };
        gather(guide, self.records, self.expectations)
    }

    fn bad(&self, entry: &str, reason: String) -> GuideError {
        GuideError::BadContent { package: self.label.clone(), entry: entry.to_owned(), reason }
    }
}

impl Compiled {
    /// The catalogue's files as they are committed: name and text.
    ///
    /// # Errors
    /// A record that cannot be written as JSON.
    pub fn files(&self) -> Result<Vec<(&'static str, String)>, serde_json::Error> {
        let mut files = vec![("guide.json", lines(&serde_json::to_string_pretty(&self.guide)?))];
        for (kind, name) in index::FILES {
            if *kind == Kind::Expectations {
                files.push((*name, lines(&serde_json::to_string_pretty(&self.expectations)?)));
                continue;
            }
            let mut text = String::new();
            for record in self.records.get(kind).into_iter().flatten() {
                text.push_str(record);
                text.push('\n');
            }
            files.push((*name, text));
        }
        Ok(files)
    }
}

fn gather(
    guide: GuideFacts,
    records: BTreeMap<(Kind, String, String, String), String>,
    expectations: BTreeMap<String, Capability>,
) -> Compiled {
    let mut by_kind: BTreeMap<Kind, Vec<String>> = BTreeMap::new();
    for ((kind, ..), record) in records {
        by_kind.entry(kind).or_default().push(record);
    }
    Compiled { guide, records: by_kind, expectations: expectations.into_values().collect() }
}

fn manifest(label: &str, content: &[u8]) -> Result<GuideFacts, GuideError> {
    let bad = |reason: String| GuideError::BadContent { package: label.to_owned(), entry: "package.json".to_owned(), reason };
    let manifest: Value = serde_json::from_slice(content).map_err(|error| bad(format!("is not JSON ({error})")))?;
    let text = |field: &str| manifest.get(field).and_then(Value::as_str).map(str::to_owned);
    let id = text("name").ok_or_else(|| bad("has no `name`".to_owned()))?;
    let version = text("version").ok_or_else(|| bad("has no `version`".to_owned()))?;
    if !GuideId::new(&*id, &*version).is_well_formed() {
        return Err(bad(format!("names itself `{id}` `{version}`, which is no package id and version")));
    }
    let mut fhir_versions = texts(&manifest, "fhirVersions");
    if fhir_versions.is_empty() {
        fhir_versions = texts(&manifest, "fhir-version-list");
    }
    let dependencies = manifest.get("dependencies").and_then(Value::as_object).into_iter().flatten();
    Ok(GuideFacts {
        name: text("title").unwrap_or_else(|| id.clone()),
        canonical: text("canonical"),
        fhir_versions,
        dependencies: dependencies.filter_map(|(id, version)| Some((id.to_string(), version.as_str()?.to_owned()))).collect(),
        id,
        version,
    })
}

fn text_of<T: Serialize>(record: &T) -> Result<String, serde_json::Error> {
    serde_json::to_string(record)
}

fn lines(text: &str) -> String {
    format!("{text}\n")
}

fn text(owner: &Value, field: &str) -> Option<String> {
    owner.get(field).and_then(Value::as_str).map(str::to_owned)
}

fn texts(owner: &Value, field: &str) -> Vec<String> {
    items(owner, field).iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn items<'a>(owner: &'a Value, field: &str) -> &'a [Value] {
    owner.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn flag(owner: &Value, field: &str) -> bool {
    owner.get(field).and_then(Value::as_bool).unwrap_or_default()
}
