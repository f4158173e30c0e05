//! Whether two answers say the same, apart from what may differ between two answers to one question.

use std::collections::BTreeMap;

use crate::check::outcome::Evidence;
use crate::check::said::{code, url};
use crate::fhir::bundle::Bundle;
use crate::fhir::document::Document;
use crate::fhir::json::Value;
use crate::fhir::outcome::OperationOutcome;
use crate::fhir::resource;

/// Elements of a CapabilityStatement that a server may make anew for each answer.
const ANEW: [&str; 4] = ["id", "meta", "date", "text"];

/// How many deviations of one resource are told.
const MOST_TOLD: usize = 5;

/// Compares two answers that were read.
pub(super) fn compare(one: &Document, other: &Document) -> Evidence {
    let (one_type, other_type) = (resource::type_of(one), resource::type_of(other));
    if one_type != other_type {
        let word = |name: Option<&str>| code(name.unwrap_or("no resourceType"));
        return Evidence::wrong("resourceType", word(one_type), word(other_type));
    }
    let mut evidence = Evidence::default();
    match (Bundle::in_document(one), Bundle::in_document(other), one_type) {
        (Some(one), Some(other), _) => bundles(&one, &other, &mut evidence),
        (_, _, Some("OperationOutcome")) => outcomes(one, other, &mut evidence),
        _ => resources(one, other, &mut evidence),
    }
    evidence
}

/// Links, ids and times of a Bundle are its own. Entries are compared by what they hold: their order may be any.
fn bundles(one: &Bundle<'_>, other: &Bundle<'_>, evidence: &mut Evidence) {
    evidence.examined += 1;
    if one.kind() != other.kind() {
        evidence.deviation("Bundle.type", code(one.kind().unwrap_or("missing")), code(other.kind().unwrap_or("missing")));
    }
    if let (Some(expected), Some(actual)) = (one.total(), other.total())
        && expected != actual
    {
        evidence.deviation("Bundle.total", expected, actual);
    }
    let (expected, actual) = (entries(one), entries(other));
    let is_whole = one.link("next").is_none() && other.link("next").is_none();
    for (key, held) in &expected {
        match actual.get(key) {
            Some(found) => resources(held, found, evidence),
            None if is_whole => evidence.deviation("Bundle.entry", url(key), "missing in the second answer"),
            None => {}
        }
    }
    for key in actual.keys().filter(|key| is_whole && !expected.contains_key(*key)) {
        evidence.deviation("Bundle.entry", "no entry that the first answer lacks", url(key));
    }
}

/// By type, id and version; what speaks of the search itself is left out.
fn entries<'a>(bundle: &Bundle<'a>) -> BTreeMap<String, &'a Value> {
    let key = |held: &Value| Some(format!("{}/{}", resource::key_of(held)?, resource::version_of(held).unwrap_or_default()));
    bundle
        .entries()
        .filter(|entry| entry.mode() != Some("outcome"))
        .filter_map(|entry| Some((key(entry.resource()?)?, entry.resource()?)))
        .collect()
}

/// Diagnostics may name the request; what went wrong is the same.
fn outcomes(one: &Value, other: &Value, evidence: &mut Evidence) {
    evidence.examined += 1;
    let issues = |value: &Value| {
        let field = |issue: &Value, name: &str| issue.get(name).and_then(Value::as_str).unwrap_or("missing").to_owned();
        let issues = OperationOutcome(value).issues().map(|issue| format!("{} {}", field(issue, "severity"), field(issue, "code")));
        issues.collect::<Vec<_>>().join(", ")
    };
    let (expected, actual) = (issues(one), issues(other));
    if expected != actual {
        evidence.deviation("OperationOutcome.issue", code(expected), code(actual));
    }
}

fn resources(one: &Value, other: &Value, evidence: &mut Evidence) {
    // What changed between the two questions is another resource.
    if resource::version_of(one) != resource::version_of(other) {
        return;
    }
    evidence.examined += 1;
    if std::ptr::eq(one, other) {
        return;
    }
    let name = resource::type_of(one).unwrap_or("Resource");
    let mut found = Vec::new();
    values(one, other, name, &mut found);
    for (at, actual) in found.into_iter().take(MOST_TOLD) {
        evidence.deviation(code(at), "the same as in the first answer", actual);
    }
}

fn values(one: &Value, other: &Value, at: &str, found: &mut Vec<(String, &'static str)>) {
    match (one, other) {
        (Value::Object(fields), Value::Object(others)) => {
            let is_statement = at == "CapabilityStatement";
            for name in fields.keys().chain(others.keys().filter(|name| !fields.contains_key(name))) {
                if (is_statement && ANEW.contains(&name.as_str())) || (name == "div" && at.ends_with(".text")) {
                    continue;
                }
                let at = format!("{at}.{name}");
                match (fields.get(name), others.get(name)) {
                    (Some(one), Some(other)) => values(one, other, &at, found),
                    (Some(_), None) => found.push((at, "missing in the second answer")),
                    _ => found.push((at, "only in the second answer")),
                }
            }
        }
        (Value::Array(items), Value::Array(others)) if items.len() == others.len() => {
            for (index, (one, other)) in items.iter().zip(others).enumerate() {
                values(one, other, &format!("{at}[{index}]"), found);
            }
        }
        (Value::Array(_), Value::Array(_)) => found.push((at.to_owned(), "another number of them")),
        (Value::Number(one), Value::Number(other)) if same_number(&one.to_string(), &other.to_string()) => {}
        _ if one == other => {}
        _ => found.push((at.to_owned(), "another value")),
    }
}

/// Digits after the point are part of a decimal (R4 datatypes.html#decimal); an exponent is only a way to write it.
fn same_number(one: &str, other: &str) -> bool {
    let has_exponent = |text: &str| text.contains(['e', 'E']);
    let value = |text: &str| text.parse::<f64>().ok();
    one == other || ((has_exponent(one) || has_exponent(other)) && value(one) == value(other))
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::fhir::json::json;

    fn findings(one: Value, other: Value) -> Vec<String> {
        let evidence = compare(&Document::from(one), &Document::from(other));
        evidence.findings.into_iter().map(|finding| finding.at.to_string()).collect()
    }

    #[test]
    fn what_may_differ_is_not_told_and_what_may_not_is_told_with_its_place() {
        let patient =
            |family: &str, div: &str| json!({"resourceType": "Patient", "id": "1", "text": {"div": div}, "name": [{"family": family}]});
        assert_eq!(findings(patient("Roe", "<div>a</div>"), patient("Roe", "<div> a </div>")), [""; 0]);
        assert_eq!(findings(patient("Roe", ""), patient("Doe", "")), ["Patient.name[0].family"]);
        let statement = |date: &str, kind: &str| json!({"resourceType": "CapabilityStatement", "date": date, "kind": kind});
        assert_eq!(findings(statement("2026", "instance"), statement("2027", "instance")), [""; 0]);
        assert_eq!(findings(statement("2026", "instance"), statement("2026", "capability")), ["CapabilityStatement.kind"]);
        let number = |text: &str| serde_json::from_str::<Value>(&format!(r#"{{"resourceType": "Money", "value": {text}}}"#)).unwrap();
        assert_eq!(findings(number("1.50"), number("1.5")), ["Money.value"]);
        assert_eq!(findings(number("150"), number("1.5e2")), [""; 0]);
    }

    #[test]
    fn bundles_are_compared_by_their_entries() {
        let entry = |id: &str, mode: &str| json!({"search": {"mode": mode}, "resource": {"resourceType": "Patient", "id": id}});
        let bundle = |entries: Vec<Value>| json!({"resourceType": "Bundle", "type": "searchset", "entry": entries});
        let both = || bundle(vec![entry("1", "match"), entry("2", "match")]);
        assert_eq!(findings(both(), bundle(vec![entry("2", "match"), entry("1", "match"), entry("3", "outcome")])), [""; 0]);
        assert_eq!(findings(both(), bundle(vec![entry("1", "match")])), ["Bundle.entry"]);
        let mut page = bundle(vec![entry("1", "match")]);
        page["link"] = json!([{"relation": "next", "url": "x"}]);
        assert_eq!(findings(both(), page), [""; 0]);
        let outcome = |code: &str, text: &str| json!({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": code, "diagnostics": text}]});
        assert_eq!(findings(outcome("not-found", "a"), outcome("not-found", "b")), [""; 0]);
        assert_eq!(findings(outcome("not-found", "a"), outcome("deleted", "a")), ["OperationOutcome.issue"]);
    }
}
