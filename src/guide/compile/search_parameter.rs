//! SearchParameter → `SearchParameter`.

use super::{items, text, texts};
use crate::fhir::capability::{Expectation, expectation};
use crate::fhir::json::Value;
use crate::guide::facts::{SearchComponent, SearchParameter};

/// The facts of a SearchParameter resource.
pub fn compile(parameter: &Value) -> SearchParameter {
    SearchParameter {
        url: text(parameter, "url").unwrap_or_default(),
        code: text(parameter, "code").unwrap_or_default(),
        base: texts(parameter, "base"),
        kind: text(parameter, "type").unwrap_or_default(),
        expression: text(parameter, "expression"),
        target: texts(parameter, "target"),
        comparator: texts(parameter, "comparator"),
        modifier: texts(parameter, "modifier"),
        chain: texts(parameter, "chain"),
        optional: optional(parameter),
        component: items(parameter, "component")
            .iter()
            .filter_map(|component| {
                Some(SearchComponent { definition: text(component, "definition")?, expression: text(component, "expression")? })
            })
            .collect(),
    }
}

/// What is permitted and not expected, by the extension `capabilitystatement-expectation` on each value.
fn optional(parameter: &Value) -> Vec<String> {
    let is_may = |value: &Value| expectation(value) == Some(Expectation::May);
    let listed = ["comparator", "modifier", "chain"].into_iter().flat_map(|field| {
        let codes = items(parameter, field).iter().zip(items(parameter, &format!("_{field}")));
        codes.filter(|(_, sibling)| is_may(sibling)).filter_map(|(code, _)| code.as_str().map(str::to_owned))
    });
    let multiple = ["multipleOr", "multipleAnd"].into_iter().filter(|field| {
        let is_false = parameter.get(*field).and_then(Value::as_bool) == Some(false);
        is_false || parameter.get(format!("_{field}")).is_some_and(is_may)
    });
    listed.chain(multiple.map(str::to_owned)).collect()
}
