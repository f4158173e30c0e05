//! CompartmentDefinition → `Compartment`.

use super::{items, text, texts};
use crate::fhir::json::Value;
use crate::guide::facts::Compartment;

pub fn compile(definition: &Value) -> Compartment {
    let member = |resource: &Value| {
        let params = texts(resource, "param");
        Some((text(resource, "code")?, params)).filter(|(_, params)| !params.is_empty())
    };
    Compartment {
        url: text(definition, "url").unwrap_or_default(),
        code: text(definition, "code").unwrap_or_default(),
        params: items(definition, "resource").iter().filter_map(member).collect(),
    }
}
