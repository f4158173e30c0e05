//! `operation.expansion`

use std::collections::BTreeSet;

use super::body;
use crate::check::outcome::Evidence;
use crate::check::said::{self, said};
use crate::check::{Check, Subject};
use crate::fhir::json::Value;
use crate::fhir::resource;
use crate::guide::terminology::{Membership, ValueSet};

/// The check.
pub const CHECK: Check = Check {
    id: "operation.expansion",
    summary: "$expand lists the codes of the value set: all of them, and no other",
    why: "R4 valueset-operation-expand.html: the answer is a ValueSet with an expansion, which says when it was made, and lists the codes that the value set's rules select. Compared only with a value set of the same version whose members the guides decide.",
    accepts: r#"{"steps": [{"request": "GET ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender", "status": 200, "body": {"resourceType": "ValueSet", "version": "4.0.1", "expansion": {"timestamp": "2026-01-01T00:00:00Z", "contains": [{"system": "http://hl7.org/fhir/administrative-gender", "code": "male"}, {"system": "http://hl7.org/fhir/administrative-gender", "code": "female"}, {"system": "http://hl7.org/fhir/administrative-gender", "code": "other"}, {"system": "http://hl7.org/fhir/administrative-gender", "code": "unknown"}]}}}]}"#,
    rejects: r#"{"steps": [{"request": "GET ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender", "status": 200, "body": {"resourceType": "ValueSet", "version": "4.0.1", "expansion": {"timestamp": "2026-01-01T00:00:00Z", "contains": [{"system": "http://hl7.org/fhir/administrative-gender", "code": "male"}, {"system": "http://hl7.org/fhir/administrative-gender", "code": "robot"}]}}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let body = match body(subject) {
        Ok(body) => body,
        Err(evidence) => return evidence,
    };
    if resource::type_of(body) != Some("ValueSet") {
        return Evidence::wrong("body", "ValueSet", said::code(resource::type_of(body).unwrap_or("JSON without resourceType")));
    }
    let Some(expansion) = body.get("expansion") else { return Evidence::wrong("ValueSet.expansion", "one", "none") };
    let mut evidence = Evidence::fine();
    if !expansion.get("timestamp").is_some_and(Value::is_string) {
        evidence.deviation("ValueSet.expansion.timestamp", "when the expansion was made", "missing");
    }
    let query = subject.exchange().map(|exchange| exchange.request.query.as_slice()).unwrap_or_default();
    let url = query.iter().find(|(name, _)| name == "url").map(|(_, url)| url.as_str()).unwrap_or_default();
    let version = body.get("version").and_then(Value::as_str);
    if let Some(known) = subject.catalogue.value_set(url).filter(|known| known.is_decidable() && known.version.as_deref() == version) {
        compare(subject, &known, expansion, &mut evidence);
    }
    evidence
}

/// Holds what is listed against what the guides decide, in both directions. A code system of another version may have other codes.
fn compare(subject: &Subject<'_>, known: &ValueSet, expansion: &Value, evidence: &mut Evidence) {
    let mut listed = Vec::new();
    list(expansion, &mut listed);
    let mut elsewhere = BTreeSet::new();
    for (system, _, version) in &listed {
        let ours = subject.catalogue.code_system(system).and_then(|known| known.version.clone());
        if version.is_some() && ours.as_deref() != *version {
            elsewhere.insert(*system);
        }
    }
    for (system, code, _) in listed.iter().filter(|(system, ..)| !elsewhere.contains(system)) {
        evidence.examined += 1;
        if known.membership(Some(system), code) == Membership::NotMember {
            evidence.deviation(
                "ValueSet.expansion.contains",
                said!("only codes of {}", said::code(&known.url)),
                said::code(format!("{system}|{code}")),
            );
        }
    }
    if is_whole(expansion, listed.len()) {
        for (system, code) in known.members().filter(|(system, _)| !elsewhere.contains(system)) {
            evidence.examined += 1;
            if !listed.iter().any(|(listed, other, _)| (*listed, *other) == (system, code)) {
                evidence.deviation("ValueSet.expansion.contains", said::code(format!("{system}|{code}")), "not listed");
            }
        }
    }
}

/// Whether the expansion claims to list everything. One that is cut short says so by an extension.
fn is_whole(expansion: &Value, listed: usize) -> bool {
    let number = |name: &str| expansion.get(name).and_then(Value::as_u64);
    let all = number("total").is_none_or(|total| usize::try_from(total) == Ok(listed));
    all && matches!(number("offset"), None | Some(0)) && expansion.get("extension").is_none()
}

/// System, code and version of everything listed, at any depth, that may be used as a value.
fn list<'a>(of: &'a Value, listed: &mut Vec<(&'a str, &'a str, Option<&'a str>)>) {
    for contains in of.get("contains").and_then(Value::as_array).into_iter().flatten() {
        let text = |name: &str| contains.get(name).and_then(Value::as_str);
        let is_abstract = contains.get("abstract").and_then(Value::as_bool) == Some(true);
        if let (Some(system), Some(code), false) = (text("system"), text("code"), is_abstract) {
            listed.push((system, code, text("version")));
        }
        list(contains, listed);
    }
}
