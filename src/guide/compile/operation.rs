//! OperationDefinition → `Operation`.

use super::{flag, items, text, texts};
use crate::fhir::json::Value;
use crate::guide::facts::{Operation, OperationParameter};

pub fn compile(definition: &Value) -> Operation {
    let parameters = |wanted: &str| {
        let of_use = items(definition, "parameter").iter().filter(|parameter| text(parameter, "use").as_deref() == Some(wanted));
        of_use.filter_map(parameter).collect()
    };
    Operation {
        url: text(definition, "url").unwrap_or_default(),
        code: text(definition, "code").unwrap_or_default(),
        resource: texts(definition, "resource"),
        system: flag(definition, "system"),
        of_type: flag(definition, "type"),
        instance: flag(definition, "instance"),
        affects_state: definition.get("affectsState").and_then(Value::as_bool),
        input: parameters("in"),
        output: parameters("out"),
    }
}

fn parameter(parameter: &Value) -> Option<OperationParameter> {
    let required = parameter.get("min").and_then(Value::as_u64).is_some_and(|min| min > 0);
    Some(OperationParameter { name: text(parameter, "name")?, kind: text(parameter, "type"), required })
}
