//! Search by reference (R4 search.html#reference).

use super::criteria::Reader;
use super::path;
use crate::fhir::json::Value;
use crate::reference::fault::Breach;
use crate::reference::state::{State, Target, is_type_name};

/// What a reference is searched by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Literal {
    /// A resource of this payer; without a type any will do, without a version every one.
    Own {
        /// The type.
        resource_type: Option<String>,
        /// The logical id.
        id: String,
        /// The version.
        version: Option<String>,
    },
    /// A URL elsewhere, or a URN.
    Foreign(String),
}

impl Literal {
    /// Reads an id, `Type/id` or a URL; `modifier` is the type of a bare id.
    pub fn read(reader: &Reader<'_>, types: &[&str], modifier: Option<&str>, text: &str) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        if text.contains(':') {
            let own = own_path(text, reader.base).filter(|_| !reader.state.has(Breach::ReferenceAbsoluteUnknown));
            return own.map_or_else(|| Some(Self::Foreign(text.to_owned())), Self::of_path);
        }
        if text.contains('/') {
            return Self::of_path(text);
        }
        let is_unknown = match modifier {
            Some(_) => reader.state.has(Breach::ReferenceTypeFindsNothing),
            None => reader.state.has(Breach::ReferenceBareIdUnknown),
        };
        if is_unknown {
            return Some(Self::Foreign(text.to_owned()));
        }
        let only = match types {
            [only] => Some((*only).to_owned()),
            _ => None,
        };
        let resource_type = modifier.filter(|name| is_type_name(name)).map(str::to_owned).or(only);
        Some(Self::Own { resource_type, id: text.to_owned(), version: None })
    }

    fn of_path(text: &str) -> Option<Self> {
        let target = Target::of(text)?;
        let owned = |part: &str| part.to_owned();
        Some(Self::Own { resource_type: Some(owned(target.resource_type)), id: owned(target.id), version: target.version.map(owned) })
    }

    /// Whether a Reference leads there.
    pub fn is_met(&self, state: &State, base: &str, element: &Value) -> bool {
        let Some(text) = path::text(element, "reference") else { return false };
        let own = if text.contains(':') { own_path(text, base) } else { Some(text) };
        match (self, own) {
            (Self::Foreign(wanted), _) => text == wanted,
            (Self::Own { .. }, None) => false,
            (Self::Own { resource_type, id, version }, Some(path)) => Target::of(path).is_some_and(|target| {
                let is_type = resource_type.as_ref().is_none_or(|wanted| target.resource_type == wanted);
                let is_version = match (version, target.version) {
                    (Some(wanted), found) => found == Some(wanted),
                    (None, found) => found.is_none() || !state.has(Breach::ReferenceVersionedNotFound),
                };
                target.id == id && is_version && (is_type || state.has(Breach::ReferenceWrongTypeFound))
            }),
        }
    }
}

/// The relative form of a URL under this payer's base.
fn own_path<'a>(url: &'a str, base: &str) -> Option<&'a str> {
    url.strip_prefix(base)?.strip_prefix('/')
}
