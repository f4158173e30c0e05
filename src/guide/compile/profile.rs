//! StructureDefinition → `Profile`.

use std::collections::HashMap;

use super::{flag, items, text, texts};
use crate::fhir::json::Value;
use crate::guide::profile::{Binding, Constraint, Discriminator, Element, ElementType, ExtensionContext, Profile, Slicing, TypedValue};

const FHIR_TYPE: &str = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type";
const REGEX: &str = "http://hl7.org/fhir/StructureDefinition/regex";

/// The snapshot's constraints, each once.
#[derive(Default)]
struct Constraints {
    table: Vec<Constraint>,
    numbers: HashMap<Constraint, u16>,
}

pub fn compile(definition: &Value) -> Result<Profile, String> {
    let mut constraints = Constraints::default();
    let part = |name: &str| definition.get(name).map(|part| items(part, "element")).unwrap_or_default();
    let is_differential = part("snapshot").is_empty();
    let source = if is_differential { part("differential") } else { part("snapshot") };
    let elements = source.iter().map(|element| compile_element(element, &mut constraints)).collect::<Result<Vec<_>, _>>()?;
    let elements = if is_differential { super::differential::complete(elements) } else { elements };
    let profile = Profile {
        url: text(definition, "url").unwrap_or_default(),
        version: text(definition, "version"),
        name: text(definition, "name").unwrap_or_default(),
        type_name: text(definition, "type").unwrap_or_default(),
        kind: text(definition, "kind").unwrap_or_default(),
        derivation: text(definition, "derivation"),
        is_abstract: flag(definition, "abstract"),
        base: text(definition, "baseDefinition"),
        context: items(definition, "context").iter().filter_map(context).collect(),
        constraints: constraints.table,
        is_differential: is_differential && !elements.is_empty(),
        elements,
    };
    Ok(profile.compact())
}

fn compile_element(element: &Value, constraints: &mut Constraints) -> Result<Element, String> {
    let path = text(element, "path").unwrap_or_default();
    Ok(Element {
        id: text(element, "id").unwrap_or_else(|| path.clone()),
        slice_name: text(element, "sliceName"),
        min: element.get("min").and_then(Value::as_u64).and_then(|min| u32::try_from(min).ok()).unwrap_or_default(),
        max: element.get("max").and_then(Value::as_str).and_then(|max| max.parse().ok()),
        types: items(element, "type").iter().map(element_type).collect(),
        fixed: typed(element, "fixed"),
        pattern: typed(element, "pattern"),
        min_value: typed(element, "minValue"),
        max_value: typed(element, "maxValue"),
        binding: element.get("binding").and_then(binding),
        must_support: flag(element, "mustSupport"),
        is_modifier: flag(element, "isModifier"),
        is_summary: flag(element, "isSummary"),
        slicing: element.get("slicing").map(slicing),
        content_reference: text(element, "contentReference"),
        max_length: element.get("maxLength").and_then(Value::as_u64),
        representation: texts(element, "representation"),
        constraints: items(element, "constraint").iter().map(|constraint| constraints.number(constraint)).collect::<Result<_, _>>()?,
        path,
    })
}

impl Constraints {
    fn number(&mut self, constraint: &Value) -> Result<u16, String> {
        let constraint = Constraint {
            key: text(constraint, "key").unwrap_or_default(),
            severity: text(constraint, "severity").unwrap_or_default(),
            expression: text(constraint, "expression"),
        };
        if let Some(number) = self.numbers.get(&constraint) {
            return Ok(*number);
        }
        let number = u16::try_from(self.table.len()).map_err(|_| "has more than 65,536 different constraints".to_owned())?;
        self.table.push(constraint.clone());
        self.numbers.insert(constraint, number);
        Ok(number)
    }
}

fn element_type(element_type: &Value) -> ElementType {
    let code = text(element_type, "code").unwrap_or_default();
    ElementType {
        code: extension(element_type, FHIR_TYPE).or_else(|| extension(element_type.get("_code")?, FHIR_TYPE)).unwrap_or(code),
        profile: texts(element_type, "profile"),
        target_profile: texts(element_type, "targetProfile"),
        regex: extension(element_type, REGEX),
    }
}

fn extension(owner: &Value, url: &str) -> Option<String> {
    let extension = items(owner, "extension").iter().find(|extension| extension.get("url").and_then(Value::as_str) == Some(url))?;
    ["valueUrl", "valueUri", "valueString"].iter().find_map(|field| text(extension, field))
}

fn typed(element: &Value, prefix: &str) -> Option<TypedValue> {
    element.as_object()?.iter().find_map(|(field, value)| {
        let type_name = field.strip_prefix(prefix)?;
        let is_type = type_name.starts_with(|letter: char| letter.is_ascii_uppercase());
        is_type.then(|| TypedValue { type_name: type_name.to_owned(), value: value.clone() })
    })
}

fn binding(binding: &Value) -> Option<Binding> {
    Some(Binding { strength: text(binding, "strength")?, value_set: text(binding, "valueSet") })
}

fn slicing(slicing: &Value) -> Slicing {
    Slicing {
        discriminators: items(slicing, "discriminator")
            .iter()
            .filter_map(|discriminator| Some(Discriminator { kind: text(discriminator, "type")?, path: text(discriminator, "path")? }))
            .collect(),
        rules: text(slicing, "rules").unwrap_or_default(),
        ordered: flag(slicing, "ordered"),
    }
}

fn context(context: &Value) -> Option<ExtensionContext> {
    Some(ExtensionContext { kind: text(context, "type")?, expression: text(context, "expression")? })
}
