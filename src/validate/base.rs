//! The walk over everything in a resource, against the definitions of R4 (R4 json.html, datatypes.html).

use super::occurrence::{self, Occurrence};
use super::schema::{Node, Schema, Shape, Type};
use super::walk::{Frame, Walk, Wrong, show};
use super::{Path, Severity};
use crate::fhir::fhirpath;
use crate::fhir::json::{Map, Value};
use crate::fhir::resource;

/// The element that the walk is in.
#[derive(Clone, Copy)]
pub struct Here<'a> {
    /// The type that defines it.
    pub schema: &'a Schema,
    /// The element in it.
    pub number: usize,
    /// Path by which the element itself is known, such as `Patient.birthDate` for its date.
    pub owner: &'a str,
    /// Name of the type of the element.
    pub type_name: &'a str,
}

impl<'a> Walk<'a> {
    /// A resource, whole.
    pub fn resource(&mut self, value: &'a Value, path: &Path<'_>, frame: &Frame<'a>) {
        let Value::Object(fields) = value else {
            return self.error(
                path,
                "shape.object",
                "a resource",
                show(value),
                "put a resource here, as a JSON object with a resourceType",
            );
        };
        let Some(name) = resource::type_of(value) else {
            return self.error(path, "shape.resource-type", "a resourceType", "none", "say what the resource is by its resourceType");
        };
        match self.library.schema_named(name) {
            Some((_, schema)) if schema.is_resource && !schema.is_abstract => {
                let here = Here { schema, number: 0, owner: &schema.name, type_name: &schema.name };
                self.structure(fields, here, path, frame);
                self.root_invariants(value, schema, path, frame);
            }
            _ => self.error(
                path,
                "shape.resource-type",
                "a resource type of R4",
                format!("\"{name}\""),
                "use one of the resource types of R4",
            ),
        }
    }

    fn root_invariants(&mut self, value: &'a Value, schema: &'a Schema, path: &Path<'_>, frame: &Frame<'a>) {
        if let Some(root) = schema.node(0) {
            self.invariants(&root.invariants, fhirpath::Node::resource(value), frame, path);
        }
    }

    /// The properties of an object.
    pub fn structure(&mut self, fields: &'a Map, here: Here<'a>, path: &Path<'_>, frame: &Frame<'a>) {
        if fields.is_empty() {
            return self.error(path, "shape.empty", "at least one element", "{}", "leave the element out when it has no content");
        }
        for (key, value) in fields.iter() {
            self.property(fields, key, value, here, path, frame);
        }
        for number in here.schema.children(here.number) {
            let Some(node) = here.schema.node(number) else { continue };
            if node.min > 0 || node.is_choice {
                self.required(fields, here, number, path);
            }
        }
    }

    fn property(&mut self, fields: &'a Map, key: &'a str, value: &'a Value, here: Here<'a>, path: &Path<'_>, frame: &Frame<'a>) {
        let name = match key.strip_prefix('_') {
            Some(name) => name,
            None => key,
        };
        let Some((number, kind)) = here.schema.child(here.number, name) else {
            if !(key == "resourceType" && here.number == 0 && here.schema.is_resource) {
                self.unknown(key, here, path);
            }
            return;
        };
        let Some(node) = here.schema.node(number) else { return };
        let Some(kind) = node.types.get(kind) else { return };
        let is_primitive = matches!(kind.shape, Shape::Primitive(_));
        if key.starts_with('_') {
            match is_primitive {
                false => return self.unknown(key, here, path),
                // The sibling of a value is judged with it.
                true if fields.contains_key(name) => return,
                true => {}
            }
        }
        let (value, companion) = if key.starts_with('_') { (None, Some(value)) } else { (Some(value), None) };
        let companion = companion.or_else(|| if is_primitive { occurrence::companion(fields, name) } else { None });
        let child = path.child(&node.name);
        let element = Here { number, ..here };
        if node.is_list() {
            self.list(value, companion, kind, element, &child, frame);
        } else {
            self.single(value, companion, kind, element, &child, frame);
        }
    }

    fn unknown(&mut self, key: &str, here: Here<'a>, path: &Path<'_>) {
        let child = path.child(key);
        let message = format!("{} has no element {key}: correct its name, or move the data into an extension", here.type_name);
        self.error(&child, "shape.unknown-element", format!("an element of {}", here.type_name), format!("\"{key}\""), message);
    }

    fn single(
        &mut self,
        value: Option<&'a Value>,
        companion: Option<&'a Value>,
        kind: &'a Type,
        here: Here<'a>,
        path: &Path<'_>,
        frame: &Frame<'a>,
    ) {
        if let Some(Value::Array(items)) = value {
            self.error(
                path,
                "shape.array",
                "a single value",
                format!("an array of {} items", items.len()),
                "do not put this element in an array: it does not repeat",
            );
            for (index, item) in items.iter().enumerate() {
                self.item(Some(item), None, kind, here, &path.at(index), frame);
            }
            return;
        }
        if matches!(value, Some(Value::Null)) {
            return self.error(path, "shape.null", "a value", "null", "leave the element out when it has no value");
        }
        self.item(value, companion, kind, here, path, frame);
    }

    fn list(
        &mut self,
        value: Option<&'a Value>,
        companion: Option<&'a Value>,
        kind: &'a Type,
        here: Here<'a>,
        path: &Path<'_>,
        frame: &Frame<'a>,
    ) {
        let items = match value {
            None => &[],
            Some(Value::Array(items)) if items.is_empty() => {
                return self.error(path, "shape.empty", "at least one item", "[]", "leave the element out when it has no items");
            }
            Some(Value::Array(items)) => items.as_slice(),
            Some(Value::Null) => return self.error(path, "shape.null", "an array", "null", "leave the element out when it has no value"),
            Some(other) => {
                self.error(path, "shape.array", "an array", show(other), "put the value in an array: this element may repeat");
                return self.item(Some(other), companion, kind, here, path, frame);
            }
        };
        let companions = match companion {
            None => &[],
            Some(Value::Array(companions)) => companions.as_slice(),
            Some(other) => {
                return self.error(
                    path,
                    "shape.array",
                    "an array",
                    show(other),
                    "put the siblings of a repeating primitive in an array of the same length",
                );
            }
        };
        if !items.is_empty() && companions.len() > items.len() {
            let message = "give the array of values and the array of their siblings the same length";
            self.error(path, "shape.array", format!("{} items", items.len()), format!("{} siblings", companions.len()), message);
        }
        for index in 0..items.len().max(companions.len()) {
            let item = items.get(index).filter(|item| !matches!(item, Value::Null));
            let companion = companions.get(index).filter(|companion| !matches!(companion, Value::Null));
            let place = path.at(index);
            if item.is_none() && companion.is_none() {
                self.error(
                    &place,
                    "shape.null",
                    "a value or a sibling with an extension",
                    "null",
                    "leave out items that have neither value nor extension",
                );
            } else {
                self.item(item, companion, kind, here, &place, frame);
            }
        }
    }

    /// One occurrence of an element.
    fn item(
        &mut self,
        value: Option<&'a Value>,
        companion: Option<&'a Value>,
        kind: &'a Type,
        here: Here<'a>,
        path: &Path<'_>,
        frame: &Frame<'a>,
    ) {
        let Some(node) = here.schema.node(here.number) else { return };
        match kind.shape {
            Shape::Primitive(_) => self.primitive(value, companion, kind, node, path, frame),
            Shape::Resource => {
                if let Some(value) = value {
                    self.nested_resource(value, node, path, frame);
                }
            }
            Shape::Unknown => {}
            Shape::Inline => {
                let Some(fields) = self.object(value, path) else { return };
                let number = here.schema.holder(here.number);
                let type_name = here.schema.node(number).map_or("", |node| &*node.path);
                self.structure(fields, Here { number, owner: type_name, type_name, ..here }, path, frame);
                let occurrence = Occurrence { value, companion: None, type_name, index: None };
                self.element_rules(occurrence, node, kind, path, frame);
            }
            Shape::Structure(id) => {
                let Some(fields) = self.object(value, path) else { return };
                let Some(schema) = self.library.schema(id) else { return };
                let inside = Here { schema, number: 0, owner: &node.path, type_name: &schema.name };
                match value {
                    Some(value) if node.is_extension() => self.extension(value, inside, here, node, path, frame),
                    _ => self.structure(fields, inside, path, frame),
                }
                if let Some(root) = schema.node(0) {
                    let focus = Occurrence { value, companion: None, type_name: &schema.name, index: None };
                    self.invariants(&root.invariants, focus.node(), frame, path);
                }
                self.special_type(fields, &schema.name, kind, path, frame);
                let occurrence = Occurrence { value, companion: None, type_name: &kind.code, index: None };
                self.element_rules(occurrence, node, kind, path, frame);
            }
        }
    }

    fn object(&mut self, value: Option<&'a Value>, path: &Path<'_>) -> Option<&'a Map> {
        match value? {
            Value::Object(fields) => Some(fields),
            other => {
                self.error(path, "shape.object", "an object", show(other), "write this element as a JSON object with its child elements");
                None
            }
        }
    }

    fn primitive(
        &mut self,
        value: Option<&'a Value>,
        companion: Option<&'a Value>,
        kind: &'a Type,
        node: &'a Node,
        path: &Path<'_>,
        frame: &Frame<'a>,
    ) {
        let Shape::Primitive(primitive) = kind.shape else { return };
        if let Some(companion) = companion {
            self.companion(companion, kind, node, path, frame);
        }
        let Some(value) = value else { return };
        match primitive.check(value) {
            Err(expected) => {
                let rule = if matches!(value, Value::String(text) if text.is_empty()) { "shape.empty" } else { primitive.rule() };
                let wrong = Wrong {
                    severity: if primitive.is_merely_blank(value) { Severity::Warning } else { Severity::Error },
                    rule: rule.into(),
                    expected: expected.to_owned(),
                    actual: show(value),
                    message: format!("write the value as a FHIR {}", kind.code),
                };
                return self.report(path, wrong);
            }
            Ok(()) if &*kind.code == "xhtml" => self.narrative(value, path),
            Ok(()) => {}
        }
        if let Some(limit) = node.max_length {
            self.length(limit, value, path);
        }
        let occurrence = Occurrence { value: Some(value), companion, type_name: &kind.code, index: None };
        self.element_rules(occurrence, node, kind, path, frame);
    }

    fn companion(&mut self, companion: &'a Value, kind: &'a Type, node: &'a Node, path: &Path<'_>, frame: &Frame<'a>) {
        let Some(fields) = self.object(Some(companion), path) else { return };
        let Some((_, schema)) = self.library.schema_named("Element") else { return };
        self.structure(fields, Here { schema, number: 0, owner: &node.path, type_name: &kind.code }, path, frame);
    }

    /// What an element's definition says besides the type of its value.
    fn element_rules(&mut self, occurrence: Occurrence<'a>, node: &'a Node, kind: &'a Type, path: &Path<'_>, frame: &Frame<'a>) {
        if !node.is_extension() {
            self.invariants(&node.invariants, occurrence.node(), frame, path);
        }
        if let (Some(binding), Some(value)) = (&node.binding, occurrence.value) {
            self.bound(value, binding, path);
        }
        if !kind.targets.is_empty() {
            self.targets(occurrence, &kind.targets, path, frame);
        }
        if !kind.profiles.is_empty() && !node.is_extension() {
            self.value_profiles(occurrence, &kind.profiles, path, frame);
        }
    }

    fn required(&mut self, fields: &'a Map, here: Here<'a>, number: usize, path: &Path<'_>) {
        let Some(node) = here.schema.node(number) else { return };
        if !node.is_choice && (fields.contains_key(&node.name) || occurrence::companion(fields, &node.name).is_some()) {
            return;
        }
        let found = if node.is_choice { occurrence::of(fields, here.schema, number).len() } else { 0 };
        let child = path.child(&node.name);
        if found < node.min as usize {
            let message = format!("add {}: R4 requires it", node.path);
            self.error(&child, "cardinality.min", format!("at least {}", node.min), found.to_string(), message);
        } else if node.is_choice && found > 1 && node.max == Some(1) {
            self.error(&child, "type.choice", "one type of the choice", format!("{found} of them"), "keep one of the types of this choice");
        }
    }
}
