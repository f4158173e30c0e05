//! A Bundle seen through its JSON form (R4 bundle.html).

use serde_json::Value;

use super::resource;

/// A borrowed view of a Bundle.
#[derive(Clone, Copy, Debug)]
pub struct Bundle<'a>(pub &'a Value);

/// One `Bundle.entry`.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a>(pub &'a Value);

impl<'a> Bundle<'a> {
    /// The view, when `value` is a Bundle.
    pub fn of(value: &'a Value) -> Option<Self> {
        (resource::type_of(value) == Some("Bundle")).then_some(Self(value))
    }

    /// `Bundle.type`.
    pub fn kind(&self) -> Option<&'a str> {
        self.0.get("type")?.as_str()
    }

    /// `Bundle.total`.
    pub fn total(&self) -> Option<u64> {
        self.0.get("total")?.as_u64()
    }

    /// The URL of the first link with this relation.
    pub fn link(&self, relation: &str) -> Option<&'a str> {
        self.0
            .get("link")?
            .as_array()?
            .iter()
            .find(|link| link.get("relation").and_then(Value::as_str) == Some(relation))?
            .get("url")?
            .as_str()
    }

    /// All entries.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'a>> + use<'a> {
        self.0.get("entry").and_then(Value::as_array).into_iter().flatten().map(Entry)
    }

    /// Resources whose `search.mode` is `match`, or that have no mode.
    pub fn matches(&self) -> impl Iterator<Item = &'a Value> + use<'a> {
        self.entries().filter(|entry| matches!(entry.mode(), None | Some("match"))).filter_map(|entry| entry.resource())
    }

    /// Resources whose `search.mode` is `include`.
    pub fn included(&self) -> impl Iterator<Item = &'a Value> + use<'a> {
        self.entries().filter(|entry| entry.mode() == Some("include")).filter_map(|entry| entry.resource())
    }
}

impl<'a> Entry<'a> {
    /// `entry.fullUrl`.
    pub fn full_url(&self) -> Option<&'a str> {
        self.0.get("fullUrl")?.as_str()
    }

    /// `entry.resource`.
    pub fn resource(&self) -> Option<&'a Value> {
        self.0.get("resource")
    }

    /// `entry.search.mode`.
    pub fn mode(&self) -> Option<&'a str> {
        self.0.get("search")?.get("mode")?.as_str()
    }
}
