//! Type names: the built-in data types of R4, the suffixes of choice elements, and the tests `is`, `as` and `ofType`.

use super::{Environment, EvaluationError, Item, Node, ast::TypeName};
use crate::fhir::json::{Map, Value};

const PRIMITIVES: [&str; 20] = [
    "base64Binary",
    "boolean",
    "canonical",
    "code",
    "date",
    "dateTime",
    "decimal",
    "id",
    "instant",
    "integer",
    "markdown",
    "oid",
    "positiveInt",
    "string",
    "time",
    "unsignedInt",
    "uri",
    "url",
    "uuid",
    "xhtml",
];

const STRUCTURES: [&str; 43] = [
    "Address",
    "Age",
    "Annotation",
    "Attachment",
    "BackboneElement",
    "CodeableConcept",
    "Coding",
    "ContactDetail",
    "ContactPoint",
    "Contributor",
    "Count",
    "DataRequirement",
    "Distance",
    "Dosage",
    "Duration",
    "Element",
    "ElementDefinition",
    "Expression",
    "Extension",
    "HumanName",
    "Identifier",
    "MarketingStatus",
    "Meta",
    "Money",
    "MoneyQuantity",
    "Narrative",
    "ParameterDefinition",
    "Period",
    "Population",
    "ProdCharacteristic",
    "ProductShelfLife",
    "Quantity",
    "Range",
    "Ratio",
    "Reference",
    "RelatedArtifact",
    "SampledData",
    "Signature",
    "SimpleQuantity",
    "SubstanceAmount",
    "Timing",
    "TriggerDefinition",
    "UsageContext",
];

const SYSTEM: [&str; 9] = ["Any", "Boolean", "Integer", "Decimal", "String", "Date", "DateTime", "Time", "Quantity"];

pub fn resource_type(value: &Value) -> Option<&str> {
    value.get("resourceType")?.as_str()
}

pub fn is_primitive(name: &str) -> bool {
    PRIMITIVES.contains(&name)
}

/// The type that a choice suffix (`DateTime`, `Quantity`) stands for.
pub fn of_suffix(suffix: &str) -> Option<&'static str> {
    STRUCTURES.iter().copied().find(|name| *name == suffix).or_else(|| {
        let mut signs = suffix.chars();
        let first = signs.next().filter(char::is_ascii_uppercase)?;
        PRIMITIVES.iter().copied().find(|name| name.starts_with(first.to_ascii_lowercase()) && name.get(1..) == Some(signs.as_str()))
    })
}

/// The type that a full choice name (`servicedDate`) suggests, by its longest suffix that is one.
pub fn of_choice_name(name: &str) -> Option<&'static str> {
    name.char_indices().skip(1).filter(|(_, sign)| sign.is_ascii_uppercase()).find_map(|(at, _)| of_suffix(name.get(at..)?))
}

/// The reported name: inline structures are `BackboneElement`, untyped scalars go by their JSON shape.
pub fn name_of<'a>(node: &Node<'a>) -> Option<&'a str> {
    match node.type_name {
        Some(name) if name.contains('.') => Some("BackboneElement"),
        Some(name) => Some(name),
        None => match node.value? {
            Value::Bool(_) => Some("boolean"),
            Value::String(_) => Some("string"),
            Value::Number(number) if number.as_str().parse::<i64>().is_ok() => Some("integer"),
            Value::Number(_) => Some("decimal"),
            _ => None,
        },
    }
}

pub fn is_quantity(type_name: Option<&str>, fields: &Map) -> bool {
    match type_name {
        Some(name) => matches!(name, "Quantity" | "SimpleQuantity" | "MoneyQuantity" | "Age" | "Count" | "Distance" | "Duration"),
        None => fields.contains_key("value") && (fields.contains_key("code") || fields.contains_key("unit")),
    }
}

/// All that `built_in_parent` answers.
const PARENTS: [&str; 7] = ["DomainResource", "Element", "Quantity", "Resource", "integer", "string", "uri"];

fn built_in_parent(name: &str) -> Option<&'static str> {
    Some(match name {
        "code" | "id" | "markdown" => "string",
        "canonical" | "oid" | "url" | "uuid" => "uri",
        "positiveInt" | "unsignedInt" => "integer",
        "Age" | "Count" | "Distance" | "Duration" | "MoneyQuantity" | "SimpleQuantity" => "Quantity",
        "Element" => return None,
        _ if is_primitive(name) || STRUCTURES.contains(&name) => "Element",
        "Bundle" | "Binary" | "Parameters" | "DomainResource" => "Resource",
        "Resource" => return None,
        _ => "DomainResource",
    })
}

/// Whether `name` is `of` or below it.
pub fn is_subtype(environment: &Environment<'_>, name: &str, of: &str) -> bool {
    if name == of || environment.model.is_some_and(|model| model.is_subtype(name, of)) {
        return true;
    }
    if name.contains('.') {
        return matches!(of, "BackboneElement" | "Element");
    }
    if !PARENTS.contains(&of) {
        return false;
    }
    let mut current = name;
    while let Some(parent) = built_in_parent(current) {
        if parent == of {
            return true;
        }
        current = parent;
    }
    false
}

/// Refuses names of types that do not exist, as far as a strict environment can tell.
pub fn check(environment: &Environment<'_>, wanted: &TypeName) -> Result<(), EvaluationError> {
    let name = wanted.name.as_str();
    let known = is_primitive(name) || STRUCTURES.contains(&name) || SYSTEM.contains(&name);
    match environment.model {
        Some(model) if environment.strict && !known && !model.is_type(name) => Err(EvaluationError::UnknownType(name.to_owned())),
        _ => Ok(()),
    }
}

/// Whether an item is of a type; `exact` asks for the very type of a primitive, as `as` and `ofType` do.
pub fn matches(environment: &Environment<'_>, item: &Item<'_>, wanted: &TypeName, exact: bool) -> bool {
    let namespace = wanted.namespace.as_deref();
    match item {
        Item::Node(node) => {
            let Some(name) = node.type_name.or_else(|| name_of(node)) else { return false };
            if namespace.is_some_and(|namespace| namespace != "FHIR") {
                return false;
            }
            if exact && is_primitive(name) { name == wanted.name } else { is_subtype(environment, name, &wanted.name) }
        }
        _ => namespace.is_none_or(|namespace| namespace == "System") && item.type_name() == Some(wanted.name.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_else_is_a_parent() {
        for name in PRIMITIVES.iter().chain(&STRUCTURES).chain(&["Bundle", "DomainResource", "Patient", "Resource"]) {
            assert!(built_in_parent(name).is_none_or(|parent| PARENTS.contains(&parent)), "{name}");
        }
        let environment = Environment::default();
        for (name, of, is) in [
            ("Patient", "Resource", true),
            ("Patient", "Person", false),
            ("id", "Element", true),
            ("Age", "Quantity", true),
            ("Quantity", "Age", false),
            ("Patient.contact", "BackboneElement", true),
            ("Patient", "Patient", true),
        ] {
            assert_eq!(is_subtype(&environment, name, of), is, "{name} of {of}");
        }
    }
}
