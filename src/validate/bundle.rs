//! Rules for Bundles beyond their invariants (R4 bundle.html).

use std::collections::{HashMap, HashSet};

use super::{Finding, Severity};
use crate::fhir::json::Value;
use crate::fhir::reference::Reference;
use crate::fhir::resource;

/// Relations of which a page has at most one link (R4 http.html#paging).
const SINGLE_LINKS: [&str; 6] = ["self", "first", "previous", "prev", "next", "last"];

/// Judges a Bundle as such; its resources are judged by themselves.
pub fn check(bundle: &Value) -> Vec<Finding> {
    let kind = bundle.get("type").and_then(Value::as_str).unwrap_or_default();
    let mut findings = Vec::new();
    links(bundle, &mut findings);
    for (index, entry) in entries(bundle).enumerate() {
        full_url(kind, index, entry, &mut findings);
        search(kind, index, entry, &mut findings);
    }
    if kind == "document" {
        references(bundle, &mut findings);
    }
    findings
}

fn entries(bundle: &Value) -> impl Iterator<Item = &Value> {
    bundle.get("entry").and_then(Value::as_array).into_iter().flatten()
}

fn error(rule: &'static str, path: String, expected: &str, actual: String, message: &str) -> Finding {
    let (expected, message) = (expected.to_owned(), message.to_owned());
    Finding { severity: Severity::Error, rule: rule.into(), path, profile: None, expected, actual, message }
}

fn links(bundle: &Value, findings: &mut Vec<Finding>) {
    let mut seen = HashSet::new();
    for (index, link) in bundle.get("link").and_then(Value::as_array).into_iter().flatten().enumerate() {
        let Some(relation) = link.get("relation").and_then(Value::as_str) else { continue };
        if SINGLE_LINKS.contains(&relation) && !seen.insert(relation) {
            let path = format!("Bundle.link[{index}]");
            findings.push(error("bundle.link", path, "one link of a relation", format!("another {relation}"), "keep one of the links"));
        }
    }
}

fn full_url(kind: &str, index: usize, entry: &Value, findings: &mut Vec<Finding>) {
    let found = entry.get("resource");
    let path = || format!("Bundle.entry[{index}].fullUrl");
    let Some(url) = entry.get("fullUrl").and_then(Value::as_str) else {
        let is_outcome = found.and_then(resource::type_of) == Some("OperationOutcome");
        if found.is_some() && !is_outcome && matches!(kind, "document" | "message" | "searchset" | "collection") {
            let message = "give the entry a fullUrl: it says which resource this is";
            findings.push(error("bundle.full-url", path(), "a fullUrl", "none".to_owned(), message));
        }
        return;
    };
    if !url.contains(':') {
        let message = "write fullUrl as an absolute URL, or as urn:uuid: or urn:oid:";
        return findings.push(error("bundle.full-url", path(), "an absolute URL", "a relative one".to_owned(), message));
    }
    let Some(found) = found else { return };
    if let (Reference::Absolute { resource_type, id, .. }, Some(own_type), Some(own_id)) =
        (Reference::parse(url), resource::type_of(found), resource::id_of(found))
        && (own_type != resource_type || own_id != id)
    {
        let message = "make fullUrl and the resource's type and id agree";
        findings.push(error(
            "bundle.full-url",
            path(),
            "a URL that ends in type and id of the resource",
            format!("{resource_type}/{id}"),
            message,
        ));
    }
}

fn search(kind: &str, index: usize, entry: &Value, findings: &mut Vec<Finding>) {
    let Some(found) = entry.get("resource").filter(|_| kind == "searchset") else { return };
    let is_outcome = resource::type_of(found) == Some("OperationOutcome");
    if resource::id_of(found).is_none() && !is_outcome {
        let message = "a resource that a search returns has an id";
        findings.push(error("bundle.id", format!("Bundle.entry[{index}].resource.id"), "an id", "none".to_owned(), message));
    }
    let mode = entry.get("search").and_then(|search| search.get("mode")).and_then(Value::as_str);
    if mode == Some("outcome") && !is_outcome {
        let path = format!("Bundle.entry[{index}].search.mode");
        let actual = resource::type_of(found).unwrap_or("another resource").to_owned();
        findings.push(error(
            "bundle.search-mode",
            path,
            "an OperationOutcome",
            actual,
            "only an OperationOutcome has the search mode outcome",
        ));
    }
}

/// What a document's resources may refer to inside it.
struct Local<'b> {
    urls: HashSet<&'b str>,
    versions: HashMap<String, Vec<Option<&'b str>>>,
}

/// A document is complete: what its resources refer to by a local reference is in it (R4 documents.html#content).
fn references(bundle: &Value, findings: &mut Vec<Finding>) {
    let mut local = Local { urls: HashSet::new(), versions: HashMap::new() };
    for entry in entries(bundle) {
        local.urls.extend(entry.get("fullUrl").and_then(Value::as_str));
        if let Some(key) = entry.get("resource").and_then(resource::key_of) {
            local.versions.entry(key).or_default().push(entry.get("resource").and_then(resource::version_of));
        }
    }
    for (index, entry) in entries(bundle).enumerate() {
        if let Some(resource) = entry.get("resource") {
            walk(resource, &format!("Bundle.entry[{index}].resource"), &local, findings);
        }
    }
}

fn walk(value: &Value, path: &str, local: &Local<'_>, findings: &mut Vec<Finding>) {
    match value {
        Value::Object(fields) => {
            if let Some(text) = fields.get("reference").and_then(Value::as_str)
                && !local.has(text)
            {
                let message = "put the resource into the document, or refer to it by an absolute URL";
                findings.push(error(
                    "bundle.reference",
                    path.to_owned(),
                    "a resource in the document",
                    "none with this type, id and version".to_owned(),
                    message,
                ));
            }
            for (name, child) in fields {
                walk(child, &format!("{path}.{name}"), local, findings);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &format!("{path}[{index}]"), local, findings);
            }
        }
        _ => {}
    }
}

impl Local<'_> {
    fn has(&self, reference: &str) -> bool {
        match Reference::parse(reference) {
            Reference::Relative { resource_type, id, version } => match self.versions.get(&format!("{resource_type}/{id}")) {
                Some(versions) => version.is_none_or(|version| versions.contains(&Some(version))),
                None => false,
            },
            Reference::Urn(urn) => self.urls.contains(urn),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::fhir::json::json;

    fn rules(bundle: &Value) -> Vec<String> {
        check(bundle).into_iter().map(|finding| format!("{} {}", finding.rule, finding.path)).collect()
    }

    #[test]
    fn entries_have_full_urls_that_are_absolute_and_agree_with_the_resource() {
        let entry = |url: Option<&str>| json!({"fullUrl": url, "resource": {"resourceType": "Patient", "id": "1"}});
        let bundle = |url| json!({"resourceType": "Bundle", "type": "collection", "entry": [entry(url)]});
        assert_eq!(rules(&bundle(Some("https://a.example/Patient/1"))), [] as [&str; 0]);
        assert_eq!(rules(&bundle(Some("urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7"))), [] as [&str; 0]);
        for url in [Some("https://a.example/Patient/2"), Some("https://a.example/Group/1"), Some("Patient/1"), None] {
            assert_eq!(rules(&bundle(url)), ["bundle.full-url Bundle.entry[0].fullUrl"], "{url:?}");
        }
    }

    #[test]
    fn a_searchset_has_ids_and_modes_that_fit_and_one_link_of_a_kind() {
        let bundle = json!({"resourceType": "Bundle", "type": "searchset", "link": [{"relation": "next"}, {"relation": "next"}], "entry": [
            {"fullUrl": "https://a.example/x", "resource": {"resourceType": "Patient"}, "search": {"mode": "outcome"}},
        ]});
        assert_eq!(
            rules(&bundle),
            ["bundle.link Bundle.link[1]", "bundle.id Bundle.entry[0].resource.id", "bundle.search-mode Bundle.entry[0].search.mode"]
        );
    }

    #[test]
    fn a_document_holds_what_it_refers_to() {
        let document = |reference: &str| {
            json!({"resourceType": "Bundle", "type": "document", "entry": [
                {"fullUrl": "https://a.example/Composition/1", "resource": {"resourceType": "Composition", "id": "1", "subject": {"reference": reference}}},
                {"fullUrl": "https://a.example/Patient/1", "resource": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "2"}}},
            ]})
        };
        for good in ["Patient/1", "Patient/1/_history/2", "https://b.example/Patient/9"] {
            assert_eq!(rules(&document(good)), [] as [&str; 0], "{good}");
        }
        for bad in ["Patient/2", "Patient/1/_history/1", "urn:uuid:1"] {
            assert_eq!(rules(&document(bad)), ["bundle.reference Bundle.entry[0].resource.subject"], "{bad}");
        }
    }
}
