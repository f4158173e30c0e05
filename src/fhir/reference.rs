//! Literal references (R4 references.html#literal) and canonical URLs.

use super::resource;

/// A literal reference, by form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference<'a> {
    /// `Type/id` or `Type/id/_history/version`.
    Relative {
        /// The type.
        resource_type: &'a str,
        /// The logical id.
        id: &'a str,
        /// The version, when it is versioned.
        version: Option<&'a str>,
    },
    /// An absolute URL that ends like a relative reference.
    Absolute {
        /// What stands before the type, without trailing slash.
        base: &'a str,
        /// The type.
        resource_type: &'a str,
        /// The logical id.
        id: &'a str,
        /// The version, when it is versioned.
        version: Option<&'a str>,
    },
    /// `#id`: a contained resource.
    Contained(&'a str),
    /// `urn:uuid:` or `urn:oid:`.
    Urn(&'a str),
    /// Anything else.
    Other(&'a str),
}

impl<'a> Reference<'a> {
    /// Reads the text of a `Reference.reference`.
    pub fn parse(text: &'a str) -> Self {
        if let Some(id) = text.strip_prefix('#') {
            return Self::Contained(id);
        }
        if text.starts_with("urn:") {
            return Self::Urn(text);
        }
        let (path, version) = match text.split_once("/_history/") {
            Some((path, version)) => (path, Some(version)),
            None => (text, None),
        };
        let Some((before, id)) = path.rsplit_once('/') else { return Self::Other(text) };
        let (base, resource_type) = before.rsplit_once('/').map_or((None, before), |(base, resource_type)| (Some(base), resource_type));
        let is_type = resource_type.starts_with(|c: char| c.is_ascii_uppercase()) && resource_type.bytes().all(|b| b.is_ascii_alphabetic());
        if !is_type || !resource::is_valid_id(id) || version.is_some_and(|version| !resource::is_valid_id(version)) {
            return Self::Other(text);
        }
        match base {
            None => Self::Relative { resource_type, id, version },
            Some(base) if base.contains("://") => Self::Absolute { base, resource_type, id, version },
            Some(_) => Self::Other(text),
        }
    }

    /// Type and id, when the form has them.
    pub fn target(&self) -> Option<(&'a str, &'a str)> {
        match *self {
            Self::Relative { resource_type, id, .. } | Self::Absolute { resource_type, id, .. } => Some((resource_type, id)),
            _ => None,
        }
    }
}

/// Whether two references lead to the same resource, whatever their versions, for a server at `base`.
pub fn same_target(one: &str, other: &str, base: &str) -> bool {
    fn key<'a>(text: &'a str, base: &str) -> Option<(Option<&'a str>, &'a str, &'a str)> {
        match Reference::parse(text) {
            Reference::Relative { resource_type, id, .. } => Some((None, resource_type, id)),
            Reference::Absolute { base: own, resource_type, id, .. } => Some(((own != base).then_some(own), resource_type, id)),
            _ => None,
        }
    }
    let base = base.trim_end_matches('/');
    match (key(one, base), key(other, base)) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}

/// The URL and the version of a canonical.
pub fn split_canonical(canonical: &str) -> (&str, Option<&str>) {
    canonical.split_once('|').map_or((canonical, None), |(url, version)| (url, Some(version)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_told_apart() {
        assert_eq!(Reference::parse("Patient/1"), Reference::Relative { resource_type: "Patient", id: "1", version: None });
        assert_eq!(Reference::parse("Patient/1/_history/2"), Reference::Relative { resource_type: "Patient", id: "1", version: Some("2") });
        assert_eq!(
            Reference::parse("https://a.example/fhir/Patient/1"),
            Reference::Absolute { base: "https://a.example/fhir", resource_type: "Patient", id: "1", version: None }
        );
        assert_eq!(Reference::parse("#p"), Reference::Contained("p"));
        assert_eq!(Reference::parse("urn:uuid:1"), Reference::Urn("urn:uuid:1"));
        assert_eq!(Reference::parse("Patient/not~an~id"), Reference::Other("Patient/not~an~id"));
        assert_eq!(Reference::parse("nothing"), Reference::Other("nothing"));
    }

    #[test]
    fn a_relative_reference_equals_the_absolute_one_of_the_same_server() {
        assert!(same_target("Patient/1", "https://a.example/fhir/Patient/1", "https://a.example/fhir"));
        assert!(same_target("Patient/1/_history/3", "Patient/1", ""));
        assert!(!same_target("Patient/1", "https://b.example/fhir/Patient/1", "https://a.example/fhir"));
        assert!(!same_target("Patient/1", "Patient/2", ""));
    }
}
