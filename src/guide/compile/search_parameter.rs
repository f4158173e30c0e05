//! SearchParameter → `SearchParameter`.

use serde_json::Value;

use super::{items, text, texts};
use crate::guide::facts::{SearchComponent, SearchParameter};

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
        component: items(parameter, "component")
            .iter()
            .filter_map(|component| {
                Some(SearchComponent { definition: text(component, "definition")?, expression: text(component, "expression")? })
            })
            .collect(),
    }
}
