//! CodeSystem → `CodeSystem`: concepts in one list, parents before children.

use std::collections::{BTreeMap, BTreeSet};

use super::{flag, items, text};
use crate::fhir::json::Value;
use crate::guide::terminology::{CodeSystem, Concept};

/// Properties that speak of a concept's history or place in other standards; no filter asks for them.
const HOUSEKEEPING: &[&str] = &[
    "status",
    "internalId",
    "deprecated",
    "deprecationDate",
    "retirementDate",
    "inactive",
    "effectiveDate",
    "comment",
    "synonymCode",
    "HL7usageNotes",
    "openIssue",
    "appliesTo",
    "howApplies",
    "v2-concComment",
    "v2-table-status",
    "v2-cs-uri",
];

pub fn compile(system: &Value) -> CodeSystem {
    let mut concepts = Vec::new();
    // The stack holds siblings still to come; depth is then the input's, not the call stack's.
    let mut stack: Vec<(Option<&str>, &[Value])> = vec![(None, items(system, "concept"))];
    while let Some((parent, siblings)) = stack.pop() {
        let Some((first, rest)) = siblings.split_first() else { continue };
        stack.push((parent, rest));
        if let Some(code) = first.get("code").and_then(Value::as_str) {
            concepts.push(concept(code, parent, first));
            stack.push((Some(code), items(first, "concept")));
        }
    }
    add_children(system, &mut concepts);
    CodeSystem {
        url: text(system, "url").unwrap_or_default(),
        version: text(system, "version"),
        content: text(system, "content").unwrap_or_default(),
        case_sensitive: system.get("caseSensitive").and_then(Value::as_bool),
        supplements: text(system, "supplements"),
        concepts,
    }
}

fn concept(code: &str, parent: Option<&str>, source: &Value) -> Concept {
    let mut concept = Concept {
        code: code.to_owned(),
        display: text(source, "display"),
        parents: parent.into_iter().map(str::to_owned).collect(),
        is_abstract: flag(source, "abstract"),
        properties: BTreeMap::new(),
    };
    for property in items(source, "property") {
        let Some(name) = property.get("code").and_then(Value::as_str) else { continue };
        let Some(value) = property
            .as_object()
            .and_then(|fields| fields.iter().find_map(|(field, value)| if field.starts_with("value") { scalar(value) } else { None }))
        else {
            continue;
        };
        match name {
            "parent" | "subsumedBy" => {
                if !concept.parents.contains(&value) {
                    concept.parents.push(value);
                }
            }
            "notSelectable" | "abstract" => concept.is_abstract |= value == "true",
            // Folded into the children's parents afterwards.
            "child" => {}
            name if HOUSEKEEPING.contains(&name) => {}
            name => concept.properties.entry(name.to_owned()).or_default().push(value),
        }
    }
    concept
}

fn add_children(system: &Value, concepts: &mut [Concept]) {
    let mut parents: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut stack = vec![items(system, "concept")];
    while let Some(siblings) = stack.pop() {
        for concept in siblings {
            stack.push(items(concept, "concept"));
            for property in items(concept, "property") {
                let is_child = property.get("code").and_then(Value::as_str) == Some("child");
                if let (true, Some(child), Some(parent)) = (is_child, text(property, "valueCode"), text(concept, "code")) {
                    parents.entry(child).or_default().insert(parent);
                }
            }
        }
    }
    for concept in concepts {
        for parent in parents.remove(&concept.code).unwrap_or_default() {
            if !concept.parents.contains(&parent) {
                concept.parents.push(parent);
            }
        }
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(coding) => coding.get("code")?.as_str().map(str::to_owned),
        Value::Null | Value::Array(_) => None,
    }
}
