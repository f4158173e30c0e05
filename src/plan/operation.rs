//! How a declared operation is called without changing anything: by its definition, with values from the harvest.

use std::sync::Arc;

use crate::guide::Catalogue;
use crate::guide::facts::{Operation, OperationParameter};

/// R4's own definitions do not say whether an operation changes anything. These do not, by what they are for, and each can be called by
/// what its definition requires alone, or by the inputs below.
const READ_ONLY: [&str; 9] =
    ["data-requirements", "docref", "document", "everything", "expand", "lookup", "meta", "validate-code", "versions"];
/// Inputs that the harvest can fill: the member.
const FILLED: [&str; 2] = ["patient", "subject"];

/// By type and code, the inputs of operations that require none by itself, but some of several, as names and placeholders.
const INPUTS: [(&str, &str, Inputs); 4] = [
    ("CodeSystem", "lookup", &[("system", "{coding.system}"), ("code", "{coding.code}")]),
    ("CodeSystem", "validate-code", &[("url", "{coding.system}"), ("code", "{coding.code}")]),
    ("ValueSet", "expand", &[("url", "{value-set}")]),
    ("ValueSet", "validate-code", &[("url", "{value-set}"), ("system", "{value-set.system}"), ("code", "{value-set.code}")]),
];

/// Names of inputs with the placeholders that stand for their values.
type Inputs = &'static [(&'static str, &'static str)];

/// What an operation of a type is asked about, beside what its definition requires.
pub fn inputs(resource_type: &str, code: &str) -> Option<Inputs> {
    INPUTS.iter().find(|(of, operation, _)| (*of, *operation) == (resource_type, code)).map(|(_, _, inputs)| *inputs)
}

/// The definition of a declared operation, and the path that it is called by with a GET.
///
/// # Errors
/// Why it is not called.
pub fn call(catalogue: &Catalogue, resource_type: Option<&str>, name: &str, definition: &str) -> Result<(Arc<Operation>, String), String> {
    let known = catalogue.operation(definition);
    let operation = known.ok_or_else(|| match definition {
        "" => format!("the declaration names no definition of ${name}"),
        url => format!("no loaded guide holds the definition of ${name}, {url}"),
    })?;
    match operation.affects_state {
        Some(true) => return Err("by its definition it changes what the server holds".to_owned()),
        None if !READ_ONLY.contains(&operation.code.as_str()) => {
            return Err("its definition does not say that it changes nothing".to_owned());
        }
        Some(false) | None => {}
    }
    let unfilled = operation.input.iter().find(|input| input.required && !FILLED.contains(&input.name.as_str()));
    if let Some(OperationParameter { name, .. }) = unfilled {
        return Err(format!("its input {name} cannot be taken from what is harvested"));
    }
    let code = &operation.code;
    let asks = resource_type.is_some_and(|resource_type| inputs(resource_type, code).is_some());
    let path = match resource_type {
        Some(_) if operation.of_type && asks => format!("{{type}}/${code}"),
        Some(_) if operation.instance => format!("{{type}}/{{sample.id}}/${code}"),
        Some(_) if operation.of_type => format!("{{type}}/${code}"),
        None if operation.system => format!("${code}"),
        _ => return Err("its definition does not offer it where the server declares it".to_owned()),
    };
    let path = path.replace("{type}", resource_type.unwrap_or_default());
    Ok((operation, path))
}
