//! A Bundle seen through its JSON form (R4 bundle.html).

use std::sync::Arc;

use super::document::Document;
use super::resource;
use crate::fhir::json::Value;

/// A borrowed view of a Bundle.
#[derive(Clone, Copy, Debug)]
pub struct Bundle<'a> {
    tree: &'a Value,
    document: Option<&'a Document>,
}

/// One `Bundle.entry`.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// The entry; its resource may stand apart.
    pub tree: &'a Value,
    resource: Option<&'a Arc<Value>>,
}

impl<'a> Bundle<'a> {
    /// The view, when `value` is a Bundle.
    pub fn of(value: &'a Value) -> Option<Self> {
        (resource::type_of(value) == Some("Bundle")).then_some(Self { tree: value, document: None })
    }

    /// The view of a document that is a Bundle.
    pub fn in_document(document: &'a Document) -> Option<Self> {
        let bundle = Self::of(document)?;
        Some(Self { document: Some(document), ..bundle })
    }

    /// `Bundle.type`.
    pub fn kind(&self) -> Option<&'a str> {
        self.tree.get("type")?.as_str()
    }

    /// `Bundle.total`.
    pub fn total(&self) -> Option<u64> {
        self.tree.get("total")?.as_u64()
    }

    /// The URL of the first link with this relation.
    pub fn link(&self, relation: &str) -> Option<&'a str> {
        self.tree
            .get("link")?
            .as_array()?
            .iter()
            .find(|link| link.get("relation").and_then(Value::as_str) == Some(relation))?
            .get("url")?
            .as_str()
    }

    /// All entries.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'a>> + use<'a> {
        let document = self.document;
        let entries = self.tree.get("entry").and_then(Value::as_array).into_iter().flatten().enumerate();
        entries.map(move |(place, tree)| Entry { tree, resource: document.and_then(|document| document.resource(place)) })
    }

    /// Resources whose `search.mode` is `match`, or that have no mode.
    pub fn matches(&self) -> impl Iterator<Item = &'a Value> + use<'a> {
        self.entries().filter(|entry| matches!(entry.mode(), None | Some("match"))).filter_map(|entry| entry.resource())
    }

    /// As `matches`, to be kept.
    pub fn shared_matches(&self) -> impl Iterator<Item = Arc<Value>> + use<'a> {
        self.entries().filter(|entry| matches!(entry.mode(), None | Some("match"))).filter_map(|entry| entry.shared())
    }

    /// Resources whose `search.mode` is `include`.
    pub fn included(&self) -> impl Iterator<Item = &'a Value> + use<'a> {
        self.entries().filter(|entry| entry.mode() == Some("include")).filter_map(|entry| entry.resource())
    }
}

impl<'a> Entry<'a> {
    /// `entry.fullUrl`.
    pub fn full_url(&self) -> Option<&'a str> {
        self.tree.get("fullUrl")?.as_str()
    }

    /// `entry.resource`.
    pub fn resource(&self) -> Option<&'a Value> {
        self.resource.map(Arc::as_ref).or_else(|| self.tree.get("resource"))
    }

    /// `entry.resource`, to be kept.
    pub fn shared(&self) -> Option<Arc<Value>> {
        self.resource.cloned().or_else(|| self.tree.get("resource").cloned().map(Arc::new))
    }

    /// `entry.search.mode`.
    pub fn mode(&self) -> Option<&'a str> {
        self.tree.get("search")?.get("mode")?.as_str()
    }
}
