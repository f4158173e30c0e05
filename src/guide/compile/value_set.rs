//! ValueSet → `ValueSetRules`.

use std::collections::BTreeMap;

use super::{flag, items, text, texts};
use crate::fhir::json::Value;
use crate::guide::terminology::{Filter, Rule, ValueSetRules};

pub fn compile(value_set: &Value) -> ValueSetRules {
    let compose = value_set.get("compose");
    let rules = |field: &str| compose.map(|compose| items(compose, field).iter().map(rule).collect()).unwrap_or_default();
    ValueSetRules {
        url: text(value_set, "url").unwrap_or_default(),
        version: text(value_set, "version"),
        include: rules("include"),
        exclude: rules("exclude"),
        expansion: value_set.get("expansion").map(expansion).unwrap_or_default(),
    }
}

fn rule(rule: &Value) -> Rule {
    Rule {
        system: text(rule, "system"),
        version: text(rule, "version"),
        codes: items(rule, "concept").iter().filter_map(|concept| text(concept, "code")).collect(),
        filters: items(rule, "filter").iter().filter_map(filter).collect(),
        value_sets: texts(rule, "valueSet"),
    }
}

fn filter(filter: &Value) -> Option<Filter> {
    Some(Filter { property: text(filter, "property")?, op: text(filter, "op")?, value: text(filter, "value").unwrap_or_default() })
}

/// The codes of an expansion that holds all members and was made without parameters that change them.
fn expansion(expansion: &Value) -> BTreeMap<String, Vec<String>> {
    let mut codes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut count = 0_u64;
    let mut stack = vec![items(expansion, "contains")];
    while let Some(contains) = stack.pop() {
        for entry in contains {
            stack.push(items(entry, "contains"));
            count += 1;
            if let (Some(system), Some(code), false) = (text(entry, "system"), text(entry, "code"), flag(entry, "abstract")) {
                codes.entry(system).or_default().push(code);
            }
        }
    }
    let whole = expansion.get("total").and_then(Value::as_u64) == Some(count) && expansion.get("offset").is_none_or(|offset| offset == 0);
    let narrowed = items(expansion, "parameter").iter().any(|parameter| {
        let name = parameter.get("name").and_then(Value::as_str).unwrap_or_default();
        ["filter", "limitedExpansion", "activeOnly", "count", "excludeNotForUI"].contains(&name)
    });
    let mut codes = if whole && !narrowed { codes } else { BTreeMap::new() };
    for codes in codes.values_mut() {
        codes.sort_unstable();
        codes.dedup();
    }
    codes
}
