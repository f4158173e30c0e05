//! Bundles as they are sent: entries keep the JSON text that each resource already has.

use bytes::Bytes;

use super::fault::Breach;
use super::state::{Access, State};
use crate::fhir::json::{Value, json};

/// A Bundle to send.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// `type`.
    pub kind: &'static str,
    /// `total`.
    pub total: Option<usize>,
    /// Relations with their URLs.
    pub links: Vec<(&'static str, String)>,
    /// The entries.
    pub entries: Vec<Entry>,
}

/// One entry.
#[derive(Clone, Debug)]
pub struct Entry {
    /// `fullUrl`.
    pub full_url: Option<String>,
    /// `search.mode`.
    pub mode: Option<&'static str>,
    /// The resource as JSON text; empty where the entry has none.
    pub resource: Bytes,
    /// `request` and `response`, in a history.
    pub change: Option<(Value, Value)>,
}

impl Entry {
    /// An entry with a resource.
    pub fn of(full_url: Option<String>, resource: Bytes) -> Self {
        Self { full_url, mode: None, resource, change: None }
    }

    /// The resource type, as the `fullUrl` tells it.
    pub fn resource_type(&self) -> Option<&str> {
        self.full_url.as_deref()?.rsplit('/').nth(1)
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.push(b'{');
        if let Some(full_url) = &self.full_url {
            out.extend_from_slice(format!("\"fullUrl\":{},", json!(full_url)).as_bytes());
        }
        if !self.resource.is_empty() {
            out.extend_from_slice(b"\"resource\":");
            out.extend_from_slice(&self.resource);
            out.push(b',');
        }
        if let Some(mode) = self.mode {
            out.extend_from_slice(format!("\"search\":{{\"mode\":\"{mode}\"}},").as_bytes());
        }
        if let Some((request, response)) = &self.change {
            out.extend_from_slice(format!("\"request\":{request},").as_bytes());
            if !response.is_null() {
                out.extend_from_slice(format!("\"response\":{response},").as_bytes());
            }
        }
        // Each part ends with a comma; the last one's closes the entry.
        match out.last_mut() {
            Some(last) if *last == b',' => *last = b'}',
            _ => out.push(b'}'),
        }
    }
}

impl Bundle {
    /// An empty searchset.
    pub fn searchset(total: Option<usize>) -> Self {
        Self { kind: "searchset", total, links: Vec::new(), entries: Vec::new() }
    }

    /// The Bundle as JSON text; FHIR has no empty arrays.
    pub fn json(&self) -> Bytes {
        let mut out = format!("{{\"resourceType\":\"Bundle\",\"type\":\"{}\"", self.kind).into_bytes();
        if let Some(total) = self.total {
            out.extend_from_slice(format!(",\"total\":{total}").as_bytes());
        }
        if !self.links.is_empty() {
            let links: Vec<_> = self.links.iter().map(|(relation, url)| json!({ "relation": relation, "url": url })).collect();
            out.extend_from_slice(format!(",\"link\":{}", Value::Array(links)).as_bytes());
        }
        for (at, entry) in self.entries.iter().enumerate() {
            out.extend_from_slice(if at == 0 { b",\"entry\":[" } else { b"," });
            entry.write(&mut out);
        }
        out.extend_from_slice(if self.entries.is_empty() { b"}" } else { b"]}" });
        Bytes::from(out)
    }

    /// Spoils a searchset in the ways that are switched on.
    pub fn break_as_told(&mut self, state: &State, access: Access, base: &str, resource_type: &str) {
        if state.has(Breach::BundleWrongType) {
            self.kind = "collection";
        }
        if state.has(Breach::BundleWrongTotal) {
            self.total = self.total.map(|total| total + 1);
        }
        if state.has(Breach::BundleNoSelfLink) {
            self.links.retain(|(relation, _)| *relation != "self");
        }
        if state.has(Breach::BundleEmptyNoLinks) && self.entries.is_empty() {
            self.links.clear();
        }
        self.add_as_told(state, access, base, resource_type);
        for entry in &mut self.entries {
            if state.has(Breach::BundleNoFullUrl) {
                entry.full_url = None;
            }
            if state.has(Breach::BundleForeignFullUrl) {
                entry.full_url = entry.full_url.as_ref().map(|url| format!("{url}-other"));
            }
            if state.has(Breach::BundleRelativeFullUrl) {
                entry.full_url = entry.full_url.as_ref().map(|url| url.replacen(&format!("{base}/"), "", 1));
            }
            if state.has(Breach::BundleVersionedFullUrl) {
                entry.full_url = entry.full_url.as_ref().map(|url| format!("{url}/_history/1"));
            }
            if state.has(Breach::BundleNoSearchMode) {
                entry.mode = None;
            }
        }
    }

    /// Spoils the answer to a search by POST in the ways that are switched on.
    pub fn break_posted(&mut self, state: &State) {
        if state.has(Breach::PostSearchWrongTotal) {
            self.total = self.total.map(|total| total + 1);
        }
        if state.has(Breach::PostSearchNoNext) {
            self.links.retain(|(relation, _)| *relation != "next");
        }
    }

    fn add_as_told(&mut self, state: &State, access: Access, base: &str, resource_type: &str) {
        if state.has(Breach::BundleDuplicateEntry)
            && let Some(first) = self.entries.first().cloned()
        {
            self.entries.insert(0, first);
        }
        let foreign = if state.has(Breach::BundleForeignType) {
            Some("match")
        } else if state.has(Breach::IncludeUnrequested) && resource_type == "ExplanationOfBenefit" {
            Some("include")
        } else {
            None
        };
        let other = if resource_type == "Organization" { "Practitioner" } else { "Organization" };
        if let Some(mode) = foreign
            && let Some(record) = state.visible(other, access).next()
        {
            let full_url = format!("{base}/{other}/{}", record.current.id);
            self.entries.push(Entry { mode: Some(mode), ..Entry::of(Some(full_url), record.current.json.clone()) });
        }
    }
}
