//! The items of a collection: JSON nodes with their FHIR type, or values of the System types.

use std::borrow::Cow;

use super::{
    decimal::Decimal,
    quantity::Quantity,
    temporal::{Kind, Temporal},
    types,
};
use crate::fhir::json::Value;

/// A borrowed element: its JSON value, the sibling `_element` of a primitive, and its type when known.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    pub value: Option<&'a Value>,
    pub companion: Option<&'a Value>,
    /// A type name, or an element path for an inline structure.
    pub type_name: Option<&'a str>,
}

impl<'a> Node<'a> {
    /// A resource, typed by its `resourceType`.
    pub fn resource(value: &'a Value) -> Self {
        Self { value: Some(value), companion: None, type_name: types::resource_type(value) }
    }

    /// An element of a known type.
    pub fn typed(value: &'a Value, type_name: &'a str) -> Self {
        Self { value: Some(value), companion: None, type_name: Some(type_name) }
    }

    /// The property of an object, the primitive's sibling included.
    pub fn field(&self, name: &str) -> Option<&'a Value> {
        self.value.or(self.companion)?.get(name)
    }

    /// The scalar in JSON, unless absent.
    pub fn scalar(&self) -> Option<&'a Value> {
        self.value.filter(|value| !matches!(value, Value::Object(_) | Value::Array(_) | Value::Null))
    }
}

/// One item. Values of System types come from literals and functions; everything in the data is a `Node`.
#[derive(Clone, Debug)]
pub enum Item<'a> {
    Node(Node<'a>),
    Boolean(bool),
    Integer(i64),
    Decimal(Decimal),
    String(Cow<'a, str>),
    Temporal(Temporal),
    Quantity(Quantity<'a>),
    /// The answer of `type()`.
    Type {
        namespace: &'static str,
        name: Cow<'a, str>,
    },
}

impl<'a> Item<'a> {
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::String(text.into())
    }

    /// The JSON behind a node.
    pub fn json(&self) -> Option<&'a Value> {
        match self {
            Self::Node(node) => node.value,
            _ => None,
        }
    }

    /// The node, when the item comes from the data.
    pub fn node(&self) -> Option<Node<'a>> {
        match self {
            Self::Node(node) => Some(*node),
            _ => None,
        }
    }

    /// The FHIR or System type name, when known; an inline structure is a `BackboneElement`.
    pub fn type_name(&self) -> Option<&str> {
        Some(match self {
            Self::Node(node) => types::name_of(node)?,
            Self::Boolean(_) => "Boolean",
            Self::Integer(_) => "Integer",
            Self::Decimal(_) => "Decimal",
            Self::String(_) => "String",
            Self::Temporal(temporal) => match temporal.kind {
                Kind::Date => "Date",
                Kind::DateTime => "DateTime",
                Kind::Time => "Time",
            },
            Self::Quantity(_) => "Quantity",
            Self::Type { .. } => "TypeInfo",
        })
    }

    /// The System value: a FHIR primitive or Quantity becomes its System counterpart. `None` for other structures and absent values.
    pub fn system(&self) -> Option<Item<'a>> {
        match self {
            Self::Node(node) => system_value(node),
            other => Some(other.clone()),
        }
    }

    /// The text of a string-like item.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            Self::Node(node) => node.value?.as_str(),
            _ => None,
        }
    }

    /// A short description for messages.
    pub fn describe(&self) -> String {
        self.type_name().unwrap_or("an untyped element").to_owned()
    }
}

fn system_value<'a>(node: &Node<'a>) -> Option<Item<'a>> {
    match node.value? {
        Value::Bool(truth) => Some(Item::Boolean(*truth)),
        Value::Number(number) => {
            let text = number.as_str();
            match text.parse::<i64>() {
                Ok(integer) if node.type_name != Some("decimal") => Some(Item::Integer(integer)),
                _ => Decimal::parse(text).map(Item::Decimal),
            }
        }
        Value::String(text) => {
            let temporal = match node.type_name {
                Some("date") => Temporal::parse_date(text),
                Some("dateTime" | "instant") => Temporal::parse_date_time(text),
                Some("time") => Temporal::parse_time(text),
                _ => None,
            };
            Some(temporal.map_or(Item::String(Cow::Borrowed(text)), Item::Temporal))
        }
        Value::Object(fields) if types::is_quantity(node.type_name, fields) => {
            let value = fields.get("value").and_then(Value::as_number).and_then(|number| Decimal::parse(number.as_str()))?;
            let unit = fields.get("code").or_else(|| fields.get("unit")).and_then(Value::as_str).unwrap_or("1");
            Some(Item::Quantity(Quantity::new(value, unit)))
        }
        _ => None,
    }
}
